package kernels

import (
	"fmt"
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/half"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// matmulVariant is a multiplier under test.
type matmulVariant[I element, O result] struct {
	name string
	isa  cpu.ISA
	m    multiplier[I, O]
}

func plainVariants[T float](avx2, avx512 *microKernel, avx512InPlace inPlace, avx2Rows, avx512Rows []rowStream, avx2Vectors, avx512Vectors vectors[T]) []matmulVariant[T, T] {
	return []matmulVariant[T, T]{
		{"naive", cpu.Go, naiveMatmul[T]()},
		{"blocked", cpu.Go, blockedMatmul[T]()},
		{"avx2", cpu.AVX2, plainMatmulOf(avx2, inPlace{}, avx2Rows, avx2Vectors)},
		{"avx512", cpu.AVX512, plainMatmulOf(avx512, avx512InPlace, avx512Rows, avx512Vectors)},
		{"avx2-tiled", cpu.AVX2, tiledMatmul[T, T](avx2)}, // not registered: tiles of the shapes that need none
		{"avx512-tiled", cpu.AVX512, tiledMatmul[T, T](avx512)},
	}
}

func f32Variants() []matmulVariant[float32, float32] {
	return plainVariants(avx2F32, avx512F32, avx512InPlaceF32, avx2RowsF32, avx512RowsF32, avx2VectorsF32, avx512VectorsF32)
}

func f64Variants() []matmulVariant[float64, float64] {
	return plainVariants(avx2F64, avx512F64, avx512InPlaceF64, avx2RowsF64, avx512RowsF64, avx2VectorsF64, avx512VectorsF64)
}

func TestMatmul(t *testing.T) {
	testMatmul(t, f32Variants())
	testMatmul(t, f64Variants())
	testMatmul(t, bf16Variants())
	testMatmul(t, f16Variants())
	testMatmul(t, int8Variants())
}

func bf16Variants() []matmulVariant[bf16, float32] {
	return []matmulVariant[bf16, float32]{
		{"naive", cpu.Go, naiveBF16()},
		{"avx512", cpu.AVX512BF16, narrowMatmulOf[bf16, float32](dotBF16, ownDots(), dotColumnsBF16)},
		{"avx512-wide", cpu.AVX512BF16, narrowMatmulOf[bf16, float32](dotBF16, wideRowsBF16, dotColumnsBF16)}, // not registered: few rows as where VDPBF16PS is slow
		{"avx512-tiled", cpu.AVX512BF16, tiledMatmul[bf16, float32](dotBF16)},                                 // not registered: tiles of few rows
		{"avx512-packed", cpu.AVX512BF16, packedMatmul[bf16, float32](dotBF16)},                               // not registered: proves packing before where there is no AMX
		{"amx", cpu.AMXBF16, tileMatmulOf(amxBF16, narrowMatmulOf[bf16, float32](dotBF16, dotRowsBF16, dotColumnsBF16), vectorsBF16)},
		{"amx-tiled", cpu.AMXBF16, tiledMatmul[bf16, float32](amxBF16)},
		{"amx-packed", cpu.AMXBF16, packedMatmul[bf16, float32](amxBF16)},
	}
}

// ownDots multiplies few rows by VDPBF16PS, even where that is slow.
func ownDots() narrowRows {
	own := dotRowsBF16
	own.slow = nil
	return own
}

func f16Variants() []matmulVariant[f16, float32] {
	return []matmulVariant[f16, float32]{
		{"naive", cpu.Go, naiveF16()},
		{"avx512", cpu.AVX512FP16, tiledMatmul[f16, float32](halfF16)},
	}
}

func int8Variants() []matmulVariant[int8, int32] {
	return []matmulVariant[int8, int32]{
		{"naive", cpu.Go, naiveInt8()},
		{"avx512", cpu.AVX512VNNI, narrowMatmulOf[int8, int32](vnniInt8, vnniRowsInt8, vnniColumnsInt8)},
		{"avx512-tiled", cpu.AVX512VNNI, tiledMatmul[int8, int32](vnniInt8)},
		{"avx512-packed", cpu.AVX512VNNI, packedMatmul[int8, int32](vnniInt8)},
		{"amx", cpu.AMXINT8, tileMatmulOf(amxInt8, narrowMatmulOf[int8, int32](vnniInt8, vnniRowsInt8, vnniColumnsInt8), vectorsInt8)},
		{"amx-tiled", cpu.AMXINT8, tiledMatmul[int8, int32](amxInt8)},
		{"amx-packed", cpu.AMXINT8, packedMatmul[int8, int32](amxInt8)},
	}
}

// testMatmul runs every tail of rows and columns of the largest tile, with one, few and many inner elements; a short test runs a
// seventh of them.
func testMatmul[I element, O result](t *testing.T, variants []matmulVariant[I, O]) {
	for _, v := range variants {
		t.Run(fmt.Sprintf("matmul/%s/%s", v.name, dtypeOf[I]()), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(v.isa))
			count := 0
			for _, m := range kerneltest.Sizes(12) {
				for _, n := range kerneltest.Sizes(32) {
					count++
					if testing.Short() && (v.isa != cpu.Go || testkit.Race) && count%7 != 0 {
						continue
					}
					k := []int{1, 2, 3, 13, 40}[count%5]
					workers := kerneltest.Workers[count%3]
					checkProduct(t, m, n, k, count%4, workers, v.m.prepare)
				}
			}
			if testkit.Race {
				return // larger ones, whose sums take the time: TestPartsRunAtOnce
			}
			for _, s := range [][3]int{{1, 1, 1}, {1, 1, 1000}, {1, 300, 1}, {300, 1, 7}, {300, 3, 1500}, {30, 11, 700}, {3, 5000, 19}, {8, 1500, 21}, {67, 129, 43}, {29, 97, 701}, {64, 64, 64}, {70, 65, 192}, {30, 1031, 331}, {100, 131, 512}} {
				for _, workers := range kerneltest.Workers {
					checkProduct(t, s[0], s[1], s[2], 5, workers, v.m.prepare)
				}
			}
			for _, workers := range kerneltest.Workers {
				checkProduct(t, 260, 70, 77, 0, workers, v.m.prepare) // rows that follow each other
			}
		})
	}
}

