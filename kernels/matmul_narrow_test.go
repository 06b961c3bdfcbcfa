package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Few rows of narrow elements: every number of rows that pass at once, and some that do not, columns in blocks, pieces and tails, K in
// groups, single steps and an edge, in caches of which B is in the second, in the last, in none, so small that there are several
// blocks of columns, or of which the last has B, but others' data, too.
func TestFewNarrowRows(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testFewNarrowRows[bf16, float32](t, cpu.AVX512BF16, dotBF16, dotRowsBF16)
	testFewNarrowRows[bf16, float32](t, cpu.AVX512BF16, dotBF16, wideRowsBF16)
	testFewNarrowRows[int8, int32](t, cpu.AVX512VNNI, vnniInt8, vnniRowsInt8)
}

func testFewNarrowRows[I element, O result](t *testing.T, isa cpu.ISA, u *microKernel, few narrowRows) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[I]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		count := 0
		for _, m := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, mostNarrowRows} {
			for _, n := range []int{1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 127, 128, 200, 1024, 1031} {
				for _, k := range []int{1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 70} {
					count++
					out := m * (n + narrowPiece) * 4 // bytes of C
					c := []caches{
						{l1: 32 << 10, l2: 1 << 20, last: 1 << 25}, {l1: 1 << 10, l2: 2 * out, last: 1 << 25}, {l1: 1 << 10, l2: 2 * out, last: 1},
						{l1: 1 << 10, l2: 1 << 10, last: 1}, {l1: 32 << 10, l2: 1 << 10, last: 2 * n * k * sizeof[I]()},
					}[count%5]
					checkProduct(t, m, n, k, count/3%5, kerneltest.Workers[count/5%3], func(p *product[I, O], workers int) func(int) {
						return streamNarrow(p, workers, u, few, c)
					})
				}
			}
		}
	})
}

// The first panel of A packs slivers of int8 two by two: panels of every height, numbers of slivers even and odd, alone and before a tail, and
// rows of B in one block and in several, whose sums are added up.
func TestFirstPanelPacksPairs(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512VNNI))
	u := *vnniInt8
	u.depth = 384
	count := 0
	for _, m := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 25} {
		for _, n := range []int{32, 64, 77, 96, 128, 130, 161} {
			for _, k := range []int{32, 36, 252, 256, 264, 384, 800} {
				count++
				checkProduct(t, m, n, k, count%3, 1+count%2, tiledMatmul[int8, int32](&u).prepare)
			}
		}
	}
}

// Which products stream: few rows but of a small B, more of a large one.
func TestFewNarrowRowsSuit(t *testing.T) {
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, tt := range []struct {
		m, n, k    int
		bf16, int8 bool
	}{
		{1, 1024, 1024, true, true},
		{8, 1024, 1024, true, true},
		{20, 1024, 1024, true, false},
		{21, 1024, 1024, false, false},
		{mostNarrowRows, 2048, 2048, false, true}, // rows of int8 compete for L1
		{mostNarrowRows + 1, 4096, 4096, false, false},
		{1, 600, 5, false, false}, // B as soon packed
		{1, 200, 30, true, false},
		{8, 200, 30, false, false},
		{1, 5, 600, true, true}, // of a piece of columns
		{16, 700, 700, true, true},
		{16, 300, 300, true, false},
		{24, 300, 300, false, false},
		{20, 300, 300, false, false},
		{20, 700, 700, true, false},
		{24, 700, 700, false, false},
		{9, 60, 4096, true, false}, // int8: narrower than a block
	} {
		if a, b := suitsStreams[bf16](tt.m, tt.n, tt.k, c), suitsStreams[int8](tt.m, tt.n, tt.k, c); a != tt.bf16 || b != tt.int8 {
			t.Errorf("%dx%dx%d: bf16 %v, int8 %v, want %v, %v", tt.m, tt.n, tt.k, a, b, tt.bf16, tt.int8)
		}
	}
}

