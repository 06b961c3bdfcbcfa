package kernels

import (
	"github.com/roofline-go/roofline/kernels/asm"
)

// inPlace is the assembly that multiplies rows of A with B where it lies, in tiles of inPlaceBytes: panels of 1, 2, … rows.
type inPlace []func(*asm.MatmulInPlace)

// inPlaceBytes is the width of a tile: four vectors.
const inPlaceBytes = 256

// The rows of C between which B, from the caches, is better read in place than packed: fewer take longer to multiply than to load.
const (
	inPlaceRows     = 5
	inPlaceMostRows = 32
)

// suits reports whether a product of m×n elements of es bytes, with k inner ones, is better computed in place than packed.
func (u inPlace) suits(m, n, k, es int, c caches) bool {
	b := n * k * es
	switch {
	case u == nil, m < inPlaceRows:
		return false
	case m <= inPlaceMostRows:
		return b <= c.last/2
	case n*es <= inPlaceNarrow*inPlaceBytes:
		return true
	}
	return b <= c.l2/2 && m*n*es <= c.l2
}

// inPlaceNarrow is up to how many tiles wide a product is narrow: it reads A once and B again and again.
const inPlaceNarrow = 2

// multiplyInPlace computes C in panels of rows. Workers share rows.
func multiplyInPlace[T float](p *product[T, T], workers int, u inPlace, caches caches) func(int) {
	es := sizeof[T]()
	all := make([]asm.MatmulInPlace, workers)
	lanes, cols := lineElems[T](), p.c.cols
	columns := make([][]T, workers)
	if cols%lanes == 1 && cols > lanes { // a vector for one column would be almost empty
		cols--
		for w := range columns {
			columns[w] = alloc[T](p.b.rows)
			keep(&p.scratch, "column of B", columns[w])
		}
	}
	width, tiles := inPlaceBytes/es, (cols*es+inPlaceBytes-1)/inPlaceBytes
	most := caches.l2 / 2 / (cols * es) // rows of B that stay in L2
	if tiles > inPlaceNarrow {
		most = caches.l1 / 2 / (len(u) * es) // columns of a panel of A that stay in L1 while it meets the tiles
	}
	pieces := (p.a.cols-1)/max(most, 1) + 1
	depth := (p.a.cols + pieces - 1) / pieces
	tail := cols % width
	return func(worker int) {
		from, to := share(p.c.rows, 1, workers, worker)
		if from == to {
			return
		}
		args, column := &all[worker], columns[worker]
		for k, at := 0, cols; k < len(column); k, at = k+1, at+p.b.stride {
			column[k] = p.b.data[at]
		}
		rows := to - from
		panels := (rows + len(u) - 1) / len(u)
		low, high := rows/panels, rows%panels // so many panels have a row more than low
		for k := 0; k < p.a.cols; k += depth {
			*args = asm.MatmulInPlace{
				ABytes: p.a.stride * es, B: pointer(p.b.at(k, 0)), BBytes: p.b.stride * es, CBytes: p.c.stride * es,
				K: min(depth, p.a.cols-k), Tiles: cols / width, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es], Accumulate: k,
			}
			if len(column) > 0 {
				args.Column, args.Rest = pointer(column[k:]), args.K%lanes
				args.RestLanes = &tailLanes[len(tailLanes)/2-args.Rest*es]
			}
			if pieces == 1 && p.a.stride == p.a.cols { // panels lie one after the other
				args.Ahead = es * ((low + tiles) / tiles)
			}
			most := max(int(inPlaceFLOPs/float64(2*(low+1)*p.c.cols*args.K)), 1)
			row := from
			for _, s := range [2]struct{ rows, panels int }{{low + 1, high}, {low, panels - high}} {
				for s.panels > 0 {
					n := min(s.panels, most)
					args.A, args.C, args.Panels = pointer(p.a.at(row, k)), pointer(p.c.at(row, 0)), n
					u[s.rows-1](args)
					row += n * s.rows
					s.panels -= n
				}
			}
		}
	}
}

// inPlaceFLOPs bounds the work of one call: a millisecond at 5 GFLOP/s, unless one panel is more.
const inPlaceFLOPs = 5e6
