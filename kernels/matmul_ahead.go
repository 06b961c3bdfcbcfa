package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// fetchedBytes is how much of a row of B the code fetches at once.
const fetchedBytes = 128

// ahead is the rows of B that are packed next. The last panels before fetch them into L2, fetchedBytes at a time: packing is many short pieces of
// rows, which no processor foresees, and they would come too late. They are fetched from top to bottom, and then what follows in each row; where L2 is
// large along the rows, so that the processor itself fetches what follows.
type ahead[I element] struct {
	matrix[I]
	along  bool
	panels int // of the block before, by whose end all is to be fetched, as far as there are panels
	pieces int // that one of them fetches at least
}

// aheadOf is what is packed after the block at (k, j), whose panels have so many whole tiles.
func (t *tiled[I, O]) aheadOf(j, cols, k, depth, panels, tiles int) ahead[I] {
	h := ahead[I]{panels: panels, along: t.large}
	if t.u.before || t.u.tiles || t.cut.near || panels == 0 {
		return h
	}
	steps := t.u.pacedSteps(depth / t.u.group()) // a step less where the last one is not whole
	least := t.mine.rows / panels
	for rows := least; rows <= least+1; rows++ {
		rounds, pace := t.pacing(tiles, rows, depth)
		if n := tiles * min(rows*rounds, steps/pace); rows == least || n < h.pieces {
			h.pieces = n
		}
	}
	if j += cols; j == t.mine.col+t.mine.cols {
		j, k = t.mine.col, k+depth
	}
	if k == t.p.a.cols || h.pieces == 0 {
		return h
	}
	cols, depth = min(t.cut.cols, t.mine.col+t.mine.cols-j), min(t.cut.depth, t.p.a.cols-k)
	h.matrix = matrix[I]{t.p.b.at(k, j), depth, cols, t.p.b.stride}
	return h
}

// point points the arguments of the call on panel q at its part.
func (h *ahead[I]) point(args *asm.MatmulPanel, q int) {
	args.Fetch, args.FetchBytes, args.FetchSpan, args.FetchNext, args.FetchFrom, args.Fetched = args.A, 0, 0, 0, 0, 0
	piece, ok := h.part(q)
	if !ok {
		return
	}
	n, step, next := h.rows, h.stride*sizeof[I](), fetchedBytes
	if h.along {
		n, step, next = h.across(), next, step
	}
	args.Fetch, args.FetchBytes, args.FetchSpan, args.FetchNext = pointer(h.data), step, n*step, next
	args.FetchFrom, args.Fetched = piece/n*next, piece%n*step
}

// across is how many pieces a row has.
func (h *ahead[I]) across() int { return (h.cols*sizeof[I]() + fetchedBytes - 1) / fetchedBytes }

// part is the first piece of those of panel q, if it has any. The first panel packs, and has none.
func (h *ahead[I]) part(q int) (piece int, ok bool) {
	if h.rows == 0 || q == 0 {
		return 0, false
	}
	all := h.rows * h.across()
	piece = (q - max(h.panels-(all+h.pieces-1)/h.pieces, 1)) * h.pieces
	return piece, piece >= 0 && piece < all
}
