package kernels

import (
	"bytes"
	"cmp"
	"unsafe"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// microKernel is the assembly of one instruction set and element type.
type microKernel struct {
	rows, cols int // of the largest tile in registers; cols is two vectors
	depth      int // rows of B that are packed at a time, at most
	panels     []func(*asm.MatmulPanel)
	share      int    // of L2 that a block of B may fill, in percent
	fuse, copy choice // byCaches, never or always: whether the first panel packs B, and whether panels of A are copied
	pack       func(dst, src *byte, srcBytes, rows, tiles, sliverBytes int)
}

// tiledMatmul computes C in blocks: a block of B, depth rows of as many columns as fill half of L2, is packed once into
// slivers as wide as a tile; then panels of A, as high as a tile and depth wide, pass over it one after the other.
//
//	for each block of columns, for each depth rows:        B block → packed, in L2
//	    for each panel of rows:                            A panel → L1, read in place
//	        for each sliver of the block:                  one call: C tile += A panel · sliver
//
// C is so walked along its rows, in sequential lines, and each of its tiles is loaded and stored once per depth. Panels
// are of equal heights (±1) rather than full ones and a rest, because a low tile has too few independent sums. When all
// of B stays in L2 the first panel packs B as it goes; otherwise a pass before it does. Rows of A that compete for the
// same sets of L1 are copied to where they do not.
func tiledMatmul[T float](u *microKernel) multiplier[T] {
	return multiplier[T]{
		params: tiledParams(u.depth),
		scratch: func(s shape.Shape) int64 {
			g := u.blocking(s.N, s.K, sizeof[T](), ownCaches())
			return int64(g.cols*g.depth+u.rows*g.panelStride) * int64(sizeof[T]())
		},
		prepare: func(p *product[T], workers int) func(int) {
			caches, u := ownCaches(), u.with(p.set)
			each := make([]*tiled[T], workers)
			for w := range each {
				bl := blockOf(p.c.rows, p.c.cols, u.rows, u.cols, workers, w)
				each[w] = newTiled(p, u, bl, caches)
			}
			return func(worker int) { each[worker].run() }
		},
	}
}

// maxCols bounds the columns of a block for tiny depths, where a panel's time is that of its piece of C: 12 rows of 4096
// float64 take well under a millisecond.
const maxCols = 4096

// halfOfL2 is the share of L2 for a block of B, unless a setting says otherwise: the other half is for what passes by.
const halfOfL2 = 50

// choice is a decision that the caches make, unless a setting does.
type choice int

const (
	byCaches choice = iota
	never
	always
)

func (c choice) choose(caches bool) bool { return c == always || c == byCaches && caches }

// tiledParams are the parameters of tiled kernels; depth is the default of the first.
func tiledParams(depth int) []Param {
	depths := []int{depth}
	for _, d := range []int{128, 192, 256, 320, 384, 512} {
		if d != depth {
			depths = append(depths, d)
		}
	}
	return []Param{
		{"depth", depths, "rows of B that are packed at a time, at most"},
		{"share", []int{halfOfL2, 25, 35, 65, 80}, "percent of L2 that a packed block of B may fill"},
		{"fuse", []int{int(byCaches), int(never), int(always)}, "whether the first panel of A packs B: 0 when all of B fits L2, 1 never, 2 always"},
		{"copy", []int{int(byCaches), int(never), int(always)}, "whether panels of A are copied: 0 when their rows compete for L1, 1 never, 2 always"},
	}
}

// with is u under a setting.
func (u *microKernel) with(s Setting) *microKernel {
	tuned := *u
	tuned.depth, tuned.share = s.or("depth", u.depth), s.or("share", u.share)
	tuned.fuse, tuned.copy = choice(s.or("fuse", int(u.fuse))), choice(s.or("copy", int(u.copy)))
	return &tuned
}

// blocking is how a product is cut.
type blocking struct {
	cols, depth int  // of a block of B; cols is a multiple of a tile's
	fuse        bool // B is packed by the first panel instead of beforehand
	panelStride int  // elements between rows of a copied panel: an odd number of lines, so that rows spread over all sets
}

// blocking cuts a product with n columns and k inner elements of es bytes evenly.
func (u *microKernel) blocking(n, k, es int, c caches) blocking {
	var g blocking
	most := min(u.depth, c.l1/2/(u.rows*es)) // a panel of A fills half of L1
	pieces := (k + most - 1) / most
	g.depth = (k + pieces - 1) / pieces
	most = min(max(c.l2/100*cmp.Or(u.share, halfOfL2)/(g.depth*es), u.cols), maxCols) / u.cols // slivers that fill their share of L2
	slivers := (n + u.cols - 1) / u.cols
	pieces = (slivers + most - 1) / most
	g.cols = (slivers + pieces - 1) / pieces * u.cols
	g.fuse = u.fuse.choose(n*k*es <= c.l2)
	line := 64 / es
	g.panelStride = ((g.depth+line-1)/line | 1) * line
	return g
}

// tiled is one worker's block of C with its scratch; run allocates nothing.
type tiled[T float] struct {
	p      *product[T]
	u      *microKernel
	mine   block
	cut    blocking
	copyA  bool // copy panels of A
	packed []T  // a block of B in slivers
	panel  []T  // a panel of A
	args   asm.MatmulPanel
}

func newTiled[T float](p *product[T], u *microKernel, mine block, c caches) *tiled[T] {
	t := &tiled[T]{p: p, u: u, mine: mine, cut: u.blocking(max(mine.cols, 1), p.a.cols, sizeof[T](), c)}
	t.packed = alloc[T](t.cut.cols * t.cut.depth)
	t.copyA = u.copy.choose(c.collide(p.a.stride*sizeof[T](), min(u.rows, mine.rows)))
	if t.copyA {
		t.panel = alloc[T](u.rows * t.cut.panelStride)
	}
	return t
}

func (t *tiled[T]) run() {
	if t.mine.rows == 0 {
		return
	}
	for j := 0; j < t.mine.cols; j += t.cut.cols {
		for k := 0; k < t.p.a.cols; k += t.cut.depth {
			t.multiply(t.mine.col+j, min(t.cut.cols, t.mine.cols-j), k, min(t.cut.depth, t.p.a.cols-k))
		}
	}
}

// multiply computes C[own rows, j:j+cols] from A[:, k:k+depth]·B[k:k+depth, j:j+cols], added to what is there if k > 0.
func (t *tiled[T]) multiply(j, cols, k, depth int) {
	tiles, tail := cols/t.u.cols, cols%t.u.cols
	t.packB(j, tiles, tail, k, depth)
	es := sizeof[T]()
	t.args = asm.MatmulPanel{
		ABytes: t.p.a.stride * es, B: pointer(t.packed), RawBytes: t.p.b.stride * es, CBytes: t.p.c.stride * es,
		K: depth, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es], Accumulate: k,
	}
	if t.cut.fuse && tiles > 0 {
		t.args.Raw = pointer(t.p.b.at(k, j))
	}
	panels := (t.mine.rows + t.u.rows - 1) / t.u.rows
	for q := range panels {
		from, to := share(t.mine.rows, 1, panels, q)
		t.args.Tiles = tiles
		t.args.C = pointer(t.p.c.at(t.mine.row+from, j))
		t.pointA(t.mine.row+from, to-from, k, depth)
		t.u.panels[to-from-1](&t.args)
		t.args.Raw = nil
	}
}