// 9 to 16 rows of int8 stream by B in L2 from twice L1 on where L2 sends a line in every cycle, but by no few columns nor few rows of B.
func TestRowsOfInt8StreamByNearB(t *testing.T) {
	other, own := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}, caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, streams: true}
	for _, tt := range []struct {
		m, n, k    int
		other, own bool
	}{
		{9, 338, 656, false, true}, {16, 367, 674, false, true}, {16, 300, 300, false, false}, {16, 128, 800, false, true}, {12, 116, 2516, true, false},
		{10, 1807, 184, true, false}, {16, 1024, 512, true, true}, {16, 1024, 1024, true, true}, {17, 400, 600, false, false}, {16, 3000, 1000, true, true},
	} {
		if a, b := suitsStreams[int8](tt.m, tt.n, tt.k, other), suitsStreams[int8](tt.m, tt.n, tt.k, own); a != tt.other || b != tt.own {
			t.Errorf("%dx%dx%d: %v, where L2 sends a line in every cycle %v, want %v, %v", tt.m, tt.n, tt.k, a, b, tt.other, tt.own)
		}
	}
}

// More rows of int8 stream by B in L2 where a cycle has two products of vectors, but not from beyond it, nor where B is small.
func TestMoreRowsStreamBesideTwoProducts(t *testing.T) {
	one, two := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}, caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, streams: true}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{17, 600, 600, true}, {32, 1024, 1024, true}, {33, 1024, 1024, false}, {17, 1000, 2000, false}, {17, 300, 300, false},
	} {
		if suitsStreams[int8](tt.m, tt.n, tt.k, one) || suitsStreams[int8](tt.m, tt.n, tt.k, two) != tt.want {
			t.Errorf("%dx%dx%d: want %v where there are two, and never where there is one", tt.m, tt.n, tt.k, tt.want)
		}
	}
	for _, m := range []int{24, 25} { // beyond L2, rows that compete for L1
		if !suitsStreams[int8](m, 2048, 2048, one) || suitsStreams[int8](m, 2048, 2048, two) != (m == 24) {
			t.Errorf("%dx2048x2048 should stream where there is one, and up to 24 rows where there are two", m)
		}
	}
}

// However deep a product is, no call adds up more of A than one reads of B, and all of it is added up.
func TestFewNarrowRowsAddUpInParts(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512VNNI))
	u, most, sum := *vnniInt8, 0, 0
	u.starts = func(dst *int32, a *byte, aBytes, rows, k int) {
		most, sum = max(most, rows*k), sum+rows*k
		vnniInt8.starts(dst, a, aBytes, rows, k)
	}
	const m, k = 5, 2*streamBytes/5 + 77
	checkProduct(t, m, 3, k, 2, 1, func(p *product[int8, int32], workers int) func(int) {
		return streamNarrow(p, workers, &u, vnniRowsInt8, ownCaches())
	})
	if most > streamBytes || sum != m*k {
		t.Errorf("up to %d bytes in a call, %d in all", most, sum)
	}
}

// Few columns of narrow elements: every number of columns, in one group and in two, panels of every height, of rows far apart too, K in whole steps and a rest.
func TestFewNarrowColumns(t *testing.T) {
	testFewNarrowColumns[bf16, float32](t, cpu.AVX512BF16, dotBF16, dotColumnsBF16)
	testFewNarrowColumns[int8, int32](t, cpu.AVX512VNNI, vnniInt8, vnniColumnsInt8)
}

func testFewNarrowColumns[I element, O result](t *testing.T, isa cpu.ISA, u *microKernel, columns narrowColumns) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[I]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		count := 0
		for n := 1; n <= 2*len(columns.panels); n++ {
			for _, m := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 29, 100} {
				for _, k := range []int{1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 300} {
					count++
					checkProduct(t, m, n, k, count%5, kerneltest.Workers[count%3], func(p *product[I, O], workers int) func(int) {
						return dotNarrow(p, workers, u, columns, caches{l1: 4 << 10, l2: 1 << (20 * (count / 3 % 2))})
					})
				}
			}
		}
	})
}

// The last columns as dot products behind tiles, for every number of them.
func TestNarrowDotsAfterTiles(t *testing.T) {
	testDotsAfterTiles[bf16, float32](t, cpu.AVX512BF16, dotBF16, dotColumnsBF16)
	testDotsAfterTiles[int8, int32](t, cpu.AVX512VNNI, vnniInt8, vnniColumnsInt8)
}

