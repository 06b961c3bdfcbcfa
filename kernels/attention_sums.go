package kernels

// tileElements is how many float32 a tile of AMX holds: 16 columns of output, one after the other, each of 16 queries.
const tileElements = 256

// columns is how many columns of output lie together in scratch.
func (k *laneKernels) columns() int {
	if k.ahead {
		return 2 * k.lanes
	}
	return k.lanes
}

// sumAt is where column c of query i is in the output of a block of queries, whose rows hold so many. In AMX 32 columns of 32 queries
// are four tiles, with those of the first 16 columns before the others, and behind them is room for one: so a tile has the offset in a page that the one
// after it had in the 32 columns before. Loaded there, it waits for none of those that were stored until then.
func (k *laneKernels) sumAt(c, i, row int) int {
	if !k.ahead {
		return c*row + i
	}
	column, part, tile := k.sumSteps(row)
	return c/k.columns()*tile + c%k.columns()/k.lanes*part + c%k.lanes*column + i/k.lanes*tileElements + i%k.lanes
}

// sumOf is sumAt of column 0 of a vector's first query.
func (k *laneKernels) sumOf(i int) int {
	if k.ahead {
		return i / k.lanes * tileElements
	}
	return i
}

// sumSteps are how far it is from column to column, from the first half of the columns that lie together to the other, and to the next that do.
func (k *laneKernels) sumSteps(row int) (column, part, tile int) {
	if !k.ahead {
		return row, k.lanes * row, k.columns() * row
	}
	return k.lanes, 2 * tileElements, 5 * tileElements
}

// places returns the sizes of what a block of queries keeps, which lies in this order: queries, output, and state. In AMX it takes
// whole pages, and output begins in the middle of one, where neither scores nor packed values do.
func (k *laneKernels) places(d int) (qt, ot, state int) {
	d = k.width(d)
	qt, ot, state = k.queries()*d, k.sumAt(d, 0, k.queries()), 3*k.queries()
	if k.ahead {
		const floats = page / 4
		qt = roundUp(qt/2, floats) + floats/2
		state = roundUp(qt+ot+state, floats) - qt - ot
	}
	return qt, ot, state
}

// stateAlone is the size of a block's state where its output lies elsewhere: it ends the page that queries begin.
func (k *laneKernels) stateAlone() int { return page / 4 / 2 }

// unused is the size of scratch that is written and never read.
func (k *laneKernels) unused() int {
	if k.ahead {
		return 4 * tileElements
	}
	return 0
}