// Small caches make the tiled kernels take every path at small sizes: several blocks of columns, several depths, packing
// by the first panel and beforehand, panels of A in place, copied before they are multiplied and copied while the one above is.
func TestMatmulBlocking(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testBlocking[float32, float32](t, "matmul/avx2/f32", cpu.AVX2, shallow(avx2F32, 64))
	testBlocking[float64, float64](t, "matmul/avx2/f64", cpu.AVX2, shallow(avx2F64, 64))
	testBlocking[float32, float32](t, "matmul/avx512/f32", cpu.AVX512, shallow(avx512F32, 128))
	testBlocking[float64, float64](t, "matmul/avx512/f64", cpu.AVX512, shallow(avx512F64, 128))
	testBlocking[bf16, float32](t, "matmul/avx512/bf16", cpu.AVX512BF16, shallow(dotBF16, 128))
	testBlocking[int8, int32](t, "matmul/avx512/int8", cpu.AVX512VNNI, shallow(vnniInt8, 256))
	testBlocking[f16, float32](t, "matmul/avx512/f16", cpu.AVX512FP16, shallow(halfF16, 128))
	testBlocking[bf16, float32](t, "matmul/amx/bf16", cpu.AMXBF16, shallow(amxBF16, 256))
	testBlocking[int8, int32](t, "matmul/amx/int8", cpu.AMXINT8, shallow(amxInt8, 256))
	testBlocking[bf16, float32](t, "matmul/amx-line/bf16", cpu.AMXBF16, shallow(amxBF16.with(Setting{"line": int(always)}), 256))
	testBlocking[int8, int32](t, "matmul/amx-line/int8", cpu.AMXINT8, shallow(amxInt8.with(Setting{"line": int(always)}), 256))
	testBlocking[bf16, float32](t, "matmul/amx-turns/bf16", cpu.AMXBF16, shallow(amxBF16.with(Setting{"line": int(never), "turns": int(always)}), 256))
	testBlocking[int8, int32](t, "matmul/amx-turns/int8", cpu.AMXINT8, shallow(amxInt8.with(Setting{"line": int(never), "turns": int(always)}), 256))
}