func testDotsAfterTiles[I element, O result](t *testing.T, isa cpu.ISA, u *microKernel, columns narrowColumns) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[I]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		count := 0
		for dots := 1; dots <= len(columns.panels); dots++ {
			for _, n := range []int{1, 8, 16, 40} {
				for _, m := range []int{1, 13, 40} {
					for _, k := range []int{1, 33, 129} {
						count++
						checkProduct(t, m, n+dots, k, count%5, kerneltest.Workers[count%3], func(p *product[I, O], workers int) func(int) {
							return tilesAndDots(p, dots,
								func(p *product[I, O]) func(int) { return tiledMatmul[I, O](u).prepare(p, workers) },
								func(p *product[I, O]) func(int) { return dotNarrow(p, workers, u, columns, ownCaches()) })
						})
					}
				}
			}
		}
	})
}

// How many columns are dot products behind tiles: what is beyond whole halves of vectors, or beyond whole ones where two are multiplied in a
// cycle, if it pays, and never more than there is code for.
func TestNarrowDotsSuit(t *testing.T) {
	one, two := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}, caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20}
	const most = 6 // as many as there is code for on amd64; which one is chosen is the same everywhere
	columns := narrowColumns{panels: make([][]func(*asm.NarrowColumns), most)}
	for _, tt := range []struct {
		m, n, k  int
		one, two int // dot products of int8
	}{
		{300, 17, 129, 1, 1},
		{660, 43, 408, 3, 0}, // whole vectors: 43 are 32 and 11
		{660, 36, 1000, 4, 4},
		{300, 9, 129, 1, 0},
		{60, 22, 100, 0, 0},
		{60, 33, 64, 0, 1},
		{2600, 15, 4096, 0, 0}, // seven are more than there is code for
		{2600, 23, 4096, 0, 0},
		{300, 16, 129, 0, 0},
		{300, 161, 1000, 0, 1},
		{300, 321, 1000, 0, 0},
		{1000, 17, 16, 0, 0},
		{300, 17, narrowDeepest + 1, 0, 0},
	} {
		if a, b := dotsAfterTiles[int8](tt.m, tt.n, tt.k, most, one), dotsAfterTiles[int8](tt.m, tt.n, tt.k, most, two); a != tt.one || b != tt.two {
			t.Errorf("%dx%dx%d: %d and %d dot products, want %d and %d", tt.m, tt.n, tt.k, a, b, tt.one, tt.two)
		}
	}
	for _, tt := range []struct {
		m, n, k  int
		one, two bool // int8
	}{
		{10, 1, 7, true, true}, {10, 4, 128, true, true}, {200, 2, 128, true, true}, {10, 6, 500, true, true}, {200, 6, 500, true, true},
		{200, 5, 40, false, false}, {8, 2, 500, false, false}, {2000, 7, 2000, false, false},
	} {
		a, b := columns.suits(tt.m, tt.n, tt.k, 1, one), columns.suits(tt.m, tt.n, tt.k, 1, two)
		if a != tt.one || b != tt.two {
			t.Errorf("%dx%dx%d: dot products of all columns %v and %v, want %v and %v", tt.m, tt.n, tt.k, a, b, tt.one, tt.two)
		}
	}
	two.streams = true // two groups of columns were measured
	for n, want := range map[int]bool{7: true, 12: true, 13: false} {
		if columns.suits(2000, n, 2000, 1, two) != want {
			t.Errorf("2000x%dx2000: dot products of all columns, want %v", n, want)
		}
	}
}

// Rows of A of less than a step stay where they are but those of the first panel, before which A has nothing.
func TestNarrowRowsOfLessThanAStep(t *testing.T) {
	testLessThanAStep[bf16, float32](t, cpu.AVX512BF16, dotBF16)
	testLessThanAStep[int8, int32](t, cpu.AVX512VNNI, vnniInt8)
}

