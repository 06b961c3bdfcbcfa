package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// The working set that a product declares before it is built is that of the buffers which it then has, but for small ones; it may be
// more where a trial chose a setting, which may need less than others.
func TestDeclaredScratchOfMatmul(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	for _, k := range All() {
		if k.Op != "matmul" || k.Variant == "amx-packed" || cpu.Usable(k.ISA) != nil { // of which B's size is in bounds only
			continue
		}
		for _, s := range []shape.Shape{
			{M: 20000, N: 1, K: 1}, {M: 64, N: 64, K: 64}, {M: 5, N: 900, K: 70}, {M: 700, N: 600, K: 500}, {M: 1024, N: 256, K: 1024},
			{M: 300, N: 1, K: 3000}, {M: 300, N: 6, K: 3000}, {M: 300, N: 33, K: 3000}, {M: 3000, N: 4, K: 600}, {M: 1, N: 3000, K: 3000}, {M: 4, N: 2048, K: 2048},
			{M: 8, N: 2048, K: 2048}, {M: 20, N: 3000, K: 1000},
		} {
			w := k.Work(s)
			in, err := k.Build(s, 1)
			if err != nil {
				t.Fatal(err)
			}
			buffers := 0.0
			for _, b := range in.(Buffered).Buffers() {
				buffers += float64(len(b.Memory))
			}
			declared := float64(w.WorkingSet) - w.LoadBytes - w.StoreBytes
			more, less := declared-buffers, 64<<10+buffers/10
			if more < -less || more > less && len(k.Setting(s)) == 0 {
				t.Errorf("%s/%s %d×%d×%d declares %.0f bytes of scratch and has %.0f", k.Variant, k.DType, s.M, s.N, s.K, declared, buffers)
			}
		}
	}
}
