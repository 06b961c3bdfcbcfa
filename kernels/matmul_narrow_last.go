package kernels

import "math"

// mostBeforeDots is up to how many columns a product has whose last ones are dot products: of more they save too small a part. Where they save
// whole vectors it is twice that.
const mostBeforeDots = 160

// dotsAfterTiles is how many of n columns are computed as dot products along K behind tiles, no more than most: those beyond whole halves of
// vectors, or where half a vector takes as long as a whole one beyond whole vectors, if that takes m rows fewer cycles.
func dotsAfterTiles[I element](m, n, k, most int, c caches) int {
	width, widest := narrowPiece/2, mostBeforeDots
	if c.multipliesTwo() {
		width, widest = narrowPiece, 2*mostBeforeDots
	}
	dots := n % width
	if n < width || n > widest || dots == 0 || dots > most || k > narrowDeepest || dotsSave(m, dots, k, sizeof[I](), c) <= 0 {
		return 0
	}
	return dots
}

// dotsSave is how many cycles fewer m rows of so many dot products of k elements of es bytes take than tiles of half a vector, B packed before. Counted are
// a multiplication for each 64 bytes of K, 2 cycles of adding up lanes, 3 of beginning and ending a row, and 4 for packing each element of B. Where
// two vectors are multiplied in a cycle half a vector takes as long as a whole one; what is counted was fitted to times on a Zen 5 then, where up to 6 columns
// are packed in 2.5 cycles a row.
func dotsSave(m, dots, k, es int, c caches) float64 {
	rows, d, bytes := float64(m), float64(dots), float64(k*es)
	lines := math.Ceil(bytes / lineBytes)
	if c.multipliesTwo() {
		return rows*(bytes/8-d*(0.35*lines+2)-2) - 2.5*math.Ceil(d/6)*float64(k)
	}
	return rows*(bytes/8-d*(lines+2)-3) - 4*d*float64(k)
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
