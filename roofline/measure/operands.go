package measure

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument"
)

// mostOperands is how many names there are at most.
const mostOperands = 12

// Operands are the arrays that an instance holds, by the names of its fields, and the buffers that it works in, by what they
// hold; what overlaps another is left out.
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
				if f := v.Type().Field(i); !f.Anonymous && !slices.Contains(contents, f.Name) {
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
	if b, ok := instance.(kernels.Buffered); ok {
		for _, s := range b.Buffers() {
			list = append(list, instrument.Array{Name: s.Name, Addr: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(s.Memory)))), Bytes: int64(len(s.Memory))})
		}
	}
	slices.SortStableFunc(list, func(a, b instrument.Array) int { return cmp.Compare(a.Addr, b.Addr) })
	end := uint64(0)
	list = slices.DeleteFunc(list, func(a instrument.Array) bool {
		if a.Addr < end {
			return true
		}
		end = a.Addr + uint64(a.Bytes)
		return false
	})
	names := map[string]bool{}
	return slices.DeleteFunc(list, func(a instrument.Array) bool {
		if !names[a.Name] && len(names) == mostOperands {
			return true
		}
		names[a.Name] = true
		return false
	})
}

// contents are the fields that are what holds them: the data of b is b. A matrix has its elements in one, an operand of
// attention in the one of their type, with a factor for each row.
var contents = []string{"data", "f32", "bf16", "int8", "scale"}
