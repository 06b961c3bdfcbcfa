package kernels

// maxCols bounds the columns of a block for tiny depths, where a panel's time is that of its piece of C: 12 rows of 4096
// float64 take well under a millisecond.
const maxCols = 4096

// halfOfL2 is the share of L2 for a block of B, unless a setting says otherwise: the other half is for what passes by. Of a large L2
// it is what the table of the code says.
const halfOfL2 = 50

// shareOfL2 is the percentage of L2 that a block of B may fill.
func (u *microKernel) shareOfL2(c caches) int {
	switch {
	case u.share > 0:
		return u.share
	case c.largeL2() && u.shareOfLarge > 0:
		return u.shareOfLarge
	}
	return halfOfL2
}

// mostDepth is how many rows of B, of elements of es bytes, are packed at a time, at most. Beside a large L2 a panel of A then takes half of L1.
func (u *microKernel) mostDepth(es int, c caches) int {
	if c.largeL2() && !u.tiles && !u.depthSet {
		return min(u.depth, c.l1/2/(u.rows*es))
	}
	return u.depth
}

// choice is a decision that the caches make, unless a setting does.
type choice int

const (
	byCaches choice = iota
	never
	always
)

func (c choice) choose(caches bool) bool { return c == always || c == byCaches && caches }

// first lists all choices, c before the others.
func (c choice) first() []int {
	values := []int{int(c)}
	for _, v := range []choice{byCaches, never, always} {
		if v != c {
			values = append(values, int(v))
		}
	}
	return values
}

// params are the parameters of a tiled kernel.
func (u *microKernel) params() []Param {
	depths := []int{u.depth}
	if !u.tiles {
		depths = []int{0, u.depth}
	}
	for _, d := range []int{128, 192, 256, 320, 384, 512, 1024, 2048} {
		if d != u.depth && (d <= 512 || d < u.depth) {
			depths = append(depths, d)
		}
	}
	params := []Param{
		{"depth", depths, "rows of B that are packed at a time, at most; 0: as many as the caches suggest"},
		{"share", []int{0, halfOfL2, 25, 35, 65, 80}, "percent of L2 that a packed block of B may fill; 0: half, of 2 MiB or more a quarter, in AVX2 35, with AMX 38, or half where that holds all of B"},
		{"copy", u.copy.first(), "whether panels of A are copied: 0 when their rows compete for L1, 1 never, 2 always"},
	}
	if u.tiles {
		params = append(params, Param{"line", u.line.first(),
			"whether B is packed by columns of a line, or before all of it, to stay in L1 while A passes: 0 when the product fits L2, 1 never, 2 always"})
		if !u.before {
			params = append(params, Param{"beside", u.beside.first(),
				"whether B's next line is packed beside the products of the present one: 0 and 2 where lines are whole and panels equal, 1 never"})
		}
		params = append(params, Param{"turns", u.turns.first(), "whether panels walk slivers back and forth: 0 when a third of L1 holds a panel and a sixth not B, 1 never, 2 always"})
		params = append(params, Param{"chunks", u.chunks.first(), "whether blocks of B are no deeper than the chunk of a panel of A that L1 holds: 0 when products are large and rows of A compete for L1, 1 never, 2 always"})
		params = append(params, Param{"buffer", u.buffer.first(), "whether blocks of C pass through L1: 0 when they take time enough, 1 never, 2 always"})
	}
	if u.fuse != never {
		params = append(params, Param{"fuse", u.fuse.first(), "whether the first panel of A packs B: 2 always, 1 never: a pass before it does, 0 when all of B fits half of L2, or L2 is large or sends a line in every cycle"})
	}
	return params
}

// with is u under a setting.
func (u *microKernel) with(s Setting) *microKernel {
	tuned := *u
	tuned.share = s.or("share", u.share)
	if depth := s.or("depth", 0); depth > 0 {
		tuned.depth, tuned.depthSet = depth, true
	}
	tuned.beside = choice(s.or("beside", int(u.beside)))
	tuned.turns, tuned.chunks = choice(s.or("turns", int(u.turns))), choice(s.or("chunks", int(u.chunks)))
	tuned.buffer, tuned.line = choice(s.or("buffer", int(u.buffer))), choice(s.or("line", int(u.line)))
	tuned.fuse, tuned.copy = choice(s.or("fuse", int(u.fuse))), choice(s.or("copy", int(u.copy)))
	return &tuned
}

// shortTile is up to how many steps of a tile its prefetches take more than they save where the last cache is far, in AVX2 and of groups half as many: beside so few
// they are close together, and the processor itself fetches rows of C that tiles pass along.
const shortTile = 256

// shortTiles reports whether tiles of so many steps are short.
func (u *microKernel) shortTiles(steps int, c caches) bool {
	if u.fuse != always || u.group() > 1 {
		steps *= 2
	}
	return c.farLast() && u.chunk == 0 && !u.tiles && steps <= shortTile
}

