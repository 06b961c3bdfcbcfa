package peer

import (
	"errors"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
)

// installed opens the library that the dynamic linker finds, or skips.
func installed(t *testing.T, name string) *Library {
	t.Helper()
	list, err := Open(program(t), []Spec{{Name: name}}, 1)
	if missing := (*MissingError)(nil); errors.As(err, &missing) {
		testkit.SkipUnsupported(t, testkit.MissingTool(name+" ("+missing.Spec.kind().debian+")"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// The real libraries, called by their real interfaces, compute what the reference does, at shapes that are not symmetric in any
// way: a wrong order of arguments would show.
func TestInstalledLibraries(t *testing.T) {
	for _, c := range []struct {
		name, version string
		dtypes        []kernels.DType
	}{
		{"openblas", "OpenBLAS ", []kernels.DType{kernels.F32, kernels.F64}},
		{"blis", ".", []kernels.DType{kernels.F32, kernels.F64}},
		{"onednn", ".", []kernels.DType{kernels.F32, kernels.BF16, kernels.INT8}},
		{"onednn-packed", ".", []kernels.DType{kernels.F32, kernels.BF16, kernels.INT8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := installed(t, c.name)
			if !strings.Contains(l.Version, c.version) || !strings.HasPrefix(l.File, "/") {
				t.Errorf("version %q of %q", l.Version, l.File)
			}
			for _, d := range c.dtypes {
				for _, size := range []string{"67x129x43", "1x70x33", "70x1x33"} {
					for _, w := range l.kind.ways(sized(t, d, size), "") {
						if len(w.Environment) > 0 {
							continue // kernels of other processors may crash
						}
						in, err := l.open(w, sized(t, d, size))
						if err != nil {
							if strings.Contains(err.Error(), "unimplemented") || strings.Contains(err.Error(), "does not export") {
								t.Logf("%s %s %s: %v", w, d, size, err)
								continue
							}
							t.Errorf("%s %s %s: %v", w, d, size, err)
							continue
						}
						v, err := in.Verify()
						if err != nil || !(v.MaxError <= v.Tolerance) {
							t.Errorf("%s %s %s: %+v, %v", w, d, size, v, err)
						}
						if b, err := in.Time(3); err != nil || b.Took <= 0 {
							t.Errorf("%s %s %s: %+v, %v", w, d, size, b, err)
						}
						if in.opened.Kernel == "" {
							t.Errorf("%s %s: the kernel is not known", w, d)
						}
						in.Close()
					}
				}
			}
		})
	}
}
