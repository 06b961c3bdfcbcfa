package peer

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native"
)

func TestParseSpec(t *testing.T) {
	for text, want := range map[string]Spec{
		"openblas":                       {Name: "openblas"},
		"blis@skx":                       {Name: "blis", Kernel: "skx"},
		"onednn=/opt/lib/libdnnl.so.3":   {Name: "onednn", File: "/opt/lib/libdnnl.so.3"},
		"openblas=./libopenblas.so@Zen":  {Name: "openblas", File: "./libopenblas.so", Kernel: "Zen"},
		"openblas=/a@b/libopenblas.so":   {Name: "openblas", File: "/a@b/libopenblas.so"},
		"openblas=/a@b/libopenblas.so@X": {Name: "openblas", File: "/a@b/libopenblas.so", Kernel: "X"},
	} {
		got, err := ParseSpec(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "openblas, blis, onednn", "mkl": "openblas, blis, onednn", "blis=": "the file is missing", "openblas@": "the kernel behind @",
		"onednn@avx2": "chooses its kernels itself", "blis@a=b": "no name of a kernel",
	} {
		if _, err := ParseSpec(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{"openblas", "blis=/x@skx", "onednn=@", "openblas=a@b@c", "=@", "blis@\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpec(text)
		if err != nil {
			return
		}
		if again, err := ParseSpec(s.String()); err != nil || again != s {
			t.Errorf("%q is %+v, written %q, read %+v, %v", text, s, s.String(), again, err)
		}
		if slices.ContainsFunc(s.kind().environment(nil, 1, s.kind().ways(native.Problem{Op: "matmul", DType: kernels.F32}, s.Kernel)[0]), func(v string) bool {
			return strings.Count(v, "=") != 1 || strings.ContainsRune(v, 0)
		}) {
			t.Errorf("%q makes a variable that is none", text)
		}
	})
}

// The user's settings of the library do not reach it, others do; the named kernel is the only way.
func TestEnvironment(t *testing.T) {
	k := Spec{Name: "openblas"}.kind()
	list := k.ways(native.Problem{Op: "matmul", DType: kernels.F64}, "Zen")
	if len(list) != 1 || list[0].String() != "OPENBLAS_CORETYPE=Zen cblas_dgemm" {
		t.Fatalf("%v", list)
	}
	got := k.environment([]string{"HOME=/root", "OPENBLAS_CORETYPE=Prescott", "OMP_NUM_THREADS=64", "OPENBLAS_NUM_THREADS=9"}, 2, list[0])
	if want := []string{"HOME=/root", "OPENBLAS_NUM_THREADS=2", "OMP_NUM_THREADS=2", "OPENBLAS_CORETYPE=Zen"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if list := k.ways(native.Problem{Op: "matmul", DType: kernels.F64, Shape: shape.Shape{M: 1, N: 5, K: 7}}, "Zen"); len(list) != 2 || list[0].String() != "OPENBLAS_CORETYPE=Zen cblas_dgemv" {
		t.Errorf("%v: want dgemv for a vector, too", list)
	}
	if list := k.ways(native.Problem{Op: "matmul", DType: kernels.F32}, ""); len(list) == 0 || len(list[0].Environment) != 0 {
		t.Errorf("%v: want the library's own choice first", list)
	}
	if list := k.ways(native.Problem{Op: "matmul", DType: kernels.INT8}, ""); list != nil {
		t.Errorf("OpenBLAS multiplies integers: %v", list)
	}
}

// What has to be exported is what functions are composed of, without our part and oneDNN's primitives.
func TestNeeds(t *testing.T) {
	for f, want := range map[string][]string{
		"cblas_dgemm": {"cblas_dgemm"}, "matmul_packed": {}, "matmul + softmax": {},
		"cblas_sbgemv + softmax + cblas_sbstobf16": {"cblas_sbgemv", "cblas_sbstobf16"},
	} {
		if got := needs(f); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", f, got, want)
		}
	}
}

func TestTellApart(t *testing.T) {
	library := func(text, version string) *Library {
		s, err := ParseSpec(text)
		if err != nil {
			t.Fatal(err)
		}
		return &Library{Variant: s.Name, Version: version, spec: s, kind: s.kind()}
	}
	list := []*Library{library("openblas", "OpenBLAS 0.3.21 X"), library("blis", "0.9.0"), library("openblas=/a.so", "OpenBLAS 0.3.28.dev")}
	if err := tellApart(list); err != nil {
		t.Fatal(err)
	}
	if list[0].Variant != "openblas-0.3.21" || list[1].Variant != "blis" || list[2].Variant != "openblas-0.3.28" {
		t.Errorf("%s %s %s", list[0].Variant, list[1].Variant, list[2].Variant)
	}
	if err := tellApart(append(list, library("openblas=/b.so", "OpenBLAS 0.3.28"))); err == nil {
		t.Error("two of the same name")
	}
}

func TestSummary(t *testing.T) {
	run := func(variant, function string, n int, env ...string) roofline.Run {
		return roofline.Run{Kernel: "matmul", Variant: variant, DType: "f32", Shape: shape.Shape{M: n, N: n, K: n},
			Peer: &roofline.Peer{File: "/lib/" + variant + ".so", Version: "1.2", Function: function, Kernel: "zen3", Environment: env}}
	}
	got := Summary([]roofline.Run{{Variant: "avx512"}, run("blis", "cblas_sgemm", 8), run("blis", "cblas_sgemm", 9, "BLIS_ARCH_TYPE=skx"), run("blis", "cblas_sgemm", 10)})
	want := `blis: /lib/blis.so (1.2)
  cblas_sgemm, kernel zen3: f32 8x8x8, f32 10x10x10
  cblas_sgemm, kernel zen3, BLIS_ARCH_TYPE=skx: f32 9x9x9
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := Summary([]roofline.Run{{Variant: "avx512"}}); got != "" {
		t.Errorf("%q of no peer", got)
	}
}
