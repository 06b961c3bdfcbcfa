package kernels

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// largeCore is the topology of a core of Sapphire or Granite Rapids.
var largeCore = caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}

// How narrow products are cut there, each worker's part: a block of B takes half of L2 at most, or, in AMX where the product fits L2,
// columns of a line in L1.
func TestCutsOnLargeCore(t *testing.T) {
	for _, tt := range []struct {
		size, workers int
		want          blocking
		copied, ask   bool // ask: for the panel below
	}{
		{64, 1, blocking{cols: 64, depth: 64}, false, false},
		{128, 1, blocking{cols: 32, depth: 128, line: true, beside: true}, false, false},
		{256, 1, blocking{cols: 32, depth: 256, line: true, beside: true}, false, false},
		{512, 1, blocking{cols: 32, depth: 512, line: true, beside: true}, false, false},
		{1000, 1, blocking{cols: 352, depth: 1024}, true, true},
		{1024, 1, blocking{cols: 352, depth: 1024}, false, true},
		{1024, 2, blocking{cols: 512, depth: 1024}, false, true},
		{2048, 1, blocking{cols: 704, depth: 512, chunks: true}, true, true},
		{2048, 2, blocking{cols: 512, depth: 512, chunks: true}, true, true},
		{4096, 1, blocking{cols: 704, depth: 512, chunks: true}, true, true},
	} {
		checkCut[bf16, float32](t, amxBF16, tt.size, tt.workers, tt.want, tt.copied, tt.ask)
	}
	for _, tt := range []struct {
		size, workers int
		want          blocking
		copied, ask   bool
	}{
		{256, 1, blocking{cols: 64, depth: 256, line: true, beside: true}, false, false},
		{512, 1, blocking{cols: 64, depth: 512, line: true, beside: true}, false, false},
		{1024, 1, blocking{cols: 1024, depth: 1024}, false, true},
		{2048, 1, blocking{cols: 352, depth: 2048}, false, true},
	} {
		checkCut[int8, int32](t, amxInt8, tt.size, tt.workers, tt.want, tt.copied, tt.ask)
	}
	for _, tt := range []struct {
		size, workers int
		want          blocking
		copied        bool
	}{
		{512, 1, blocking{cols: 512, depth: 512}, false},
		{1024, 1, blocking{cols: 512, depth: 512}, false},
		{2048, 2, blocking{cols: 512, depth: 512}, true},
	} {
		checkCut[f16, float32](t, halfF16, tt.size, tt.workers, tt.want, tt.copied, false)
	}
}

// A product of which L2 keeps all prefetches nothing where the last cache is far, but in AMX and in chunks.
func TestProductsInL2PrefetchNothing(t *testing.T) {
	near := largeCore
	near.far = false
	for _, tt := range []struct {
		u    *microKernel
		size int
		c    caches
		want bool
	}{
		{vnniInt8, 64, largeCore, true}, {vnniInt8, 512, largeCore, true}, {vnniInt8, 520, largeCore, false}, {vnniInt8, 256, near, false},
		{dotBF16, 256, largeCore, true}, {halfF16, 256, largeCore, false}, {amxInt8, 256, largeCore, false},
	} {
		p := newProduct[int8, int32](shape.Shape{M: tt.size, N: tt.size, K: tt.size})
		if got := tt.u.blocking(tt.size, tt.size, tt.size, 1, tt.c).near; got != tt.want {
			t.Errorf("%d: near is %v", tt.size, got)
		}
		if tt.u != vnniInt8 || cpu.Usable(cpu.AVX512VNNI) != nil { // what rows of A add up to is computed
			continue
		}
		x := newTiled(p, tt.u, block{0, tt.size, 0, tt.size}, tt.c)
		x.eachCall(0, min(tt.size, x.cut.cols), 0, min(tt.size, x.cut.depth), func(func(*asm.MatmulPanel)) {
			if unpacedCall := x.args.Pace == unpaced; unpacedCall != tt.want {
				t.Errorf("%d: a prefetch every %d steps", tt.size, x.args.Pace)
			}
		})
	}
}

