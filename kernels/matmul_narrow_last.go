package kernels

// mostBeforeDots is up to how many columns a product has whose last ones are dot products: of more they save too small a part.
const mostBeforeDots = 160

// dotsAfterTiles is how many of n columns are computed as dot products along K behind tiles: those beyond whole halves of vectors, where that
// takes m rows fewer cycles than half a vector for each step of K does. Counted are a multiplication for each 64 bytes of K, 2 cycles of adding up
// lanes, 3 of beginning and ending a row, and 4 for gathering each element of B.
func dotsAfterTiles[I element](m, n, k int) int {
	const half = narrowPiece / 2
	dots, bytes := n%half, k*sizeof[I]()
	saved := bytes/8 - dots*((bytes+63)/64+2) - 3
	if n < half || n > mostBeforeDots || k > narrowDeepest || m*saved <= 4*k*dots {
		return 0
	}
	return dots
}

// tilesAndDots computes the last columns of C as dot products along K, and those before them in tiles.
func tilesAndDots[I element, O result](p *product[I, O], dots int, tiled, dot func(p *product[I, O]) func(int)) func(int) {
	before := p.c.cols - dots
	left, right := *p, *p
	left.scratch, right.scratch = nil, nil
	left.b.cols, left.c.cols, right.b.cols, right.c.cols = before, before, dots, dots
	right.b.data, right.c.data = p.b.at(0, before), p.c.at(0, before)
	tiles, sums := tiled(&left), dot(&right)
	p.scratch = append(append(p.scratch, left.scratch...), right.scratch...)
	return func(worker int) {
		tiles(worker)
		sums(worker)
	}
}