// shallow is u for depths so small that tests have several; eight steps of bf16 are enough for the buffer of blocks of C.
func shallow(u *microKernel, depth int) *microKernel {
	v := *u
	v.depth = depth
	return &v
}

func testBlocking[I element, O result](t *testing.T, id string, isa cpu.ISA, u *microKernel) {
	t.Run(id, func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		fused, copied, in, ahead, lines, beside, back, several, fetched := map[bool]int{}, map[bool]int{}, 0, 0, 0, 0, 0, 0, 0
		for _, c := range []caches{{l1: 4 << 10, l1Ways: 2, l2: 4 << 10}, {l1: 2 << 10, l1Ways: 1, l2: 1 << 20}, {l1: 1 << 20, l1Ways: 64, l2: 1}} {
			for _, s := range [][3]int{{25, 100, 70}, {13, 33, 129}, {12, 64, 128}, {40, 31, 17}, {15, 70, 400}, {70, 65, 192}, {70, 131, 512}, {16, 70, 512}, {96, 128, 192}, {15, 70, 385}, {15, 33, 1027}} { // of the last two, the last of some blocks is no step of bf16 and of int8
				for pad := range 3 {
					checkProduct(t, s[0], s[1], s[2], pad, 1, func(p *product[I, O], _ int) func(int) {
						tiled := newTiled(p, u, block{0, s[0], 0, s[1]}, c)
						copied[tiled.copyA]++
						if tiled.cut.line {
							lines++
						}
						if tiled.cut.beside {
							beside++
						}
						if tiled.cut.depth < s[2] && tiled.cut.cols < s[1] {
							in++
						}
						tiled.eachBlock(func(j, cols, k, depth int) {
							fused[tiled.fuses(depth)]++
							tiled.eachCall(j, cols, k, depth, func(func(*asm.MatmulPanel)) {
								if tiled.args.Copy != nil {
									ahead++
								}
								if u.several && tiled.args.Panels > 1 {
									several++
								}
								if tiled.args.FetchBytes > 0 {
									fetched++
								}
								if a := tiled.args; tiled.amx.turns && a.Panels > 2 && a.Tiles > 1 && a.Tail == 0 {
									back++
								}
							})
						})
						return func(int) { tiled.run() }
					})
				}
			}
		}
		if (u.line == always) != (lines > 0) {
			t.Errorf("%d products were packed by lines", lines)
		}
		if u.line == always && u.lines != nil && beside == 0 {
			t.Error("no lines were packed beside products")
		}
		if u.several && (several == 0 || fetched == 0) {
			t.Errorf("%d calls had several panels, %d fetched the next block of B", several, fetched)
		}
		if u.turns == always && back == 0 {
			t.Error("no panels walked slivers back and forth")
		}
		if (u.fuse == byCaches || u.fuse == always && u.group() > 1) && len(fused) < 2 || u.copy == byCaches && len(copied) < 2 || in == 0 || u.copiesNext && ahead == 0 {
			t.Errorf("paths not taken: fused %v, copied %v, in blocks both ways %d, copied ahead %d", fused, copied, in, ahead)
		}
	})
}

// A tiny last cache makes few rows be read as if they came from memory, where whole rows fit L2 and where they do not; a large one as streams,
// or one after the other where rows are long.
func TestFewRows(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	t.Run("matmul/avx512/f32", func(t *testing.T) { testFewRows[float32](t, avx512RowsF32) })
	t.Run("matmul/avx512/f64", func(t *testing.T) { testFewRows[float64](t, avx512RowsF64) })
}

