package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// However many rows A has, no call copies or adds up more than planRows, and none is left out.
func TestPlannedPanelsCopyInParts(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512VNNI))
	u, most, copied, summed := *vnniInt8, 0, 0, 0
	u.copy = always
	u.copyRows = func(dst, src *byte, dstBytes, srcBytes, rows, bytes int) {
		most, copied = max(most, rows), copied+rows
		vnniInt8.copyRows(dst, src, dstBytes, srcBytes, rows, bytes)
	}
	u.starts = func(dst *int32, a *byte, aBytes, rows, k int) {
		most, summed = max(most, rows), summed+rows
		vnniInt8.starts(dst, a, aBytes, rows, k)
	}
	const m = 2*planRows + 45
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	planned := false
	checkProduct(t, m, 7, 3, 1, 1, func(p *product[int8, int32], _ int) func(int) {
		part := newTiled(p, &u, block{0, m, 0, 7}, c)
		planned, most, copied, summed = part.plan.calls != nil, 0, 0, 0
		return func(int) { part.run() }
	})
	if !planned || most > planRows || copied != m || summed != m {
		t.Errorf("planned: %v, up to %d rows in a call, %d copied and %d added up", planned, most, copied, summed)
	}
}

// However many blocks of columns there are, rows of A are added up once for each block of rows of B.
func TestRowsAreAddedUpOnce(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512VNNI))
	u, summed := *vnniInt8, 0
	u.depth = 128
	u.starts = func(dst *int32, a *byte, aBytes, rows, k int) {
		summed += rows * k
		vnniInt8.starts(dst, a, aBytes, rows, k)
	}
	const m, n, k = 31, 150, 300
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 16 << 10, last: 32 << 20}
	checkProduct(t, m, n, k, 1, 1, func(p *product[int8, int32], _ int) func(int) {
		part := newTiled(p, &u, block{0, m, 0, n}, c)
		if part.cut.cols >= n || part.cut.depth >= k {
			t.Fatalf("B is cut into blocks of %d rows and %d columns", part.cut.depth, part.cut.cols)
		}
		summed = 0
		return func(int) { part.run() }
	})
	if summed != m*k {
		t.Errorf("%d elements of A are added up, want %d", summed, m*k)
	}
}

// However short rows are, a call on several panels reads and writes no more of A and C than severalBytes, and all rows are multiplied, whether
// calls are planned or not.
func TestCallsOnShortRowsAreShort(t *testing.T) {
	const m, n, k, rows = 100000, 5, 1, 6
	for _, l2 := range []int{1 << 10, 1 << 24} {
		most, sum := 0, 0
		u := &microKernel{rows: rows, cols: 16, depth: 64, several: true}
		for height := 1; height <= rows; height++ {
			u.panels = append(u.panels, func(args *asm.MatmulPanel) {
				most, sum = max(most, args.Panels*height), sum+args.Panels*height
			})
		}
		p := newProduct[float32, float32](shape.Shape{M: m, N: n, K: k})
		part := newTiled(p, u, block{0, m, 0, n}, caches{l1: 32 << 10, l1Ways: 8, l2: l2, last: 32 << 20})
		most, sum = 0, 0
		part.run()
		if planned := part.plan.calls != nil; planned != (l2 > 1<<20) || most*(n+k)*4 > severalBytes || most*(n+k)*4 < severalBytes/2 || sum != m {
			t.Errorf("planned %v: up to %d rows in a call, %d in all", planned, most, sum)
		}
	}
}
