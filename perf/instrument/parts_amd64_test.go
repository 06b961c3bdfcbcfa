package instrument

import (
	"testing"

	"github.com/roofline-go/roofline/kernels"
)

// The parts of matmul execute what they declare: packing computes nothing, the micro-kernel whole tiles of two vectors,
// and for int8 the sum of each row of A in vectors of 64,
// for f16 the sum of the two sums of each element, in vectors of 32, once for 256 products.
func TestPartsOfMatmulExecuteTheirWork(t *testing.T) {
	found, err := kernels.Find("matmul.*/avx*")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range found {
		t.Run(k.ID(), func(t *testing.T) {
			_, s, in := build(t, k.ID(), "24x64x64", 1)
			total, work := countCall(t, in, 1), k.Work(s)
			executed, want := float64(total.FLOPs()), work.FLOPs
			if k.Integers {
				executed = float64(total.IntOps())
			}
			switch k.ID() {
			case "matmul.tiles/avx512/int8":
				want += float64(2 * s.M * ((s.K + 63) / 64 * 64))
			case "matmul.tiles/avx512/f16":
				want += float64(2 * s.M * s.N * ((s.K + 255) / 256))
			}
			if executed != want {
				t.Errorf("%v operations, want %v", executed, want)
			}
		})
	}
}
