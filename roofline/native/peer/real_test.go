package peer

import (
	"errors"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
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
		{"libxsmm", "", []kernels.DType{kernels.F32, kernels.F64}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := installed(t, c.name)
			if !strings.Contains(l.Version, c.version) || !strings.HasPrefix(l.File, "/") {
				t.Errorf("version %q of %q", l.Version, l.File)
			}
			for _, d := range c.dtypes {
				for _, size := range []string{"67x129x43", "1x70x33", "70x1x33"} {
					for _, w := range l.kind.ways(sized(t, "matmul", d, size), "") {
						if len(w.Environment) > 0 {
							continue // kernels of other processors may crash
						}
						in, err := l.open(w, sized(t, "matmul", d, size))
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

// What names a kernel reaches the library, which then says that it uses it.
func TestInstalledLibrariesUseTheNamedKernel(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	for _, c := range []struct{ library, kernel, want string }{{"openblas", "Haswell", "haswell"}, {"blis", "3", "haswell"}} {
		l := installed(t, c.library)
		in, err := l.open(l.kind.ways(sized(t, "matmul", kernels.F64, "64x64x64"), c.kernel)[0], sized(t, "matmul", kernels.F64, "64x64x64"))
		if err != nil {
			t.Errorf("%s: %v", c.library, err)
			continue
		}
		if got := strings.ToLower(in.opened.Kernel); got != c.want {
			t.Errorf("%s with %v uses %s, want %s", c.library, in.way.Environment, got, c.want)
		}
		in.Close()
	}
}

// Decode composed of two products with a vector and a softmax of ours computes what the reference does.
func TestDecodeOfInstalledBLAS(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, name := range []string{"openblas", "blis"} {
		l := installed(t, name)
		for _, d := range []kernels.DType{kernels.F32, kernels.BF16} {
			for _, size := range []string{"h=3,kv=77,d=64", "h=1,kv=1000,d=40"} {
				p := sized(t, "decode", d, size)
				if l.Kernel("decode", d, p.Shape) == nil {
					t.Logf("%s has no decode of %s", name, d) // cblas_sbgemv is in few builds
					continue
				}
				in, err := l.open(l.kind.ways(p, "")[0], p)
				if err != nil {
					t.Errorf("%s of %s at %s: %v", name, d, size, err)
					continue
				}
				if v, err := in.Verify(); err != nil || !(v.MaxError <= v.Tolerance) || v.MaxError == 0 {
					t.Errorf("%s of %s at %s: %+v, %v", name, d, size, v, err)
				}
				in.Close()
			}
		}
		if l.Kernel("decode", kernels.F32, sized(t, "decode", kernels.F32, "kv=8,d=8").Shape) == nil {
			t.Errorf("%s has no decode of f32", name)
		}
	}
}

// Attention composed of oneDNN's primitives computes what the reference does: every way to cut it, several heads, more keys than
// queries, and sizes that no tile divides.
func TestAttentionOfInstalledOneDNN(t *testing.T) {
	l := installed(t, "onednn")
	for _, c := range []struct {
		op, size string
		ways     int // for f32; twice as many for bf16
	}{
		{"attention", "h=2,q=70,kv=70,d=32", 3},
		{"attention", "h=2,q=70,kv=97,d=32,causal", 3},
		{"attention", "h=1,q=20,kv=20,d=64,causal", 1},
		{"attention", "h=1,q=300,kv=33,d=64", 5},
		{"decode", "h=3,kv=77,d=64", 2},
		{"decode", "h=1,kv=1000,d=128", 1},
	} {
		for factor, d := range []kernels.DType{kernels.F32, kernels.BF16} {
			p := sized(t, c.op, d, c.size)
			list := l.kind.ways(p, "")
			if len(list) != c.ways*(factor+1) {
				t.Errorf("%s of %s at %s: %d ways, want %d: %v", c.op, d, c.size, len(list), c.ways*(factor+1), list)
			}
			for _, w := range list {
				in, err := l.open(w, p)
				if err != nil && (strings.Contains(err.Error(), "unimplemented") || strings.Contains(err.Error(), "on this architecture")) {
					t.Logf("%s of %s at %s, %s: %v", c.op, d, c.size, w, err)
					continue
				}
				if err != nil {
					t.Errorf("%s of %s at %s, %s: %v", c.op, d, c.size, w, err)
					continue
				}
				v, err := in.Verify()
				if err != nil || !(v.MaxError <= v.Tolerance) || v.MaxError == 0 {
					t.Errorf("%s of %s at %s, %s: %+v, %v", c.op, d, c.size, w, v, err)
				}
				if b, err := in.Time(2); err != nil || b.Took <= 0 {
					t.Errorf("%s of %s at %s, %s: %+v, %v", c.op, d, c.size, w, b, err)
				}
				in.Close()
			}
		}
	}
	for _, p := range []native.Problem{sized(t, "decode", kernels.INT8, "h=1,kv=64,d=64"), sized(t, "attention", kernels.F64, "h=1,q=64,kv=64,d=64")} {
		if k := l.Kernel(p.Op, p.DType, p.Shape); k != nil {
			t.Errorf("oneDNN has %s, of which nothing is known", k.ID())
		}
	}
}
