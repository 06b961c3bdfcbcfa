package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Every height and width of tile, chained, permuted and neither, whole and with a tail of one element and of all but one.
func TestInPlaceTiles(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	for _, permuted := range []bool{false, true} {
		testInPlaceTiles[float32](t, avx512InPlaceF32.permuting(permuted))
		testInPlaceTiles[float64](t, avx512InPlaceF64.permuting(permuted))
	}
}

// permuting is u as a processor has it that permutes elements of A, or one that does not, whatever this one is.
func (u inPlace) permuting(yes bool) inPlace {
	if !yes {
		u.permuted = nil
	}
	return u
}

func testInPlaceTiles[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		half, widest := lineElems[T]()/2, len(u.tiles)
		if len(u.permuted) > 0 {
			widest = len(u.permuted) // the others are the same
		}
		for halves := 1; halves <= widest; halves++ {
			wide, last, tails := halves*half, 2*half, []int{0, 1, 2*half - 1}
			if halves%2 == 1 { // the last register has half as many elements, and always a mask
				last, tails = half, []int{1, half - 1, half}
			}
			for rows := 1; rows <= u.mostRows(columnPart{halves: halves}); rows++ {
				for _, chained := range []bool{false, true} {
					if chained && (rows > len(u.chained[halves-1]) || len(u.permuted) > 0) { // permuted tiles are what they are
						continue
					}
					for _, tail := range tails {
						part, n := columnPart{tiles: 1, halves: halves, chained: chained, lanes: tail}, wide-last+tail
						if tail == 0 {
							part.tiles, n = 2, 2*wide
						}
						for _, k := range []int{1, 2, 3, 4, 5, 6, 7, 67} {
							checkProduct(t, rows, n, k, k%3, 1, func(p *product[T, T], _ int) func(int) {
								plan := inPlacePlan[T]{p: p, u: u}
								plan.add(part, 0, min(k, 30), 0, rows, false)
								if k > 30 { // the second call adds to what the first has stored
									plan.add(part, 30, k-30, 0, rows, false)
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
			}
		}
	})
}

// A panel of more work than a call may have is cut into several.
func TestInPlaceCallsAreBounded(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	const m, n, k = 12, 1<<17 + 5, 20
	checkProduct(t, m, n, k, 0, 1, func(p *product[float32, float32], _ int) func(int) {
		plan := planInPlace(p, 1, 0, avx512InPlaceF32, caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20})
		if least := 2 * m * n * k / inPlaceFLOPs; float64(len(plan.calls)) < least {
			t.Errorf("%d calls for %d FLOPs, want at least %.1f", len(plan.calls), 2*m*n*k, least)
		}
		return multiplyInPlace(p, 1, avx512InPlaceF32, caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20})
	})
}

// Threads that are more than there are rows for each share columns.
func TestInPlaceFewRowsAreShared(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, m := range []int{1, 3, 7} {
		checkProduct(t, m, 1024, 128, 0, 2, func(p *product[float32, float32], workers int) func(int) {
			for w := range workers {
				if plan := planInPlace(p, workers, w, avx512InPlaceF32, ownCaches()); len(plan.calls) == 0 {
					t.Errorf("%d rows: nothing to do for worker %d of %d", m, w, workers)
				}
			}
			return multiplyInPlace(p, workers, avx512InPlaceF32, ownCaches())
		})
	}
}

// Rows of A that compete for a set of L1 are multiplied few at a time.
func TestInPlaceRowsThatCompete(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, n := range []int{1, 7, 20, 31} {
		checkProduct(t, 43, n, 2048, 0, 1, func(p *product[float32, float32], workers int) func(int) {
			return multiplyInPlace(p, workers, avx512InPlaceF32, c)
		})
	}
	for i, all := range avx512InPlaceF32.low(inPlaceInSet).tiles {
		if len(all) > inPlaceInSet || len(all) < min(inPlaceInSet, len(avx512InPlaceF32.tiles[i])) {
			t.Errorf("%d heights of tiles of %d half vectors", len(all), i+1)
		}
	}
	for _, all := range avx512InPlaceF32.low(inPlaceInSet).columns {
		if 1<<(len(all)-1) > inPlaceInSet {
			t.Errorf("dot products of %d rows at once", 1<<(len(all)-1))
		}
	}
}

// No call of dot products reads much of A, however many rows there are.
func TestColumnsCallsAreShort(t *testing.T) {
	if avx512InPlaceF64.tiles == nil {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	}
	p := newProduct[float64, float64](shape.Shape{M: 3000, N: 1, K: 4000})
	plan := planColumns(p, avx512InPlaceF64, caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}, 0, 1, 0, 3000)
	if least := 8 * 3000 * 4000 / columnsBytes; len(plan.steps) < least {
		t.Errorf("%d calls, want %d or more", len(plan.steps), least)
	}
}

// Seven and eight rows of f32 take narrower tiles where B is long, so that it passes once, but for rows beside pages.
func TestInPlacePassesBOnce(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, tt := range []struct{ m, n, panels int }{{6, 898, 1}, {7, 898, 1}, {8, 898, 1}, {8, 1024, 2}, {7, 1031, 2}, {8, 1035, 1}, {9, 898, 2}} {
		parts, _ := avx512InPlaceF32.parts(tt.m, tt.n, 500, 8, inPlaceLong)
		if got := avx512InPlaceF32.panelsOf(parts[0], tt.m); got != tt.panels {
			t.Errorf("%d×%d: %d panels of %d half vectors, want %d", tt.m, tt.n, got, parts[0].halves, tt.panels)
		}
	}
}

// All panels of A pass a block of columns of B, which takes half of L2 at most, before they pass the next.
func TestInPlaceColumnBlocks(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	const m, n, k = 100, 1100, 500
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	plan := planInPlace(newProduct[float32, float32](shape.Shape{M: m, N: n, K: k}), 1, 0, avx512InPlaceF32, c)
	parts, _ := avx512InPlaceF32.parts(m, n, k, 8, avx512InPlaceF32.narrowestTile(m, n, k, 4, c))
	passed := map[*byte]bool{}
	for i, call := range plan.calls {
		if i > 0 && plan.calls[i-1].args.B != call.args.B && passed[call.args.B] {
			t.Errorf("call %d: columns again that have been passed", i)
		}
		passed[call.args.B] = true
		if bytes := call.args.Tiles * parts[0].halves * 8 * call.args.K * 4; bytes > c.l2/2 {
			t.Errorf("call %d: %d bytes of B", i, bytes)
		}
	}
	if len(passed) < n*k*4/(c.l2/2) {
		t.Errorf("%d blocks", len(passed))
	}
}

// Where a processor begins two multiply-adds and two loads in a cycle, tiles of one vector wait for loads: many rows meet wider ones, but for what is
// left of the columns.
func TestInPlaceWholeVectors(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	u := avx512InPlaceF32
	u.near = 40 << 10
	for _, n := range []int{64, 97, 128, 256, 300} {
		for _, m := range []int{12, 64, 100, 256} {
			for _, k := range []int{43, 64, 256} {
				parts, columns := u.parts(m, n, k, 8, 2)
				covered := columns
				for i, p := range parts {
					if p.halves <= 2 && i < len(parts)-1 {
						t.Errorf("%d×%d×%d: %d tiles of %d half vectors", m, n, k, p.tiles, p.halves)
					}
					covered += p.tiles * p.halves * 8
				}
				if covered < n || covered >= n+16 {
					t.Errorf("%d×%d×%d: tiles for %d columns", m, n, k, covered)
				}
			}
		}
	}
}

// A B whose rows are up to a line long meets few rows of A in tiles, though lines of it come from L2 and hold up a processor: they come in order.
func TestShortRowsAreTiles(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	u := avx512InPlaceF64.on(c)
	for _, tt := range []struct {
		m, n, k, columns int
	}{{1, 8, 4096, 0}, {4, 8, 4096, 0}, {2, 5, 4096, 0}, {1, 3, 4096, 0}, {1, 2, 4096, 0}, {1, 12, 4096, 0}, {6, 3, 4096, 0}, {24, 6, 4096, 6}, {16, 2, 4096, 2}, {16, 3, 300, 3}} {
		parts, columns := u.parts(tt.m, tt.n, tt.k, 4, u.narrowestTile(tt.m, tt.n, tt.k, 8, c))
		if columns != tt.columns || (columns == 0) != (len(parts) > 0) {
			t.Errorf("%d×%d×%d: %d columns by dot products, want %d; tiles %+v", tt.m, tt.n, tt.k, columns, tt.columns, parts)
		}
	}
}
