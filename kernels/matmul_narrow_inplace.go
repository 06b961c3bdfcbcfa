package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// narrowInPlace[r-1][w-1] multiplies r rows of A with tiles of w lines of each row of B, whose sums are in registers.
type narrowInPlace [][]func(*asm.NarrowInPlace)

// takes reports whether few rows of A meet B so. B is to stay in half of L2, or in all of it if one panel has all rows; two rows take a quarter of it.
// One row takes a B from L2 only if tiles take whole rows, which are one stream then, but not long ones that begin at lines, which come faster far
// apart. A tile is a call. Where the last cache is far up to narrowMostFarLast rows do so with all but what leaves L2, and more not with B from L2 where they may be
// streams: tiles of five and six rows have two lines, which took 1.1 to 1.2 times as long.
func (t narrowInPlace) takes(m, n, k, es int, c caches) bool {
	if t == nil || m > narrowMostInPlace {
		return false
	}
	lines, b := (n*es+lineBytes-1)/lineBytes, n*k*es
	switch {
	case t.width(m, lines)*lineBytes*k > streamBytes || m > 2*len(t) && lines < narrowManyLines:
		return false
	case b <= c.l1:
		return true
	case c.farLast() && m > narrowMostFarLast:
		return m > narrowPass && b < c.l2/16
	case c.farLast():
		return !c.piecesFarLast(b)
	case m == 1:
		return b <= c.l2/2 && lines <= len(t[0]) && (n*es%lineBytes != 0 || n < 2*farColumns)
	case m == 2:
		return b <= c.l2/4
	case m <= len(t):
		return b <= c.l2
	}
	return b <= c.l2/2
}

// narrowMostInPlace is up to how many rows are computed so, of more than two panels from narrowManyLines lines of columns on: fewer are better packed,
// where half a vector is left out.
const (
	narrowMostInPlace = 16
	narrowManyLines   = 4
	narrowMostFarLast = 4
)

// height is how many rows of m a panel has at most, width how many lines of so many a tile takes.
func (t narrowInPlace) height(m int) int {
	panels := (m + len(t) - 1) / len(t)
	return (m + panels - 1) / panels
}

func (t narrowInPlace) width(m, lines int) int {
	most := len(t[t.height(m)-1])
	tiles := (lines + most - 1) / most
	return (lines + tiles - 1) / tiles
}

// narrowTiles computes few rows of C, a panel of rows after the other. Workers share tiles, or panels if there are fewer tiles than workers; neither
// depends on their number.
func narrowTiles[I element, O result](p *product[I, O], workers, group int, t narrowInPlace) func(int) {
	lanes, m, n := lineElems[I](), p.c.rows, p.c.cols
	width := t.width(m, (n+lanes-1)/lanes)
	whole, tiles := n/(width*lanes), (n-1)/(width*lanes)+1
	all := make([][]call[asm.NarrowInPlace], workers)
	for w := range all {
		top, bottom, first, end := 0, m, 0, tiles
		if tiles >= workers {
			first, end = share(tiles, 1, workers, w)
		} else {
			top, bottom = share(m, 1, workers, w) // of the rows at which panels begin
		}
		// add appends calls of so many tiles from column j on, the last line of each with so many columns.
		add := func(row, rows, j, count, width, last int) {
			most := max(streamBytes/(p.a.cols*width*lineBytes), 1)
			for count > 0 {
				args := asm.NarrowInPlace{
					A: pointer(p.a.at(row, 0)), ABytes: p.a.stride * sizeof[I](), B: pointer(p.b.at(0, j)), BBytes: p.b.stride * sizeof[I](),
					C: pointer(p.c.at(row, j)), CBytes: p.c.stride * sizeof[O](),
					Steps: p.a.cols / group, Rest: p.a.cols % group, Tiles: min(count, most), Last: last,
				}
				all[w] = append(all[w], call[asm.NarrowInPlace]{t[rows-1][width-1], args})
				j += args.Tiles * width * lanes
				count -= args.Tiles
			}
		}
		row := 0
		for _, s := range cutRows(m, (m+t.height(m)-1)/t.height(m)) {
			for range s.panels {
				if row >= top && row < bottom {
					add(row, s.rows, first*width*lanes, max(min(end, whole)-first, 0), width, lanes)
					if j := whole * width * lanes; first < end && end > whole {
						left := (n - j + lanes - 1) / lanes
						add(row, s.rows, j, 1, left, n-j-(left-1)*lanes)
					}
				}
				row += s.rows
			}
		}
	}
	return func(worker int) {
		calls := all[worker]
		for i := range calls {
			calls[i].run(&calls[i].args)
		}
	}
}
