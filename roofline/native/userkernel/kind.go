package userkernel

import (
	"debug/elf"
	"fmt"
	"unsafe"

	"github.com/roofline-go/roofline/roofline/native"
)

// checkKind says when a symbol of the object at path is data and a function is wanted, or code and a struct is: to call the one or to
// read the other would crash. What the object's own table does not tell is not refused.
func checkKind(path, name string, s native.Signature) error {
	f, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	symbols, _ := f.DynamicSymbols()
	for _, y := range symbols {
		if y.Name != name || y.Section == elf.SHN_UNDEF {
			continue
		}
		switch kind := elf.ST_TYPE(y.Info); {
		case (kind == elf.STT_FUNC || kind == elf.STT_GNU_IFUNC) && s.Form == native.Struct:
			return fmt.Errorf("find function: %s is a function, and --as %s takes a variable (%s)", name, s.Name, native.Declare(s, name))
		case (kind == elf.STT_OBJECT || kind == elf.STT_TLS) && s.Form != native.Struct:
			cure := native.Declare(s, name)
			if y.Size == uint64(unsafe.Sizeof(customStruct{})) {
				cure += "; a struct roofline_kernel is called by --as struct:SHAPE"
			}
			return fmt.Errorf("find function: %s is a variable, not a function (%s)", name, cure)
		}
	}
	return nil
}