// blocking is how a product is cut.
type blocking struct {
	cols, depth int  // of a block of B; cols is a multiple of a tile's, depth of whole steps
	once        bool // cols are all
	fuse        bool // B is packed by the first panel instead of beforehand
	line        bool // cols are those of a line of memory, which stay in L1 while A passes
	beside      bool // with line: the next line's columns are packed while A passes
	near        bool // all is in L2: nothing is prefetched but rows of B that are packed
	short       bool // panels prefetch only where they copy, or fetch what is packed next
	chunks      bool // of AMX: blocks are so deep that L1 holds a panel of A, whose rows are copied before
	copyStride  int  // elements between copied rows of A, with a piece between them: an odd number of lines, so that they spread over all sets
}

// packed is how many elements a worker's packed blocks take at a time.
func (g blocking) packed() int {
	if g.beside {
		return 2 * g.cols * g.depth
	}
	return g.cols * g.depth
}

// blocking cuts a product of m×k by k×n elements of es bytes evenly.
func (u *microKernel) blocking(m, n, k, es int, c caches) blocking {
	var g blocking
	deepest, chunked := u.mostDepth(es, c), u.cutsPanels(m, n, k, k, es, c)
	if chunked {
		deepest = min(deepest, u.chunkSteps(c)*u.group())
	} else if u.cutsShallow(m, n, k, es, c) {
		deepest = min(deepest, shallowBytes/es)
	}
	pieces := (k + deepest - 1) / deepest
	line := 64 / es
	g.depth = u.padded((k + pieces - 1) / pieces)
	if !u.tiles {
		g.depth = (g.depth + line - 1) / line * line // so that every block of A begins where a line does if the first one does
	}
	most := min(max(c.l2*u.shareOfL2(c)/100/(g.depth*es), u.cols), maxCols) / u.cols // slivers that fill their share of L2
	slivers := (n + u.cols - 1) / u.cols
	if u.tiles && u.share == 0 && !chunked && slivers*u.cols <= maxCols && slivers*u.cols*g.depth*es <= c.l2*halfOfL2/100 {
		most = slivers // A passes once
	}
	pieces = (slivers + most - 1) / most
	g.cols, g.once = (slivers+pieces-1)/pieces*u.cols, pieces == 1
	if !chunked && u.byLines(m, n, k, es, c) {
		g.beside = u.packsBeside(m, n, k, es)
		g.line = g.beside || u.line == always || !u.nearLines(k, es, c)
		switch {
		case !g.line:
			width := u.lineCols(es)
			g.cols = min(max(c.l1*2/3/(k*es*width), 1), (n+width-1)/width) * width
		case !u.before:
			g.cols = u.lineCols(es)
		}
	} else if cols := u.blockOfFewRows(m, n, k, es, c); cols > 0 {
		g.cols, g.once = cols, false
	}
	g.fuse = !u.before && u.fuse.choose(c.streams || c.largeL2() || n*k*es <= c.l2/2)
	g.near = u.chunk == 0 && !u.tiles && c.keepsProduct(m, n, k, es)
	g.short = u.shortTiles(u.steps(g.depth), c)
	g.copyStride = ((g.depth+u.piece()+line-1)/line | 1) * line
	if chunked {
		g.chunks, g.copyStride = true, chunkedStride(g.depth/line)*line
	}
	return g
}

// rowsAlone is how many rows a worker has at least if it packs all of B for them, whatever that takes, and rowsBesideB if B has no more than
// bytesBesideRow for each row of C.
const (
	rowsAlone      = 480
	rowsBesideB    = 24
	bytesBesideRow = page
)

// partFor is a worker's part of C. Workers that have parts of columns share the packing of B, but each row of C then has a place where the part of
// one worker ends and that of the next begins: what the processor fetches ahead of one is written by the other. On a Zen 5 that took two
// workers some 0.1 µs a row and pass over B, packing 0.05 ns a byte: where rows are many, or the bytes of B few beside them, each worker has a part of the rows instead.
// AVX2's passes pack more slowly, and its columns were slower only where rows of C are not whole lines, so that two workers write one line of each.
func partFor[I element, O result](p *product[I, O], u *microKernel, workers, worker int) block {
	m, n := p.c.rows, p.c.cols
	again := 2 * n * p.a.cols * sizeof[I]() / workers * (workers - 1)
	byRows := false
	switch u.fuse {
	case always:
		byRows = m >= rowsAlone*workers || m >= rowsBesideB*workers && again <= m*bytesBesideRow
	case byCaches:
		byRows = n*sizeof[O]()%lineBytes > 0 && m >= rowsBesideB*workers && again <= m*bytesBesideRow/2
	}
	if byRows {
		from, to := share(m, 1, workers, worker)
		return block{from, to - from, 0, n}
	}
	return blockOf(m, n, u.rows, u.cols, workers, worker)
}
