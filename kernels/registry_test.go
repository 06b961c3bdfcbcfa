package kernels

import (
	"errors"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

func ids(ks []*Kernel) string {
	var s []string
	for _, k := range ks {
		s = append(s, k.ID())
	}
	return strings.Join(s, " ")
}

func TestFind(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{"gemv/naive/f64", "gemv/naive/f64"},
		{"dot/avx2", "dot/avx2/f32 dot/avx2/f64"},
		{"copy", "copy/naive/f32 copy/naive/f64 copy/avx2/f32 copy/avx2/f64 copy/avx512/f32 copy/avx512/f64"},
		{"matm?l/*/f64", "matmul/naive/f64 matmul/blocked/f64 matmul/avx2/f64 matmul/avx512/f64"},
		{"triad/avx*/f32", "triad/avx2/f32 triad/avx512/f32"},
	}
	for _, tt := range tests {
		got, err := Find(tt.pattern)
		if err != nil || ids(got) != tt.want {
			t.Errorf("Find(%q) = %s, %v; want %s", tt.pattern, ids(got), err, tt.want)
		}
	}
}

func TestFindUnknown(t *testing.T) {
	tests := []struct{ pattern, nearest string }{
		{"matmull", "matmul"},
		{"matmul/avx51", "matmul/avx512"},
		{"MATMUL/AVX2/f16", "matmul/avx2/f32"},
		{"trid/avx2/f64", "triad/avx2/f64"},
		{"nosuch", ""},
		{"", ""},
	}
	for _, tt := range tests {
		_, err := Find(tt.pattern)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Nearest != tt.nearest {
			t.Errorf("Find(%q): %v, want a hint at %s", tt.pattern, err, tt.nearest)
		}
	}
	for _, bad := range []string{"a/b/c/d", "matmul/[", "x/["} {
		if got, err := Find(bad); err == nil || errors.As(err, new(*UnknownError)) {
			t.Errorf("Find(%q) = %s, %v; want an error about the pattern", bad, ids(got), err)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"matmul", "a*/[b-c]/?", "//", "matmul/avx512/f32", "\\", "[^"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		got, err := Find(pattern)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("Find(%q) = %d kernels, %v", pattern, len(got), err)
		}
		var unknown *UnknownError
		if errors.As(err, &unknown) && unknown.Nearest != "" {
			if _, err := Find(unknown.Nearest); err != nil {
				t.Fatalf("Find(%q) suggests %q, which is not found: %v", pattern, unknown.Nearest, err)
			}
		}
	})
}

func TestRegistryIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range All() {
		id := k.ID()
		if seen[id] {
			t.Errorf("%s is registered twice", id)
		}
		seen[id] = true
		if k.Doc == "" || k.Roof == "" || len(k.Needs) == 0 || k.ISA == "" {
			t.Errorf("%s lacks a doc, a roof, needs or an ISA: %+v", id, k)
		}
		s := DefaultShape(k.Op)
		if err := Check(k.Op, s); err != nil {
			t.Errorf("%s cannot have its default shape: %v", id, err)
		}
		if w := k.Work(s); w.LoadBytes <= 0 || w.WorkingSet < int64(w.LoadBytes+w.StoreBytes) {
			t.Errorf("%s declares %+v", id, w)
		}
		if k.Op == "matmul" {
			for m := 1; m < 6; m++ { // whose ways have code of their own, but not on every architecture
				k.Work(shape.Shape{M: m, N: 1000, K: 1000})
			}
		}
	}
	for _, op := range []string{"matmul", "gemv", "copy", "triad", "dot"} {
		for _, variant := range []string{"naive", "avx2", "avx512"} {
			for _, dtype := range []string{"f32", "f64"} {
				if !seen[op+"/"+variant+"/"+dtype] {
					t.Errorf("%s/%s/%s is not registered", op, variant, dtype)
				}
			}
		}
	}
}

// Every usable kernel computes what the reference does, at odd sizes, for any number of workers, and allocates nothing.
func TestVerifyAndAllocations(t *testing.T) {
	shapes := map[string]shape.Shape{
		"matmul": {M: 67, N: 129, K: 43}, "gemv": {M: 43, N: 700}, "copy": {N: 100003}, "triad": {N: 100003}, "dot": {N: 100003},
		"attention": {H: 2, Q: 37, KV: 61, D: 64}, "decode": {H: 3, Q: 1, KV: 211, D: 64},
	}
	for _, k := range All() {
		t.Run(k.ID(), func(t *testing.T) {
			for _, isa := range k.Needs {
				testkit.SkipUnsupported(t, cpu.Usable(isa))
			}
			for _, workers := range kerneltest.Workers {
				in, err := k.Build(shapes[whole(k.Op)], workers)
				if err != nil {
					t.Fatal(err)
				}
				v, err := in.Verify()
				if err != nil || !(v.MaxError <= v.Tolerance) {
					t.Errorf("%d workers: %+v, %v", workers, v, err)
				}
				if n := testing.AllocsPerRun(3, func() { in.Part(workers - 1) }); n != 0 {
					t.Errorf("%d workers: %v allocations per call", workers, n)
				}
			}
		})
	}
}