// Blocks of B fill a quarter of an L2 of 2 MiB, AVX2's a third, and panels of A no more than half of L1 beside it. Elsewhere they fill half, as deep as the code
// likes best, and nowhere more than a setting says.
func TestBlocksBesideCaches(t *testing.T) {
	zen5 := caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 32 << 20, streams: true}
	for _, tt := range []struct {
		what        string
		u           *microKernel
		es          int
		c           caches
		cols, depth int
		fuse        bool
	}{
		{"f32", avx512F32, 4, largeCore, 256, 512, true},
		{"f64", avx512F64, 8, largeCore, 256, 256, true},
		{"f64, set", avx512F64.with(Setting{"depth": 512, "share": 50}), 8, largeCore, 256, 512, true},
		{"f32 in AVX2", avx2F32, 4, largeCore, 512, 256, true},
		{"f64 on a Zen 5", avx512F64, 8, zen5, 128, 512, true},
		{"f32 in AVX2 on a Zen 5", avx2F32, 4, zen5, 512, 256, true},
	} {
		if g := tt.u.blocking(1024, 1024, 1024, tt.es, tt.c); g.cols != tt.cols || g.depth != tt.depth || g.fuse != tt.fuse {
			t.Errorf("%s: a block of 1024³ has %d columns, is %d deep, packed by the first panel %v; want %d, %d, %v", tt.what, g.cols, g.depth, g.fuse, tt.cols, tt.depth, tt.fuse)
		}
	}
}

// Twelve rows of f32 and f64 leave ways of each set of L1 to B and C, or are copied.
func TestCopiesRowsThatFillSets(t *testing.T) {
	zen4 := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, tt := range []struct {
		c           caches
		strideBytes int
		want        bool
	}{
		{largeCore, 2048, false},
		{largeCore, 4000, false},
		{largeCore, 4096, true}, // all 12 ways of half of the sets
		{largeCore, 8192, true},
		{zen4, 2048, false},
		{zen4, 4096, true},
	} {
		for u, es := range map[*microKernel]int{avx512F32: 4, avx512F64: 8} {
			if got := u.copyAll(1000, tt.strideBytes/es, es, u.blocking(1000, 1000, 512, es, tt.c), tt.c); got != tt.want {
				t.Errorf("rows of %d bytes elements, %d bytes apart, with %+v: copied %v, want %v", es, tt.strideBytes, tt.c, got, tt.want)
			}
		}
	}
}

// So do those of bf16 and int8 where several blocks of columns use the copies, and those of f16 for one block, too.
func TestCopiesNarrowRowsThatFillSets(t *testing.T) {
	for _, tt := range []struct {
		cols, strideBytes int
		want              bool
	}{
		{1000, 2048, false},
		{1000, 4000, false},
		{1000, 4096, true},
		{1000, 8192, true},
		{64, 8192, false},
	} {
		for u, es := range map[*microKernel]int{dotBF16: 2, vnniInt8: 1, halfF16: 2} {
			k := tt.strideBytes / es
			want := tt.want || u == halfF16 && tt.strideBytes%4096 == 0
			if got := u.copyAll(1000, k, es, u.blocking(1000, tt.cols, k, es, largeCore), largeCore); got != want {
				t.Errorf("%d columns, rows of %d bytes elements, %d bytes apart: copied %v, want %v", tt.cols, es, tt.strideBytes, got, want)
			}
		}
	}
}

// B that was packed before stays in L1 as a whole, where it has room.
func TestPackedCutsOnLargeCore(t *testing.T) {
	u := *amxBF16
	u.before = true
	for size, want := range map[int]blocking{64: {cols: 64, depth: 64}, 128: {cols: 128, depth: 128}, 256: {cols: 256, depth: 256}} {
		got := u.blocking(size, size, size, 2, largeCore)
		if want.copyStride, want.once = got.copyStride, got.once; got != want {
			t.Errorf("%d³: %+v, want %+v", size, got, want)
		}
	}
	v := amxInt8.with(Setting{"turns": int(always)})
	v.before = true
	if got := v.blocking(256, 32, 1024, 1, largeCore); got.cols != 64 { // a line's columns are more than fit
		t.Errorf("%d columns of a block, want those of a line", got.cols)
	}
}

// checkCut requires that the first worker's part of a square product is cut so.
func checkCut[I element, O result](t *testing.T, u *microKernel, size, workers int, want blocking, copied, ask bool) {
	t.Helper()
	p := &product[I, O]{
		a: matrix[I]{make([]I, size*size), size, size, size},
		b: matrix[I]{make([]I, size*size), size, size, size},
		c: matrix[O]{make([]O, size*size), size, size, size},
	}
	got := newTiled(p, u, blockOf(size, size, u.rows, u.cols, workers, 0), largeCore)
	want.copyStride, want.once = got.cut.copyStride, got.cut.once
	if got.cut != want || got.copyA != copied || got.amx.ask != ask {
		t.Errorf("%s %d³, %d workers: %+v, copied %v, ask %v; want %+v, %v, %v",
			dtypeOf[I](), size, workers, got.cut, got.copyA, got.amx.ask, want, copied, ask)
	}
}

