package object

import (
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
)

// processorFeatures is the dynamic linker's variable that the math library's resolvers look at. Zeros say that the processor has
// nothing beyond the baseline.
const processorFeatures = "_rtld_global_ro"

// mathPaths are where distributions keep the math library of glibc for x86-64.
var mathPaths = []string{"/lib/x86_64-linux-gnu/libm.so.6", "/lib64/libm.so.6", "/usr/lib/libm.so.6", "/usr/lib64/libm.so.6"}

// addMath adds the system's math library if the object imports any of its functions. Where there is none they stay imports.
func (o *Object) addMath() error {
	im := o.images[0]
	i := slices.IndexFunc(mathPaths, func(path string) bool { _, err := os.Stat(path); return err == nil })
	if i < 0 || filepath.Base(im.path) == filepath.Base(mathPaths[i]) {
		return nil
	}
	uses := slices.ContainsFunc(im.dynamic, func(s elf.Symbol) bool { return s.Section == elf.SHN_UNDEF && s.Library == "libm.so.6" })
	if !uses {
		return nil
	}
	m, err := open(mathPaths[i])
	if err != nil {
		return err
	}
	o.images = append(o.images, m)
	return nil
}
