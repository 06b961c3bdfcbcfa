package kernels

import (
	"bytes"
	"unsafe"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// microKernel is the assembly of one instruction set and element type.
type microKernel struct {
	rows, cols   int // of the largest tile in registers; cols is two vectors
	depth        int // rows of B that are packed at a time, at most
	panels       []func(*asm.MatmulPanel)
	depthSet     bool   // by a setting: the caches have no say
	share        int    // of L2 that a block of B may fill, in percent; 0: as the caches suggest
	shareOfLarge int    // likewise of a large L2, unless share is given; 0: as of others
	fuse, copy   choice // byCaches, never or always: whether the first panel packs B, and whether panels of A are copied
	pack         packer
	packLast     func(dst, src *byte, srcBytes, rows, vectors int, lanes *byte) // packs a last, partial sliver of one or two vectors; nil: plain Go does
	packEdge     func(dst, src *byte, srcBytes, rows, cols int)                 // packs a sliver of few columns or of rows that fill no step; nil: pack does, of rows and columns that were filled up
	copyRows     func(dst, src *byte, dstBytes, srcBytes, rows, bytes int)      // copies rows of A, filled up to whole lines; nil: plain Go does
	spoils       func(src *byte, srcBytes, rows, elements int) int              // whether among the first elements of rows there is one whose product with 0 is not 0; nil: there is none

	inSet      int                                            // of the ways of a set of L1 that a panel's rows of A may take, in percent, before they are copied; 0: all
	inSetOnce  int                                            // likewise where one block of columns uses the copies; 0: inSet
	step       int                                            // elements along k of what one step of the loop takes; 0: one
	endSteps   int                                            // of a tile, beside which it is stored, and nothing is prefetched or copied
	shifts     bool                                           // the code takes a last step along k that is not whole from A as it lies
	starts     func(dst *int32, a *byte, aBytes, rows, k int) // computes what the sums of each row start from; nil: 0
	chunk      int                                            // steps after which sums are added to C, and beside the first of which it prefetches and copies; 0: all of them
	several    bool                                           // the code takes several panels at once
	copiesNext bool                                           // the code copies the next panel of A while it multiplies one
	before     bool                                           // B is packed when the kernel is built
	trial      bool                                           // Build tries which of its ways is the fastest

	tiles    bool                     // the code is AMX's: it takes shapes of tiles, and several panels at once
	buffer   choice                   // of AMX: whether blocks of C pass through L1
	line     choice                   // of AMX: whether a block of B is as wide as a line, and all panels of A pass it while it is in L1
	passing  []func(*asm.MatmulPanel) // of AMX: the panels' code for that, in which A streams by
	near     []func(*asm.MatmulPanel) // of AMX: the panels' code where they walk the slivers of B back and forth
	nearPast []func(*asm.MatmulPanel) // of AMX: the same, with B loaded past L1, and rows of C brought there
	turns    choice                   // of AMX: whether they do
	chunked  []func(*asm.MatmulPanel) // of AMX: the panels' code where blocks are so deep that L1 holds a panel
	chunks   choice                   // of AMX: whether they are
	shallow  choice                   // of AMX: whether blocks are as cutsShallow says
	lines    func(*asm.MatmulPanel)   // of AMX: the code for equal panels and all lines, which packs each beside the products of the one before
	beside   choice                   // of AMX: whether lines are packed so
}

// steps is how many steps k elements make; the last may be partial, filled up with zeros.
func (u *microKernel) steps(k int) int { return (k + u.group() - 1) / u.group() }

// group is the elements of one step.
func (u *microKernel) group() int { return max(u.step, 1) }

// padded is k filled up to whole steps.
func (u *microKernel) padded(k int) int { return u.steps(k) * u.group() }

// tiledMatmul computes C in blocks: a block of B, depth rows of as many columns as fill half of L2, is packed once into
// slivers as wide as a tile; then panels of A, as high as a tile and depth wide, pass over it one after the other.
//
//	for each depth rows, for each block of columns:        B block → packed, in L2
//	    for each panel of rows:                            A panel: read in place, or copied once for all blocks of columns
//	        for each sliver of the block:                  one call: C tile += A panel · sliver
//
// C is so walked along its rows, in sequential lines, and each of its tiles is loaded and stored once per depth. Panels
// are of equal heights (±1) rather than full ones and a rest, because a low tile has too few independent sums. In AVX-512
// the first panel packs B as it goes, which hides most of what packing takes; the shorter steps of AVX2 hide it while B is
// in L2 only: else, and where steps of narrow types are few or not whole, a pass before it does. Rows of A that compete for the same sets of L1 are
// copied to where they do not, most of them while the panel above is multiplied; so are those that do not fill whole steps where the code
// needs them to.
func tiledMatmul[I element, O result](u *microKernel) multiplier[I, O] {
	m := multiplier[I, O]{
		params: u.params(),
		scratch: func(s shape.Shape) int64 {
			return largestScratch[I](u, s, func(u *microKernel) int64 {
				g := u.blocking(s.M, s.N, s.K, sizeof[I](), ownCaches())
				return int64(g.packed()+u.copyRoom(s.M, s.K, s.K, sizeof[I](), g, ownCaches())) * int64(sizeof[I]())
			})
		},
		prepare: func(p *product[I, O], workers int) func(int) {
			caches, u := ownCaches(), u.with(p.set)
			each := make([]*tiled[I, O], workers)
			for w := range each {
				bl := partFor(p, u, workers, w)
				each[w] = newTiled(p, u, bl, caches)
			}
			return func(worker int) { each[worker].run() }
		},
	}
	m.tries = triesWays(u, m)
	return m
}

// packedMatmul is tiledMatmul with B packed once and for all when it is prepared, as B often is a matrix of weights: no
// call packs, and later changes of B are not seen.
func packedMatmul[I element, O result](u *microKernel) multiplier[I, O] {
	before := *u
	before.before = true
	m := tiledMatmul[I, O](&before)
	m.scratch = func(s shape.Shape) int64 {
		return largestScratch[I](&before, s, func(u *microKernel) int64 {
			g := u.blocking(s.M, s.N, s.K, sizeof[I](), ownCaches())
			return int64((s.N+g.cols)*(s.K+g.depth)+u.copyRoom(s.M, s.K, s.K, sizeof[I](), g, ownCaches())) * int64(sizeof[I]())
		})
	}
	return m
}

// tiled is one worker's block of C with its scratch; run allocates nothing.
type tiled[I element, O result] struct {
	_ ownLines

	p       *product[I, O]
	u       *microKernel
	mine    block
	cut     blocking
	copyA   bool  // copy panels of A
	large   bool  // L2 is large
	copyAll bool  // in all blocks, not only in those that do not fill whole steps
	packed  []I   // a block of B in slivers
	blocks  [][]I // all of them, packed before
	copies  copies[I]
	edge    []I     // rows or columns of B that do not fill a step or a sliver, filled up
	starts  []int32 // of int8: what the sums of all rows start from, in the present rows of B
	args    asm.MatmulPanel
	amx     tileState
	plan    panelPlan

	_ ownLines
}

func newTiled[I element, O result](p *product[I, O], u *microKernel, mine block, c caches) *tiled[I, O] {
	u = u.ofWhole(p.c.rows, p.c.cols, p.a.cols, p.a.stride, sizeof[I](), c)
	t := &tiled[I, O]{p: p, u: u, mine: mine, large: c.largeL2(), cut: u.blocking(mine.rows, max(mine.cols, 1), p.a.cols, sizeof[I](), c)}
	packed, room := 0, u.copyRoom(mine.rows, p.a.cols, p.a.stride, sizeof[I](), t.cut, c)
	if !u.before {
		packed = t.cut.packed()
	}
	t.copyA, t.copyAll = room > 0, u.tiles || u.copyAll(mine.rows, p.a.stride, sizeof[I](), t.cut, c)
	var copied []I
	t.packed, copied = allocTogether[I](packed, room)
	if t.copyA {
		t.copies.place(copied, u.piece(), t.cut)
	}
	if u.tiles {
		t.prepareTiles(c)
	}
	if u.group() > 1 && u.packEdge == nil {
		t.edge = alloc[I](u.group() * t.cut.cols)
	}
	if u.starts != nil {
		t.starts = alloc[int32](mine.rows)
	}
	if u.before {
		t.packAll()
	}
	t.keep()
	if u.tiles && t.inPlan() && mine.rows > 0 {
		t.planTiles()
	}
	if !u.tiles && (u.packEdge != nil || u.several) && mine.rows > 0 {
		t.planPanels(c)
	}
	return t
}

// packAll packs all blocks of B.
func (t *tiled[I, O]) packAll() {
	all, _ := allocTogether[I]((t.mine.cols+t.cut.cols)*(t.p.a.cols+t.cut.depth), 0)
	t.eachBlock(func(j, cols, k, depth int) {
		n := (cols + t.u.cols - 1) / t.u.cols * t.u.cols * t.u.padded(depth)
		t.packed, all = all[:n], all[n:]
		t.packB(j, cols/t.u.cols, cols%t.u.cols, k, depth)
		t.blocks = append(t.blocks, t.packed)
	})
}

func (t *tiled[I, O]) run() {
	if t.mine.rows == 0 {
		return
	}
	if t.amx.plan != nil {
		t.runPlan()
		return
	}
	if t.plan.calls != nil {
		t.runPanels()
		return
	}
	n := 0
	t.eachBlock(func(j, cols, k, depth int) {
		if t.u.before {
			t.packed = t.blocks[n]
			n++
		} else {
			t.packB(j, cols/t.u.cols, cols%t.u.cols, k, depth)
		}
		t.multiply(j, cols, k, depth)
	})
}

// eachBlock calls f for each block of B: columns from j on, rows from k on.
func (t *tiled[I, O]) eachBlock(f func(j, cols, k, depth int)) {
	all := t.p.a.cols
	for k, depth := 0, 0; k < all; k += depth {
		depth = min(t.cut.depth, all-k)
		for j := 0; j < t.mine.cols; j += t.cut.cols {
			f(t.mine.col+j, min(t.cut.cols, t.mine.cols-j), k, depth)
		}
	}
}

// multiply computes C[own rows, j:j+cols] from A[:, k:k+depth] and the packed block of B, added to what is there if k > 0.
func (t *tiled[I, O]) multiply(j, cols, k, depth int) {
	if j == t.mine.col {
		t.copies.done = 0
	}
	t.eachCall(j, cols, k, depth, func(panels func(*asm.MatmulPanel)) { panels(&t.args) })
}

// eachCall sets the arguments of each call that multiply makes, and gives its function to do.
func (t *tiled[I, O]) eachCall(j, cols, k, depth int, do func(panels func(*asm.MatmulPanel))) {
	tiles, tail := cols/t.u.cols, cols%t.u.cols
	in, out := sizeof[I](), sizeof[O]()
	t.args = asm.MatmulPanel{
		ABytes: t.p.a.stride * in, B: pointer(t.packed), RawBytes: t.p.b.stride * in, CBytes: t.p.c.stride * out,
		Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*out], Accumulate: k,
	}
	if t.fuses(depth) && tiles > 0 {
		t.args.Raw = pointer(t.p.b.at(k, j))
	}
	panels := (t.mine.rows + t.u.rows - 1) / t.u.rows
	next := t.aheadOf(j, cols, k, depth, panels, tiles)
	for q, n := 0, 1; q < panels; q += n {
		from, to := t.panelRows(panels, q)
		t.args.Tiles = tiles
		t.args.C = pointer(t.p.c.at(t.mine.row+from, j))
		t.pointA(from, to, k, depth)
		next.point(&t.args, q)
		if t.cut.short && t.args.FetchBytes == 0 && t.args.Copy == nil {
			t.args.Pace = unpaced
		}
		end := to
		if t.u.several {
			n, end = t.several(&next, q, j, cols, k, depth)
		}
		t.addUp(from, end, depth, j == t.mine.col)
		if t.u.tiles {
			n = t.shape(q, to-from, panels, j, tiles*t.u.cols+tail, depth)
		}
		do(t.panelCode(tiles, tail)[to-from-1])
		t.args.Raw = nil
	}
}

// tailLanes is a window of sign bits: from the middle minus n bytes on, the first n bytes are negative.
var tailLanes = bytes.Join([][]byte{bytes.Repeat([]byte{0xff}, 256), make([]byte, 256)}, nil)

// pointer returns the address of the first element.
func pointer[T element](s []T) *byte { return (*byte)(unsafe.Pointer(unsafe.SliceData(s))) }
