package kernels

// span is a half-open range of consecutive units of work.
type span struct{ from, to int }

// splitByCost cuts n units, unit i costing cost(i) > 0, into one span per worker of nearly equal cost: every cut falls
// on the unit boundary nearest to its share. Spans may be empty when workers > n.
func splitByCost(n, workers int, cost func(i int) int) []span {
	total := 0
	for i := range n {
		total += cost(i)
	}
	spans := make([]span, workers)
	unit, done := 0, 0
	for w := range spans {
		from, share := unit, float64(total)*float64(w+1)/float64(workers)
		for unit < n && float64(done)+float64(cost(unit))/2 <= share {
			done += cost(unit)
			unit++
		}
		if w == workers-1 {
			unit = n
		}
		spans[w] = span{from, unit}
	}
	return spans
}

// splitQueries shares blocks of size queries of all heads among workers by attended pairs. Unit u is block u%blocks of
// head u/blocks, blocks = ⌈nq/size⌉.
func (p *attentionProblem) splitQueries(size, workers int) []span {
	blocks := (p.nq + size - 1) / size
	return splitByCost(p.heads*blocks, workers, func(u int) int {
		from := u % blocks * size
		to := min(from+size, p.nq)
		return (to - from) * (p.attended(from) + p.attended(to-1)) // twice the pairs
	})
}