// Blocks of C pass through L1 where they have steps enough to hide it and L2 keeps C, and where its rows are not whole lines.
func TestBuffersC(t *testing.T) {
	for _, tt := range []struct {
		steps, bytes, row int
		want              bool
	}{
		{7, 64 << 10, 512, false}, {8, 64 << 10, 512, true}, {16, 1 << 20, 2048, true}, {32, 4 << 20, 4096, false},
		{3, 16 << 10, 500, false}, {4, 16 << 10, 500, true}, {2, 64 << 10, 500, true}, {32, 4 << 20, 4100, true},
	} {
		if got := buffersC(tt.steps, tt.bytes, tt.row, largeCore); got != tt.want {
			t.Errorf("%d steps, %d bytes, rows of %d: %v", tt.steps, tt.bytes, tt.row, got)
		}
	}
}

// What is tried on a core of Sapphire Rapids: what the caches suggest first, then others, and nothing twice.
func TestWaysOnLargeCore(t *testing.T) {
	for _, tt := range []struct {
		of       *microKernel
		size, es int
		want     []string
	}{
		{halfF16, 512, 2, []string{"copy=1", "copy=2"}},
		{halfF16, 2000, 2, []string{"copy=1", "copy=2", "copy=1,share=50"}},
		{dotBF16, 512, 2, nil}, // of which no trial decides
		{amxBF16, 512, 2, nil},
	} {
		var got []string
		for _, set := range tt.of.ways(tt.size, tt.size, tt.size, tt.es, largeCore) {
			got = append(got, set.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d³ of %d bytes: %q, want %q", tt.size, tt.es, got, tt.want)
		}
	}
}

// Workers share rows where each has many, or little of B to pack, else columns.
func TestPartFor(t *testing.T) {
	for _, tt := range []struct {
		u       *microKernel
		m, k    int
		workers int
		want    block // of the second worker
	}{
		{avx512F32, 1024, 1024, 2, block{512, 512, 0, 1024}},
		{avx512F32, 1001, 1024, 2, block{501, 500, 0, 1024}},
		{avx512F32, 1000, 1000, 2, block{500, 500, 0, 1024}},
		{avx512F32, 900, 1024, 2, block{0, 900, 512, 512}},
		{avx512F32, 200, 64, 2, block{100, 100, 0, 1024}}, // little to pack
		{avx512F32, 40, 64, 2, block{0, 40, 512, 512}},
		{avx512F32, 1024, 1024, 4, block{0, 1024, 256, 256}},
		{avx2F32, 1024, 1024, 2, block{0, 1024, 512, 512}},
		{dotBF16, 1024, 1024, 2, block{512, 512, 0, 1024}},
		{amxBF16, 1024, 1024, 2, block{0, 1024, 512, 512}},
	} {
		p := &product[float32, float32]{a: matrix[float32]{nil, tt.m, tt.k, tt.k}, c: matrix[float32]{nil, tt.m, 1024, 1024}}
		if got := partFor(p, tt.u, tt.workers, 1); got != tt.want {
			t.Errorf("%d rows, K = %d, %d workers: %+v, want %+v", tt.m, tt.k, tt.workers, got, tt.want)
		}
	}
}

// Rows that workers share come out right, and packing by itself has the same blocks.
func TestRowsOfWorkers(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 32 << 20}
	checkProduct(t, 970, 40, 1024, 0, 2, func(p *product[float32, float32], workers int) func(int) {
		var each []*tiled[float32, float32]
		for w := range workers {
			bl := partFor(p, avx512F32, workers, w)
			if bl != (block{485 * w, 485, 0, 40}) {
				t.Errorf("worker %d has %+v", w, bl)
			}
			each = append(each, newTiled(p, avx512F32, bl, c))
		}
		return func(w int) { each[w].run() }
	})
	p := newProduct[float32, float32](shape.Shape{M: 1024, N: 64, K: 1024})
	for w, worker := range newPackRun(p, avx512F32, 2).workers {
		if want := partFor(p, avx512F32, 2, w); worker.mine != want {
			t.Errorf("worker %d packs for %+v, multiplies %+v", w, worker.mine, want)
		}
	}
}
