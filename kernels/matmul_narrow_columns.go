package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// narrowColumns is the assembly for few columns of narrow elements: dot products along K.
type narrowColumns struct {
	panels [][]func(*asm.NarrowColumns) // of 1, 2, … columns: of 1, 4 and 8 rows of A
	pack   func(dst, src, tmp *byte, srcBytes, rows, cols int)
}

// packTmp is how many bytes behind packed columns packing them takes: as if the last were 6, and a vector of each 8 rows.
const packTmp = 5*lineBytes + 8*lineBytes

// narrowHeights are the heights of its panels; few columns have all of them.
var narrowHeights = []int{1, 4, 8}

// Up to few columns, dot products are better than a tile that is mostly empty where they are not so shallow that adding up their lanes takes
// most of the time; beyond, where they are deep. Where times were fitted, they are where they take fewer cycles than packing and tiles. The depth is
// bounded, and with it a call.
const (
	narrowFewColumns = 4
	narrowShallow    = 32
	narrowDeep       = 128
	narrowDeepest    = 1 << 15
)

// suits reports whether n columns of m rows are computed by dot products of k elements of es bytes: not where B is most of what there is, which few
// rows read once.
func (u narrowColumns) suits(m, n, k, es int, c caches) bool {
	switch {
	case n > u.most(c) || k > narrowDeepest:
		return false
	case n == 1:
		return true
	case m <= narrowPass:
		return false
	case c.multipliesTwo():
		return dotsSave(m, n, k, es, c)+float64(6*m+2*k*es) > 0 // nor are tiles begun and rows of A added up, nor B packed for them
	case n <= narrowFewColumns:
		return k >= narrowShallow
	}
	return k >= narrowDeep
}

// most is up to how many columns all are computed so: as many as two groups have where that was measured, which is where c.streams.
func (u narrowColumns) most(c caches) int {
	if c.streams {
		return 2 * len(u.panels)
	}
	return len(u.panels)
}

// narrowDots is one worker's share of few columns.
type narrowDots[I element, O result] struct {
	group  int // columns that are computed together
	packed []I
	sums   []int32 // of each step of packed columns, times −128
	starts []int32
	calls  []plannedDots
}

// plannedDots is one call, with what it changes.
type plannedDots struct {
	call[asm.NarrowColumns]
	a, c   *byte
	panels int
}

// dotNarrow computes the few columns of C. Workers share rows, and each packs B.
func dotNarrow[I element, O result](p *product[I, O], workers int, u *microKernel, columns narrowColumns, caches caches) func(int) {
	all := make([]narrowDots[I, O], workers)
	for w := range all {
		from, to := share(p.c.rows, narrowHeights[2], workers, w)
		all[w].plan(p, columns, from, to, caches)
	}
	return func(worker int) {
		d := &all[worker]
		if d.calls == nil {
			return
		}
		d.pack(p.b, u, columns)
		for i := range d.calls {
			c := &d.calls[i]
			c.args.A, c.args.C, c.args.Panels = c.a, c.c, c.panels
			c.run(&c.args)
		}
	}
}

// plan lists the calls for rows from to to. Rows of a panel are far apart where A comes from beyond L2, so that each is one stream. More columns than
// there is code for are two groups, which pass by as many rows as stay in L1 one after the other.
func (d *narrowDots[I, O]) plan(p *product[I, O], columns narrowColumns, from, to int, c caches) {
	lanes, in, out, k, n := lineElems[I](), sizeof[I](), sizeof[O](), p.a.cols, p.c.cols
	steps := (k - 1) / lanes
	groups := (n + len(columns.panels) - 1) / len(columns.panels)
	d.group = (n + groups - 1) / groups
	d.packed, d.starts = alloc[I]((steps+1)*lanes*n+packTmp/in), alloc[int32](n)
	keep(&p.scratch, "packed columns of B", d.packed)
	keep(&p.scratch, "starts", d.starts)
	if dtypeOf[I]() == INT8 {
		d.sums = alloc[int32]((steps + 1) * n)
		keep(&p.scratch, "starts", d.sums)
	}
	// add lists panels of height h, rows step rows apart, that begin next rows apart.
	add := func(h, panels, step, next int) {
		rows := narrowHeights[h]
		most := max(streamBytes/(rows*(k*in+n*out)), 1) // panels in a call
		if groups > 1 {
			most = max(c.l1/2/(rows*k*in), 1)
		}
		for panels > 0 {
			count := min(panels, most)
			for j := 0; j < n; j += d.group {
				cols := min(d.group, n-j)
				d.calls = append(d.calls, plannedDots{call[asm.NarrowColumns]{columns.panels[cols-1][h], asm.NarrowColumns{
					ABytes: step * p.a.stride * in, ANext: next * p.a.stride * in, B: pointer(d.packed[j*(steps+1)*lanes:]),
					CBytes: step * p.c.stride * out, CNext: next * p.c.stride * out,
					Steps: steps, Rest: k - steps*lanes, Starts: pointer(d.starts[j:]),
				}}, pointer(p.a.at(from, 0)), pointer(p.c.at(from, j)), count})
			}
			from += count * next
			panels -= count
		}
	}
	if (to-from)*k*in > c.l2 {
		far := narrowHeights[1]
		part := (to - from) / far
		add(1, part, part, 1)
		from += (far - 1) * part
	}
	for h := len(columns.panels[d.group-1]) - 1; h >= 0; h-- {
		rows := narrowHeights[h]
		add(h, (to-from)/rows, 1, rows)
	}
	d.calls = cloneApart(d.calls)
}

// pack copies the columns of B to where a step's elements are side by side, and adds up those of int8.
func (d *narrowDots[I, O]) pack(b matrix[I], u *microKernel, columns narrowColumns) {
	lanes, es := lineElems[I](), sizeof[I]()
	steps := (b.rows + lanes - 1) / lanes
	for from := 0; from < b.cols; from += d.group {
		to, tmp, n := d.packed[from*steps*lanes:], d.packed[len(d.packed)-8*lanes:], min(d.group, b.cols-from)
		if b.stride == 1 {
			u.copyRows(pointer(to), pointer(b.data), 0, 0, 1, b.rows*es)
		} else {
			columns.pack(pointer(to), pointer(b.at(0, from)), pointer(tmp), b.stride*es, b.rows, n)
		}
	}
	if d.sums == nil {
		return
	}
	u.starts(&d.sums[0], pointer(d.packed), lanes*es, len(d.sums), lanes)
	clear(d.starts)
	for from := 0; from < b.cols; from += d.group {
		n := min(d.group, b.cols-from)
		for i, x := range d.sums[from*steps : (from+n)*steps] {
			d.starts[from+i%n] += x
		}
	}
}
