package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// fetchedBytes is how much of a row of B the code fetches at once.
const fetchedBytes = 128

// ahead is the rows of B that are packed next. The last panels before fetch them into L2, fetchedBytes of each row from top to bottom and then
// what follows in each: packing is many short pieces of rows, which no processor foresees, and they would come too late.
type ahead[I element] struct {
	matrix[I]
	panels int // before which all is to be fetched
}

// aheadOf is what is packed after the block at (k, j).
func (t *tiled[I, O]) aheadOf(j, cols, k, depth, panels int) ahead[I] {
	if t.u.before || t.u.tiles {
		return ahead[I]{}
	}
	if j += cols; j == t.mine.col+t.mine.cols {
		j, k = t.mine.col, k+depth
	}
	if k == t.p.a.cols {
		return ahead[I]{}
	}
	cols, depth = min(t.cut.cols, t.mine.col+t.mine.cols-j), min(t.cut.depth, t.p.a.cols-k)
	return ahead[I]{matrix[I]{t.p.b.at(k, j), depth, cols, t.p.b.stride}, panels}
}

// point points the arguments of the call on panel q, which is so many rows high and prefetches every Pace of so many steps, at its part.
func (h *ahead[I]) point(args *asm.MatmulPanel, q, rows, steps int) {
	args.Fetch, args.FetchBytes, args.Fetched = args.A, 0, 0
	pieces := args.Tiles * min(rows*args.Rounds, steps/args.Pace)
	if h.rows == 0 || q == 0 || pieces == 0 {
		return
	}
	es := sizeof[I]()
	width := fetchedBytes / es
	calls := (h.rows + pieces - 1) / pieces // for so much of each row
	most := calls * ((h.cols + width - 1) / width)
	if q -= max(h.panels-most, 1); q >= 0 && q < most {
		args.Fetch, args.FetchBytes = pointer(h.at(q%calls*h.rows/calls, q/calls*width)), h.stride*es
	}
}