// pointA points the arguments at a panel of A, copied if need be, and at what comes after it.
func (t *tiled[T]) pointA(row, rows, k, depth int) {
	a, args := t.p.a, &t.args
	if t.copyA {
		for i := range rows {
			copy(t.panel[i*t.cut.panelStride:][:depth], a.at(row+i, k))
		}
		args.A, args.ABytes = pointer(t.panel), t.cut.panelStride*sizeof[T]()
		args.NextA, args.NextEnd = args.A, args.A
		return
	}
	next := min(row+rows, t.mine.row+t.mine.rows-1)
	args.A, args.NextA, args.NextEnd = pointer(a.at(row, k)), pointer(a.at(next, k)), pointer(a.at(next, k+depth-1))
}

// packB packs the slivers that no panel packs: the last, partial one, filled up with zeros, and without fuse all.
func (t *tiled[T]) packB(j, tiles, tail, k, depth int) {
	width := t.u.cols
	if !t.cut.fuse && tiles > 0 {
		es := sizeof[T]()
		t.u.pack(pointer(t.packed), pointer(t.p.b.at(k, j)), t.p.b.stride*es, depth, tiles, depth*width*es)
	}
	if tail == 0 {
		return
	}
	sliver := t.packed[tiles*width*depth:]
	if tail <= width/2 {
		width /= 2 // one vector
	}
	for q := range depth {
		row := sliver[q*width:][:width]
		clear(row[copy(row, t.p.b.at(k+q, j+tiles*t.u.cols)[:tail]):])
	}
}

// tailLanes is a window of sign bits: from the middle minus n bytes on, the first n bytes are negative.
var tailLanes = bytes.Join([][]byte{bytes.Repeat([]byte{0xff}, 128), make([]byte, 128)}, nil)

// pointer returns the address of the first element.
func pointer[T float](s []T) *byte { return (*byte)(unsafe.Pointer(unsafe.SliceData(s))) }
