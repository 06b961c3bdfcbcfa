package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// fetchedBytes is how much of a row of B the code fetches at once.
const fetchedBytes = 128

// ahead is the rows of B that are packed next. The last panels before fetch them into L2, fetchedBytes of each row from top to bottom and then
// what follows in each: packing is many short pieces of rows, which no processor foresees, and they would come too late.
type ahead[I element] struct {
	matrix[I]
	panels int // of the block before, by whose end all is to be fetched, as far as there are panels
	pieces int // that one of them fetches at least
}

// aheadOf is what is packed after the block at (k, j), whose panels have so many whole tiles.
func (t *tiled[I, O]) aheadOf(j, cols, k, depth, panels, tiles int) ahead[I] {
	h := ahead[I]{panels: panels}
	if t.u.before || t.u.tiles || panels == 0 {
		return h
	}
	steps := t.u.pacedSteps(depth / t.u.group()) // a step less where the last one is not whole
	least := t.mine.rows / panels
	for rows := least; rows <= least+1; rows++ {
		rounds, pace := t.u.pacing(tiles, rows, depth)
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
	args.Fetch, args.FetchBytes, args.Fetched = args.A, 0, 0
	if row, col, ok := h.part(q); ok {
		args.Fetch, args.FetchBytes = pointer(h.at(row, col)), h.stride*sizeof[I]()
	}
}

// part is the row and column where the part of panel q begins, if it has one. The first panel packs, and has none.
func (h *ahead[I]) part(q int) (row, col int, ok bool) {
	if h.rows == 0 || q == 0 {
		return 0, 0, false
	}
	width := fetchedBytes / sizeof[I]()
	calls := (h.rows + h.pieces - 1) / h.pieces // for so much of each row
	most := calls * ((h.cols + width - 1) / width)
	if q -= max(h.panels-most, 1); q < 0 || q >= most {
		return 0, 0, false
	}
	return q % calls * h.rows / calls, q / calls * width, true
}