func testFewRows[T float](t *testing.T, streams []rowStream) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	called, many, pages := 0, 0, 0
	for m := 1; m <= inPlaceRows; m++ {
		s := streams[m-1]
		ahead := s.ahead.run
		s.ahead.run = func(r *asm.MatmulRows) { called++; ahead(r) }
		if run := s.many.run; run != nil {
			s.many.run = func(r *asm.MatmulRows) { many++; run(r) }
			far := s.far[0].run
			s.far = []rowGroup{{s.far[0].k, func(r *asm.MatmulRows) {
				if r.BNext > page && r.Vectors*64 == page {
					pages++
				}
				far(r)
			}}}
		}
		for _, c := range []caches{
			{l1: 32 << 10, l2: 1 << 20, last: 1}, {l1: 2 << 10, l2: 2 << 10, last: 1}, {l1: 32 << 10, l2: 1 << 20, last: 1 << 30},
			{l1: 48 << 10, l2: 1 << 20, last: 1 << 30, streams: true}, {l1: 2 << 10, l2: 2 << 10, last: 1, streams: true},
			{l1: 48 << 10, l2: 20 << 10, last: 1, streams: true},
		} {
			for _, size := range [][2]int{{1, 8}, {17, 23}, {300, 67}, {300, 403}, {1031, 41}, {2048, 45}, {4099, 19}} {
				for _, workers := range []int{1, 2} {
					checkProduct(t, m, size[0], size[1], m, workers, func(p *product[T, T], workers int) func(int) { return streamRows(p, workers, s, c) })
				}
			}
		}
	}
	if called == 0 || many == 0 || pages == 0 {
		t.Errorf("paths not taken: from memory %d, many rows %d, pages of long rows %d", called, many, pages)
	}
}

// Products in place, of every height and width, in slices of k where a panel of A would not fit L1.
func TestMatmulInPlace(t *testing.T) {
	testInPlace[float32](t, avx512InPlaceF32)
	testInPlace[float64](t, avx512InPlaceF64)
	for _, near := range []int{1 << 10, 40 << 10} { // as planned where whole vectors take as long as halves
		f32, f64 := avx512InPlaceF32, avx512InPlaceF64
		f32.near, f64.near = near, near
		testInPlace[float32](t, f32)
		testInPlace[float64](t, f64)
	}
}

func testInPlace[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		for i, m := range kerneltest.Sizes(12) {
			for j, n := range kerneltest.Sizes(4 * lineElems[T]()) {
				if testing.Short() && (5*i+j)%7 != 0 {
					continue
				}
				for _, c := range []caches{{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}, {l1: 1 << 10, l1Ways: 8, l2: 1 << 10}} {
					workers := kerneltest.Workers[(i+j)%len(kerneltest.Workers)]
					checkProduct(t, m, n, []int{1, 5, 67}[(i+j)%3], i%4, workers, func(p *product[T, T], workers int) func(int) {
						u := u.permuting((i+j)%2 == 0)
						u.near = []int{0, c.l1 * 5 / 6}[(i+j)/2%2]
						return multiplyInPlace(p, workers, u, c)
					})
				}
			}
		}
	})
}

// checkProduct multiplies integers, whose sums are exact in any order, and requires equality with integer arithmetic, in
// matrices with rows pad elements longer than needed.
func checkProduct[I element, O result](t *testing.T, m, n, k, pad, workers int, prepare func(*product[I, O], int) func(int)) {
	t.Helper()
	a := func(i, j int) int { return (i*7+j*3)%9 - 4 }
	b := func(i, j int) int { return (i*5+j*11)%7 - 3 }
	o := kerneltest.New(t)
	p := &product[I, O]{
		a: matrix[I]{kerneltest.Input(o, "A", m, k, k+pad, func(i, j int) I { return fromInt[I](a(i, j)) }), m, k, k + pad},
		b: matrix[I]{kerneltest.Input(o, "B", k, n, n+pad, func(i, j int) I { return fromInt[I](b(i, j)) }), k, n, n + pad},
		c: matrix[O]{kerneltest.Output[O](o, "C", m, n, n+pad), m, n, n + pad},
	}
	part := prepare(p, workers)
	for w := range workers {
		part(w)
	}
	if err := o.Check(); err != nil {
		t.Fatalf("%dx%dx%d, padding %d, %d workers: %v", m, n, k, pad, workers, err)
	}
	for i := range m {
		for j := range n {
			want := 0
			for q := range k {
				want += a(i, q) * b(q, j)
			}
			if got := p.c.row(i)[j]; got != O(want) {
				t.Fatalf("%dx%dx%d, padding %d, %d workers: C[%d,%d] = %v, want %d", m, n, k, pad, workers, i, j, got, want)
			}
		}
	}
}

