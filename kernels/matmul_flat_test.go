package kernels

import (
	"fmt"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Every depth and width that there is code for, with rows that make no period, several periods, and what is left of one.
func TestFlat(t *testing.T) {
	testFlat[float32](t, avx512InPlaceF32)
	testFlat[float64](t, avx512InPlaceF64)
}

func testFlat[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		lanes, ran := lineElems[T](), map[string]bool{}
		for n := 1; n <= 2*lanes; n++ {
			for k := 1; k <= 2*lanes; k++ {
				f, ok := u.flatShape(lanes, n, k)
				if !ok {
					continue
				}
				ran[fmt.Sprint(f.windows, k)] = true
				for i, m := range []int{1, lanes - 1, 3*lanes + 5, 70} {
					c := []caches{{}, ownCaches()}[(n+i)%2] // the first is too small for two periods
					checkProduct(t, m, n, k, 0, kerneltest.Workers[(k+i)%len(kerneltest.Workers)], func(p *product[T, T], workers int) func(int) {
						return func(worker int) {
							from, to := share(m, 1, workers, worker)
							planFlat(p, f, u, c, from, to).run()
						}
					})
				}
			}
		}
		want := 0
		for _, depths := range u.flat {
			for _, f := range depths {
				if f != nil {
					want++
				}
			}
		}
		if len(ran) != want {
			t.Errorf("%d functions were run, want %d", len(ran), want)
		}
	})
}

// Products of few columns and few inner elements are computed so, unless rows have gaps.
func TestFlatIsChosen(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{{1000, 1, 2, true}, {300, 3, 4, true}, {1000, 9, 1, true}, {1000, 1, 8, false}, {1000, 16, 8, false}, {3, 3, 3, false}} {
		for _, gap := range []int{0, 1} {
			p := newProduct[float32, float32](shape.Shape{M: tt.m, N: tt.n + gap, K: tt.k})
			p.c.cols, p.b.cols = tt.n, tt.n
			plan := planInPlace(p, 1, 0, avx512InPlaceF32, ownCaches())
			if got, want := plan.flat != nil, tt.want && gap == 0; got != want {
				t.Errorf("%d×%d×%d with gaps of %d: %v, want %v", tt.m, tt.n, tt.k, gap, got, want)
			}
		}
	}
}

// Where a vector along a row takes longer, more products are.
func TestFlatIsChosenForWholeVectors(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	u := avx512InPlaceF32
	u.near = 40 << 10
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{{1000, 1, 2, true}, {12, 4, 3, true}, {38, 8, 7, true}, {48, 8, 5, true}, {27, 3, 6, false}, {21, 5, 7, false}, {28, 10, 5, false}} {
		plan := planInPlace(newProduct[float32, float32](shape.Shape{M: tt.m, N: tt.n, K: tt.k}), 1, 0, u, caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20})
		if got := plan.flat != nil; got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}

// All scratch of flat products is declared, to the byte: what their vectors are computed from, too.
func TestFlatDeclaresItsScratch(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	found, err := Find("matmul/avx512/f32")
	if err != nil {
		t.Fatal(err)
	}
	k, flat := found[0], 0
	for _, s := range []shape.Shape{{M: 20000, N: 1, K: 2}, {M: 300, N: 3, K: 4}, {M: 1000, N: 9, K: 1}} {
		p := newProduct[float32, float32](s)
		plan := planInPlace(p, 1, 0, avx512InPlaceF32.on(ownCaches()), ownCaches())
		if plan.flat == nil {
			t.Logf("%v is not flat here", s)
			continue
		}
		flat++
		for i, step := range plan.flat.steps {
			if !slices.ContainsFunc(p.scratch, func(b Buffer) bool { return &b.Memory[0] == step.args.Vectors }) {
				t.Errorf("%v: the vectors of call %d are in no buffer", s, i)
			}
		}
		kept := 0
		for _, b := range p.scratch {
			kept += len(b.Memory)
		}
		if w := k.Work(s); float64(w.WorkingSet)-w.LoadBytes-w.StoreBytes != float64(kept) {
			t.Errorf("%v declares %.0f bytes of scratch and has %d", s, float64(w.WorkingSet)-w.LoadBytes-w.StoreBytes, kept)
		}
	}
	if flat == 0 {
		t.Error("no shape is flat")
	}
}