// A cap on the ISA makes Build fail with the reason instead of running code above it.
func TestBuildUnavailable(t *testing.T) {
	defer cpu.Cap(cpu.Go)()
	for _, k := range All() {
		if k.ISA == cpu.Go {
			continue
		}
		_, err := k.Build(DefaultShape(k.Op), 1)
		var unavailable *cpu.UnavailableError
		if !errors.As(err, &unavailable) {
			t.Errorf("%s: %v, want an *UnavailableError", k.ID(), err)
		}
	}
}

func TestDeclaredWork(t *testing.T) {
	tests := []struct {
		id    string
		s     shape.Shape
		flops float64
		load  float64
		store float64
	}{
		{"matmul/naive/f32", shape.Shape{M: 2, N: 3, K: 5}, 60, 4 * (2*5 + 5*3), 4 * 6},
		{"matmul/avx512/f64", shape.Shape{M: 2, N: 3, K: 5}, 60, 8 * (2*5 + 5*3), 8 * 6},
		{"gemv/avx2/f32", shape.Shape{M: 4, N: 10}, 80, 4 * (40 + 10), 16},
		{"copy/avx2/f64", shape.Shape{N: 10}, 0, 80, 80},
		{"triad/avx2/f32", shape.Shape{N: 10}, 20, 80, 40},
		{"dot/naive/f64", shape.Shape{N: 10}, 20, 160, 0},
	}
	for _, tt := range tests {
		ks, err := Find(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		if w := ks[0].Work(tt.s); w.FLOPs != tt.flops || w.LoadBytes != tt.load || w.StoreBytes != tt.store {
			t.Errorf("%s %+v: %+v, want %v, %v, %v", tt.id, tt.s, w, tt.flops, tt.load, tt.store)
		}
	}
}

func TestCheck(t *testing.T) {
	huge := 1 << 40
	bad := []struct {
		op string
		s  shape.Shape
	}{
		{"matmul", shape.Shape{}},
		{"matmul", shape.Shape{M: 4, N: 4}},
		{"matmul", shape.Shape{M: -1, N: 4, K: 4}},
		{"matmul", shape.Shape{M: 4, N: 4, K: 4, H: 2}},
		{"matmul", shape.Shape{M: huge, N: huge, K: 1}},
		{"gemv", shape.Shape{M: 4, N: 4, K: 4}},
		{"copy", shape.Shape{N: 1 << 62}},
		{"dot", shape.Shape{M: 1}},
		{"attention", shape.Shape{H: 1, Q: 1, KV: 1}},
		{"attention", shape.Shape{H: 1, Q: 1, KV: 1, D: 4097}},
		{"decode", shape.Shape{H: 1, KV: 1, D: 65536}},
		{"decode", shape.Shape{H: 1 << 30, KV: 1 << 30, D: 64}},
	}
	for _, tt := range bad {
		err := Check(tt.op, tt.s)
		var e *ShapeError
		if !errors.As(err, &e) || e.Cure == "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("Check(%s, %+v): %v, want a *ShapeError in one line with a cure", tt.op, tt.s, err)
		}
	}
	if err := Check("fft", shape.Shape{N: 1}); err == nil {
		t.Error("an unknown operation was accepted")
	}
}

func TestCheckMemory(t *testing.T) {
	ks, err := Find("copy/naive/f64")
	if err != nil {
		t.Fatal(err)
	}
	s := shape.Shape{N: 1 << 20} // 16 MiB
	if err := CheckMemory(ks[0], s, 16<<20); err != nil {
		t.Errorf("exactly fitting: %v", err)
	}
	if err := CheckMemory(ks[0], s, 0); err != nil {
		t.Errorf("memory unknown: %v", err)
	}
	var e *ShapeError
	if err := CheckMemory(ks[0], s, 16<<20-1); !errors.As(err, &e) {
		t.Errorf("one byte too much: %v", err)
	}
}