// fromInt is a small integer as an element.
func fromInt[T element](v int) T {
	var x [1]T
	switch x := any(x[:]).(type) {
	case []float64:
		x[0] = float64(v)
	case []float32:
		x[0] = float32(v)
	case []bf16:
		x[0] = toBF16(float32(v))
	case []f16:
		x[0] = half.RoundF16(float32(v))
	case []int8:
		x[0] = int8(v)
	}
	return x[0]
}

// Every element belongs to exactly one worker's block.
func TestBlockOf(t *testing.T) {
	for _, rows := range []int{1, 5, 12, 100} {
		for _, cols := range []int{1, 31, 32, 33, 64, 257} {
			for workers := 1; workers <= 9; workers++ {
				owner := make([]int, rows*cols)
				for w := range workers {
					bl := blockOf(rows, cols, 12, 32, workers, w)
					for i := range bl.rows {
						for j := range bl.cols {
							owner[(bl.row+i)*cols+bl.col+j]++
						}
					}
				}
				for e, n := range owner {
					if n != 1 {
						t.Fatalf("%dx%d, %d workers: element %d belongs to %d", rows, cols, workers, e, n)
					}
				}
			}
		}
	}
}

func TestCollide(t *testing.T) {
	zen, glc := caches{l1: 32 << 10, l1Ways: 8}, caches{l1: 48 << 10, l1Ways: 12}
	tests := []struct {
		c            caches
		stride, rows int
		want         bool
	}{
		{zen, 4096, 8, false}, // one set, eight ways
		{zen, 4096, 12, true}, // twelve rows in them
		{zen, 2048, 12, false},
		{zen, 4096 + 64, 12, false},
		{zen, 4096 + 4, 12, false},
		{zen, 8192, 9, true},
		{glc, 4096, 12, false},
		{glc, 4096, 13, true},
	}
	for _, tt := range tests {
		if got := tt.c.collide(tt.stride, tt.rows); got != tt.want {
			t.Errorf("%+v.collide(%d, %d) = %v, want %v", tt.c, tt.stride, tt.rows, got, tt.want)
		}
	}
}

// Verify must see one wrong element anywhere near an edge, in full and in sampled comparisons, and elements not written.
func TestMatmulVerifySeesErrors(t *testing.T) {
	for _, size := range []int{40, 300} { // 300³ > 2^24: sampled
		for _, at := range [][2]int{{0, 0}, {size - 1, size - 1}, {0, size - 1}} {
			for _, wrong := range []float32{0.01, float32(math.NaN())} {
				p := newProduct[float32, float32](shape.Shape{M: size, N: size, K: size})
				right := newMatmul(p, 1, blockedMatmul[float32]())
				v, err := right.Verify()
				if err != nil || v.MaxError > v.Tolerance {
					t.Fatalf("%d: right result: %+v, %v", size, v, err)
				}
				broken := &matmul[float32, float32]{p, 1, func(w int) {
					right.part(w)
					p.c.row(at[0])[at[1]] += wrong
				}}
				if v, _ := broken.Verify(); v.MaxError <= v.Tolerance {
					t.Errorf("%d: error of %v at %v not seen: %+v", size, wrong, at, v)
				}
			}
		}
	}
}
