package kernels

import "github.com/roofline-go/roofline/internal/shape"

// plainMatmulOf is tiledMatmul, but for shapes that have nothing to tile: of few rows or columns, so that an element of the
// large operand is used a few times only. It is then read in place along its rows, once.
func plainMatmulOf[T float](u *microKernel, small inPlace, streams []rowStream, v vectors[T]) multiplier[T, T] {
	m := tiledMatmul[T, T](u)
	tiled, blocks := m.prepare, m.scratch
	streamed := min(len(streams), inPlaceRows) // up to how many rows are streams by themselves
	dots := func(s shape.Shape) bool { return s.N <= fewDots && small.tiles == nil }
	inPlace := func(s shape.Shape) bool { return small.suits(s.M, s.N, s.K, sizeof[T](), ownCaches()) }
	passes := func(s shape.Shape) bool {
		return small.tiles != nil && len(streams) >= passHeight && passesFarLast(s.M, s.N, s.K, sizeof[T](), ownCaches())
	}
	grouped := func(s shape.Shape) bool {
		return small.tiles == nil && s.M > len(streams) && len(streams) > 0 && passesInGroups(s.M, s.N, s.K, sizeof[T](), len(streams), ownCaches())
	}
	m.scratch = func(s shape.Shape) int64 {
		copied := 0 // columns of B
		switch {
		case dots(s):
			copied = s.N
		case passes(s):
			a, c := planPasses(s.M, s.N, s.K, sizeof[T](), ownCaches()).elements(sizeof[T]())
			return int64((a + c) * sizeof[T]())
		case small.takesWhole(s.M, s.N, s.K, sizeof[T](), ownCaches()):
		case inPlace(s):
			own := small.on(ownCaches())
			parts, columns := own.parts(s.M, s.N, s.K, lineElems[T]()/2, own.narrowestTile(s.M, s.N, s.K, sizeof[T](), ownCaches()))
			if f, ok := own.takesFlat(s.M, s.N, s.K, lineElems[T]()); ok && parts == nil && columns == 0 {
				return f.scratch(s.M, sizeof[T]())
			}
			packed := 0
			if parts != nil && own.packsTiles(s.M, s.N, lineElems[T](), parts[0]) {
				packed = packedElements(parts[0], own.pieceOfK(s.M, s.N-columns, s.K, sizeof[T](), parts[0], ownCaches()), lineElems[T]()) * sizeof[T]()
			}
			return int64(packed) + small.columnsScratch(s, columns, sizeof[T](), ownCaches()) + page
		case grouped(s):
			bytes := int64(0)
			eachGroup(s.M, streams, func(from, to int) {
				bytes += streams[to-from-1].scratch(to-from, s.N, s.K, sizeof[T](), ownCaches()) + page
			})
			return bytes
		case s.M > streamed:
			return blocks(s)
		default:
			return streams[s.M-1].scratch(s.M, s.N, s.K, sizeof[T](), ownCaches())
		}
		return int64(copied*s.K*sizeof[T]()) + page
	}
	m.prepare = func(p *product[T, T], workers int) func(int) {
		s := shape.Shape{M: p.c.rows, N: p.c.cols, K: p.a.cols}
		switch {
		case dots(s):
			return dotColumns(p, workers, v)
		case passes(s) && len(p.set) == 0:
			return streamThenTiles(p, workers, streams, small.on(ownCaches()), ownCaches())
		case inPlace(s) && len(p.set) == 0:
			return multiplyInPlace(p, workers, small.on(ownCaches()), ownCaches())
		case s.M <= streamed:
			return streamRows(p, workers, streams[s.M-1], ownCaches())
		case grouped(s) && len(p.set) == 0:
			return streamGroups(p, workers, streams, ownCaches())
		}
		return tiled(p, workers)
	}
	return m
}

// fewDots is up to how many columns C is computed by dot products where no code computes it in place.
const fewDots = 4

// dotDepth is how many elements of the rows of A are multiplied with all columns of B before the next: eight rows of them
// stay in L1.
const dotDepth = 512

// dotColumns computes the few columns of C from dot products of rows of A with the columns of B, which each worker copies
// to where their elements are side by side. Workers share rows.
func dotColumns[T float](p *product[T, T], workers int, v vectors[T]) func(int) {
	depth, cols := p.a.cols, p.c.cols
	type scratch struct{ b, y []T }
	all := make([]scratch, workers)
	for w := range all {
		all[w] = scratch{alloc[T](depth * cols), alloc[T](gemvRows)}
		keep(&p.scratch, "packed B", all[w].b)
		keep(&p.scratch, "sums", all[w].y)
	}
	step := gemvCols // a single column reads A once: only its own piece must stay in L1
	if cols > 1 {
		step = dotDepth
	}
	return func(worker int) {
		from, to := share(p.c.rows, lineElems[T](), workers, worker)
		if from == to {
			return
		}
		b, y := all[worker].b, all[worker].y
		for k := range depth {
			for j, x := range p.b.row(k) {
				b[j*depth+k] = x
			}
		}
		for i := from; i < to; i += gemvRows {
			rows := min(gemvRows, to-i)
			for r := range rows {
				clear(p.c.row(i + r))
			}
			for k := 0; k < depth; k += step {
				n := min(step, depth-k)
				a := matrix[T]{p.a.at(i, k), rows, n, p.a.stride}
				for j := range cols {
					clear(y)
					v.gemv(y[:rows], a, b[j*depth+k:][:n])
					for r := range rows {
						p.c.row(i + r)[j] += y[r]
					}
				}
			}
		}
	}
}