func testLessThanAStep[I element, O result](t *testing.T, isa cpu.ISA, u *microKernel) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[I]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		for k := 1; k <= u.group(); k++ {
			for i, m := range []int{1, 2, 12, 13, 14, 25, 40, 100} {
				for _, n := range []int{1, 17, 32, 70} {
					checkProduct(t, m, n, k, i%3, kerneltest.Workers[(i+k)%3], tiledMatmul[I, O](u).prepare)
				}
			}
			want := u.rows
			if k == u.group() {
				want = 0
			}
			c := ownCaches()
			if got := u.copiedRows(100, k, k, sizeof[I](), u.blocking(100, 32, k, sizeof[I](), c), c); got != want {
				t.Errorf("of 100 rows of %d elements %d are copied, want %d", k, got, want)
			}
		}
	})
}

// How few rows of int8 read B: by what of it L2 and the last cache hold, by the columns of a worker, by whether sums and rows stay in L1, and by
// whether L2 sends a line in every cycle.
func TestNarrowPlan(t *testing.T) {
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	few := narrowRows{streams: make([]narrowStream, 8), groupRows: 16}
	for _, tt := range []struct {
		m, n, k, workers  int
		far, ahead, twice bool
		streams, farLast  bool
	}{
		{m: 4, n: 1024, k: 1024, workers: 1, farLast: true},
		{m: 1, n: 8192, k: 8192, workers: 1, farLast: true, ahead: true},
		{m: 1, n: 1024, k: 1024, workers: 1},                         // in L2
		{m: 1, n: 2048, k: 2048, workers: 1, far: true},              // in the last cache
		{m: 1, n: 2048, k: 2048, workers: 2, far: true, twice: true}, // by pieces of rows
		{m: 1, n: 8192, k: 1024, workers: 1, far: true, twice: true}, // sums beyond L1
		{m: 1, n: 4096, k: 4096, workers: 1, far: true, ahead: true}, // in the last cache, beside others' data
		{m: 1, n: 8192, k: 2048, workers: 1, ahead: true},            // the same, sums beyond L1
		{m: 1, n: 8192, k: 8192, workers: 1, ahead: true},            // from memory
		{m: 4, n: 1000, k: 1000, workers: 1},
		{m: 4, n: 1024, k: 1024, workers: 1, ahead: true}, // all of L2
		{m: 9, n: 2048, k: 2048, workers: 1},              // a second pass finds B in L2
		{m: 1, n: 1024, k: 1024, workers: 1, streams: true},
		{m: 1, n: 4096, k: 4096, workers: 1, streams: true, far: true},
		{m: 1, n: 8192, k: 8192, workers: 1, streams: true, far: true, twice: true},
		{m: 1, n: 1000, k: 2000, workers: 1, streams: true, far: true},              // rows are not whole lines, B is less than twice L2
		{m: 1, n: 1000, k: 2200, workers: 1, streams: true, far: true},              // as without streams: in the last cache
		{m: 1, n: 3001, k: 5000, workers: 1, streams: true, far: true, ahead: true}, // beside others' data
		{m: 1, n: 8190, k: 8192, workers: 1, streams: true, ahead: true},            // from memory
		{m: 4, n: 1024, k: 1024, workers: 1, streams: true},
		{m: 8, n: 1024, k: 4096, workers: 1, streams: true},
		{m: 4, n: 4096, k: 4096, workers: 1, streams: true},
		{m: 8, n: 4096, k: 4096, workers: 1, streams: true, ahead: true}, // from memory
	} {
		c.streams, c.far = tt.streams, tt.farLast
		p := planNarrow[int8](tt.m, tt.n, tt.k, tt.workers, few, c)
		if p.far != tt.far || p.ahead != tt.ahead || p.twice != tt.twice {
			t.Errorf("%d×%d×%d, %d workers, streams %t: far, ahead, twice are %t, %t, %t, want %t, %t, %t",
				tt.m, tt.n, tt.k, tt.workers, tt.streams, p.far, p.ahead, p.twice, tt.far, tt.ahead, tt.twice)
		}
	}
}

