package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// fetchedBytes is how much of a row of B the code fetches at once.
const fetchedBytes = 128

// ahead is the rows of B that are packed next. The last panels before fetch them into L2, fetchedBytes of each row from top to bottom and then
// what follows in each: packing is many short pieces of rows, which no processor foresees, and they would come too late.
type ahead[I element] struct {
	matrix[I]
	panels int // of the block before, by whose end all is to be fetched
}

// aheadOf is what is packed after the block at (k, j).
func (t *tiled[I, O]) aheadOf(j, cols, k, depth, panels int) ahead[I] {
	h := ahead[I]{panels: panels}
	if t.u.before || t.u.tiles {
		return h
	}
	if j += cols; j == t.mine.col+t.mine.cols {
		j, k = t.mine.col, k+depth
	}
	if k == t.p.a.cols {
		return h
	}
	cols, depth = min(t.cut.cols, t.mine.col+t.mine.cols-j), min(t.cut.depth, t.p.a.cols-k)
	h.matrix = matrix[I]{t.p.b.at(k, j), depth, cols, t.p.b.stride}
	return h
}

// point points the arguments of the call on panel q, which is so many rows high and prefetches every Pace of so many steps, at its part.
func (h *ahead[I]) point(args *asm.MatmulPanel, q, rows, steps int) {
	args.Fetch, args.FetchBytes, args.Fetched = args.A, 0, 0
	if r, c, ok := h.part(args, q, rows, steps); ok {
		args.Fetch, args.FetchBytes = pointer(h.at(r, c)), h.stride*sizeof[I]()
	}
}

// part is the row and column where the part of panel q begins, if it has one.
func (h *ahead[I]) part(args *asm.MatmulPanel, q, rows, steps int) (row, col int, ok bool) {
	pieces := args.Tiles * min(rows*args.Rounds, steps/args.Pace)
	if h.rows == 0 || q == 0 || pieces == 0 {
		return 0, 0, false
	}
	width := fetchedBytes / sizeof[I]()
	calls := (h.rows + pieces - 1) / pieces // for so much of each row
	most := calls * ((h.cols + width - 1) / width)
	if q -= max(h.panels-most, 1); q < 0 || q >= most {
		return 0, 0, false
	}
	return q % calls * h.rows / calls, q / calls * width, true
}
