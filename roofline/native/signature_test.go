package native

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Signature{
		"sgemm:512x256x128":                 {"sgemm", CBLAS, "matmul", kernels.F32, shape.Shape{M: 512, N: 256, K: 128}},
		"dgemm:1x1x1":                       {"dgemm", CBLAS, "matmul", kernels.F64, shape.Shape{M: 1, N: 1, K: 1}},
		"matmul:4x5x6":                      {"matmul", Plain, "matmul", kernels.F32, shape.Shape{M: 4, N: 5, K: 6}},
		"matmul/int8:4x5x6":                 {"matmul/int8", Plain, "matmul", kernels.INT8, shape.Shape{M: 4, N: 5, K: 6}},
		"attention:h=2,q=3,kv=4,d=8,causal": {"attention", Plain, "attention", kernels.F32, shape.Shape{H: 2, Q: 3, KV: 4, D: 8, Causal: true}},
		"axpy/f64:1Ki":                      {"axpy/f64", Plain, "axpy", kernels.F64, shape.Shape{N: 1024}},
		"struct:1024x512":                   {"struct", Struct, "", "", shape.Shape{M: 1024, N: 512}},
		"struct:7":                          {"struct", Struct, "", "", shape.Shape{N: 7}},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := Parse(got.String())
		if err != nil || again != got {
			t.Errorf("%s does not read as it is written: %q, %v", text, got, err)
		}
	}
}

func TestParseErrorsNameTheCure(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "use one of sgemm, dgemm",
		"gemm:4x4x4":                     "use one of sgemm, dgemm",
		"sgemm":                          "write sgemm:512x512x512",
		"sgemm:":                         "write sgemm:512x512x512",
		"sgemm:4x4":                      "write MxNxK, e.g. 512x512x512",
		"sgemm/f64:4x4x4":                "use f32",
		"matmul/f8:4x4x4":                "use f32, f64, f16, bf16, int8",
		"matmul:4x4x4/f64":               "write matmul/f64:4x4x4",
		"axpy:0":                         "write N",
		"axpy":                           "write axpy:1048576",
		"attention:q=3":                  "write h=8",
		"attention:q=5,kv=4,d=8,causal":  "use kv ≥ q",
		"attention":                      "write attention:h=8",
		"struct:4x4x4x4":                 "e.g. struct:1024x512",
		"struct/f64:4":                   "write struct:4",
		"struct":                         "write struct:1024x512",
		"matmul:4294967296x1x1":          "use a smaller one",
		"sgemm:-4x4x4":                   "e.g. 512x512x512",
		"sgemm:99999999999999999999x4x4": "e.g. 512x512x512",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a hint at %q", text, err, want)
		}
	}
}

func TestPrototype(t *testing.T) {
	for as, want := range map[string]string{
		"sgemm:1x1x1":           "void f(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda, const float *B, int ldb, float beta, float *C, int ldc)",
		"matmul/int8:1x1x1":     "void f(const int8_t *A, const int8_t *B, int32_t *C, int m, int n, int k)",
		"matmul/bf16:1x1x1":     "void f(const uint16_t *A, const uint16_t *B, float *C, int m, int n, int k)",
		"dot/f64:1":             "double f(long n, const double *x, const double *y)",
		"axpy:1":                "void f(long n, float a, const float *x, float *y)",
		"struct:1":              "struct roofline_kernel f",
		"attention:q=1,d=1":     "void f(const float *q, const float *k, const float *v, float *o, int heads, int queries, int keys, int d, int causal)",
		"triad/f64:1":           "void f(long n, double s, const double *b, const double *c, double *a)",
		"copy:1":                "void f(long n, const float *src, float *dst)",
		"dgemm:1x1x1":           "void f(int layout, int transA, int transB, int m, int n, int k, double alpha, const double *A, int lda, const double *B, int ldb, double beta, double *C, int ldc)",
		"matmul/f16:1x1x1":      "void f(const uint16_t *A, const uint16_t *B, float *C, int m, int n, int k)",
		"matmul/f64:1x1x1":      "void f(const double *A, const double *B, double *C, int m, int n, int k)",
		"attention:q=1,d=1,h=1": "void f(const float *q, const float *k, const float *v, float *o, int heads, int queries, int keys, int d, int causal)",
	} {
		s, err := Parse(as)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Prototype("f"); got != want {
			t.Errorf("%s: %s", as, got)
		}
	}
}

// The work is that of the definitions, in bytes of the types.
func TestWork(t *testing.T) {
	for as, want := range map[string]kernels.Work{
		"matmul/int8:3x5x7": {FLOPs: 210, LoadBytes: 21 + 35, StoreBytes: 60, WorkingSet: 116},
		"matmul/bf16:3x5x7": {FLOPs: 210, LoadBytes: 42 + 70, StoreBytes: 60, WorkingSet: 172},
		"dgemm:3x5x7":       {FLOPs: 210, LoadBytes: 168 + 280, StoreBytes: 120, WorkingSet: 568},
		"axpy:10":           {FLOPs: 20, LoadBytes: 80, StoreBytes: 40, WorkingSet: 80},
		"triad/f64:10":      {FLOPs: 20, LoadBytes: 160, StoreBytes: 80, WorkingSet: 240},
		"dot:10":            {FLOPs: 20, LoadBytes: 80, WorkingSet: 80},
		"copy:10":           {LoadBytes: 40, StoreBytes: 40, WorkingSet: 80},
		"attention:q=2,d=4": {FLOPs: 4 * 4 * 4, LoadBytes: 4 * 4 * 6, StoreBytes: 4 * 4 * 2, WorkingSet: 128},
		"struct:10":         {},
	} {
		s, err := Parse(as)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Work(); got != want {
			t.Errorf("%s: %+v, want %+v", as, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"sgemm:1x2x3", "attention:h=1,q=2,d=3,causal", "struct:4", "axpy/f64:1Ki", ":", "matmul/:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.String())
		if err != nil || again != s {
			t.Errorf("%q reads as %+v, which is written %q and then reads %+v, %v", text, s, s, again, err)
		}
		if w := s.Work(); w.FLOPs < 0 || w.LoadBytes < 0 || w.StoreBytes < 0 || w.WorkingSet < 0 {
			t.Errorf("%q: work %+v", text, w)
		}
	})
}

func TestSignatureInDocuments(t *testing.T) {
	s, err := Parse("matmul/bf16:4x5x6")
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(Request{Signature: s})
	if err != nil {
		t.Fatal(err)
	}
	var r Request
	if err := json.Unmarshal(data, &r); err != nil || r.Signature != s {
		t.Errorf("%s: %+v, %v", data, r.Signature, err)
	}
}

// The documentation declares every function as it is called.
func TestDocumentationHasEveryPrototype(t *testing.T) {
	page, err := os.ReadFile("../../docs/tune.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		e := entries[name]
		variants := []string{name}
		for _, d := range e.dtypes[min(1, len(e.dtypes)):] {
			variants = append(variants, name+"/"+string(d))
		}
		for _, v := range variants {
			s, err := Parse(v + ":" + strings.TrimSuffix(example(e), "[,causal]"))
			if err != nil {
				t.Fatal(err)
			}
			if want := "`" + s.Prototype("f") + "`"; !strings.Contains(string(page), want) {
				t.Errorf("docs/tune.md does not have %s", want)
			}
			if !strings.Contains(string(page), "`"+v+":") && !strings.Contains(string(page), "`"+name+"/"+string(s.DType)+":") {
				t.Errorf("docs/tune.md does not list %s", v)
			}
		}
	}
}