// One row of bf16 with B in L2: in parts where L2 sends a line in every cycle, B leaves L1 and rows are long, two rows of a part if not very
// long. What is chosen does not depend on the number of workers: it is all columns that are asked.
func TestNarrowPlanOfBF16(t *testing.T) {
	few := narrowRows{streams: make([]narrowStream, 8), groupRows: 16}
	for _, tt := range []struct {
		n, k       int
		streams    bool
		far, twice bool
	}{
		{n: 127, k: 1000, streams: true},
		{n: 128, k: 1000, streams: true, far: true, twice: true},
		{n: 255, k: 1000, streams: true, far: true, twice: true},
		{n: 256, k: 1000, streams: true, far: true},
		{n: 200, k: 1000},
		{n: 512, k: 1000},
		{n: 128, k: 64, streams: true},               // in L1
		{n: 8192, k: 63, streams: true, twice: true}, // sums beyond L1
	} {
		c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20, streams: tt.streams}
		if p := planNarrow[bf16](1, tt.n, tt.k, 1, few, c); p.far != tt.far || p.twice != tt.twice || p.ahead {
			t.Errorf("1×%d×%d, streams %t: far %t, twice %t, ahead %t, want %t, %t and no prefetching", tt.n, tt.k, tt.streams, p.far, p.twice, p.ahead, tt.far, tt.twice)
		}
		if p := planNarrow[bf16](1, tt.n, tt.k, 3, few, c); p.far != tt.far {
			t.Errorf("1×%d×%d, 3 workers: far %t, want %t", tt.n, tt.k, p.far, tt.far)
		}
		if p := planNarrow[int8](1, tt.n, 2*tt.k, 1, few, c); p.far {
			t.Errorf("1×%d×%d of int8 is taken in parts from L2", tt.n, 2*tt.k)
		}
	}
}

// Few rows whose sums are in registers: panels of every height, tiles of every width, columns up to and beyond whole lines, one tile and several, K in
// chains, steps and a rest.
func TestNarrowInPlace(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512BF16))
	count, tiles := 0, dotRowsBF16.inPlace
	for m := 1; m <= 2*len(tiles); m++ {
		for lines := 1; lines <= 2*len(tiles[tiles.height(m)-1])+1; lines++ {
			for _, last := range []int{1, 15, 16, 17, 31, 32} {
				for _, k := range []int{1, 2, 3, 7, 8, 9, 33} {
					count++
					checkProduct(t, m, 32*(lines-1)+last, k, count%5, kerneltest.Workers[count%3], func(p *product[bf16, float32], workers int) func(int) {
						return narrowTiles(p, workers, dotBF16.group(), tiles)
					})
				}
			}
		}
	}
}

// Which few rows are computed in place: of a B in L1 all, of one in L2 those whose tiles find it there in time.
func TestNarrowInPlaceSuits(t *testing.T) {
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, streams: true}
	tiles := narrowInPlace{}
	for _, most := range []int{12, 6, 4, 3, 2, 2} {
		tiles = append(tiles, make([]func(*asm.NarrowInPlace), most))
	}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{1, 170, 111, true}, {1, 3000, 5, true}, {1, 97, 751, true}, {1, 300, 300, true}, {1, 384, 300, false}, {1, 400, 300, false}, {1, 300, 1500, false},
		{2, 300, 300, true}, {2, 600, 300, false}, {4, 300, 1500, true}, {4, 1500, 400, false}, {8, 300, 800, true}, {8, 300, 1500, false},
		{1, 16, 9000, false}, // more than a call may take
		{12, 60, 100, true}, {16, 60, 100, false}, {16, 100, 100, true}, {17, 100, 100, false},
	} {
		if got := tiles.takes(tt.m, tt.n, tt.k, 2, c); got != tt.want {
			t.Errorf("%dx%dx%d: %v", tt.m, tt.n, tt.k, got)
		}
	}
	far := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	if !tiles.takes(1, 1024, 512, 2, far) || !tiles.takes(2, 900, 900, 2, far) || tiles.takes(1, 3000, 400, 2, far) {
		t.Error("where the last cache is far one and two rows take most of L2")
	}
	if narrowInPlace(nil).takes(1, 10, 10, 1, c) {
		t.Error("without code there are tiles")
	}
}
