package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// The same tiles as they prefetch on a core of Intel's.
func TestInPlaceTilesOnLargeCore(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testInPlaceTiles[float32](t, avx512InPlaceF32.on(largeCore))
	testInPlaceTiles[float64](t, avx512InPlaceF64.on(largeCore))
}

// There the first panel packs tiles of two vectors where rows of B do not begin at lines, whatever its height, in pieces of K and of columns.
func TestInPlacePacks(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	testkit.SkipRace(t, "runs in one goroutine")
	few := largeCore
	few.l1, few.l2 = 4<<10, 64<<10 // pieces
	for _, c := range []caches{largeCore, few} {
		testInPlacePacks[float32](t, avx512InPlaceF32.on(c), c)
		testInPlacePacks[float64](t, avx512InPlaceF64.on(c), c)
	}
	u := avx512InPlaceF32.on(largeCore)
	pair := columnPart{tiles: 3, halves: packedHalves}
	for _, tt := range []struct {
		rows, n int
		part    columnPart
		want    bool
	}{
		{packingRows, 97, pair, true},
		{packingRows - 1, 97, pair, false},
		{packingRows, 96, pair, false}, // whole lines
		{packingRows, 97, columnPart{tiles: 2, halves: 6}, false},
		{packingRows, 20, columnPart{tiles: 1, halves: packedHalves, lanes: 4}, false},
	} {
		if got := u.packsTiles(tt.rows, tt.n, 16, tt.part); got != tt.want {
			t.Errorf("%d rows of %d columns in %+v: packed %v, want %v", tt.rows, tt.n, tt.part, got, tt.want)
		}
	}
	if avx512InPlaceF32.on(caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, streams: true}).packsTiles(packingRows, 97, 16, pair) {
		t.Error("packs where L2 sends a line in every cycle")
	}
}

func testInPlacePacks[T float](t *testing.T, u inPlace, c caches) {
	for rows := 1; rows <= len(u.packing); rows++ {
		for _, k := range []int{1, 2, 3, 5, 30, 70} {
			part := columnPart{tiles: 3, halves: packedHalves}
			n := part.tiles * packedHalves / 2 * lineElems[T]()
			checkProduct(t, 3*rows, n, k, 1, 1, func(p *product[T, T], _ int) func(int) {
				plan := inPlacePlan[T]{p: p, u: u.low(rows), far: 1}
				depth := (k + 1) / 2
				plan.pack(part, depth, 0)
				for at := 0; at < k; at += depth {
					plan.addPiece([]columnPart{part}, at, min(depth, k-at), 3*rows, 1, 0, c)
				}
				return func(int) {
					for i := range plan.calls {
						plan.calls[i].run(&plan.calls[i].args)
					}
				}
			})
		}
	}
}
