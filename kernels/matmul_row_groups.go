package kernels

import "math"

// passesInGroups reports whether m rows of A, more than a group, pass by B a group after the other where no code multiplies them in place: packing B
// is not earned back by so few rows, and tiles take pieces of its rows, which no processor foresees as it does streams. So it is with B beyond several
// times L1, with three groups beyond half of L2, up to a few times L2, of rows that are not short and many. Two groups may pass by all that the last
// cache keeps: twice B from there take no longer than packing it, from memory up to three times as long.
func passesInGroups(m, n, k, es, group int, c caches) bool {
	row := n * es
	least, most := 6*c.l1, 4*c.l2
	switch {
	case m > 2*group:
		least = max(least, c.l2/2)
	case !c.streams && c.last < math.MaxInt: // where they were timed, the last cache is what neighbours leave
		most = max(most, c.last/100*aheadFrom)
	}
	return m <= 3*group && row >= 1<<10 && k >= 192 && row*k > least && row*k <= most
}

// eachGroup calls f for each group of so many rows of A: evenly shared, as few groups as there are streams for.
func eachGroup(rows int, streams []rowStream, f func(from, to int)) {
	n := (rows + len(streams) - 1) / len(streams)
	for g := range n {
		from, to := share(rows, 1, n, g)
		f(from, to)
	}
}

// streamGroups computes C by a group of rows after the other.
func streamGroups[T float](p *product[T, T], workers int, streams []rowStream, c caches) func(int) {
	var parts []func(int)
	eachGroup(p.c.rows, streams, func(from, to int) {
		q := &product[T, T]{
			a: matrix[T]{p.a.at(from, 0), to - from, p.a.cols, p.a.stride}, b: p.b,
			c: matrix[T]{p.c.at(from, 0), to - from, p.c.cols, p.c.stride},
		}
		parts = append(parts, streamRows(q, workers, streams[to-from-1], c))
		p.scratch = append(p.scratch, q.scratch...)
	})
	return func(worker int) {
		for _, part := range parts {
			part(worker)
		}
	}
}
