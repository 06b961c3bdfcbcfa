package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Panels overlap where few rows are left over, so that all have one height, and cover all rows.
func TestPanelsOfTilesOverlap(t *testing.T) {
	for _, tt := range []struct{ m, n, k, across int }{
		{64, 64, 64, 0},   // equal
		{33, 64, 64, 0},   // 17 and 16, which need no second tile
		{45, 64, 64, 22},  // 23 and 22
		{67, 129, 43, 22}, // 23, 22 and 22
		{101, 64, 77, 25}, // the last one is copied
		{200, 64, 64, 0},  // 24 rows would be computed twice
		{63, 64, 64, 31},
		{127, 64, 64, 0},  // 31 and 3 more
		{67, 64, 5000, 0}, // C is added to
	} {
		p := newProduct[int8, int32](shape.Shape{M: tt.m, N: tt.n, K: tt.k})
		x := newTiled(p, amxInt8, block{0, tt.m, 0, tt.n}, largeCore)
		if x.amx.across != tt.across {
			t.Errorf("%dx%dx%d: panels begin %d rows below each other, want %d", tt.m, tt.n, tt.k, x.amx.across, tt.across)
		}
		panels, end := (tt.m+31)/32, 0
		for q := range panels {
			from, to := x.panelRows(panels, q)
			if from > end || to > tt.m || to-from > 32 {
				t.Errorf("%dx%dx%d: panel %d has rows %d to %d behind %d", tt.m, tt.n, tt.k, q, from, to, end)
			}
			end = to
		}
		if end != tt.m {
			t.Errorf("%dx%dx%d: panels end at row %d", tt.m, tt.n, tt.k, end)
		}
	}
}

func TestOverlappingPanels(t *testing.T) {
	for _, s := range [][3]int{{45, 64, 64}, {63, 33, 192}, {101, 64, 77}, {67, 49, 1024}} {
		for _, workers := range []int{1, 2} {
			t.Run(fmt.Sprint(s, workers), func(t *testing.T) {
				testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXINT8))
				checkProduct(t, s[0], s[1], s[2], 0, workers, tiledMatmul[int8, int32](amxInt8).prepare)
				checkProduct(t, s[0], s[1], s[2], 3, workers, packedMatmul[bf16, float32](amxBF16).prepare)
			})
		}
	}
}
