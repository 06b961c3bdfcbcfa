package measure

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument"
)

// mostOperands is how many arrays of an instance are told apart.
const mostOperands = 12

// Operands are the arrays that an instance holds, by the names of its fields; what overlaps another is left out. Memory
// that only its functions know, as for packing, is not among them.
func Operands(instance kernels.Instance) (list []instrument.Array) {
	if known, ok := instance.(interface{ Arrays() []instrument.Array }); ok {
		return known.Arrays()
	}
	var walk func(v reflect.Value, name string, depth int)
	walk = func(v reflect.Value, name string, depth int) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() && depth > 0 {
				walk(v.Elem(), name, depth-1)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				field := name
				if f := v.Type().Field(i); !f.Anonymous && f.Name != "data" { // the data of b is b
					field = f.Name
				}
				walk(v.Field(i), field, depth-1)
			}
		case reflect.Slice:
			if kind := v.Type().Elem().Kind(); v.Len() > 0 && (kind >= reflect.Int && kind <= reflect.Uint64 || kind == reflect.Float32 || kind == reflect.Float64) {
				list = append(list, instrument.Array{Name: name, Addr: uint64(v.Pointer()), Bytes: int64(v.Len()) * int64(v.Type().Elem().Size())})
			}
		}
	}
	walk(reflect.ValueOf(instance), "", 4)
	slices.SortStableFunc(list, func(a, b instrument.Array) int { return cmp.Compare(a.Addr, b.Addr) })
	end := uint64(0)
	list = slices.DeleteFunc(list, func(a instrument.Array) bool {
		if a.Addr < end {
			return true
		}
		end = a.Addr + uint64(a.Bytes)
		return false
	})
	return list[:min(len(list), mostOperands)]
}
