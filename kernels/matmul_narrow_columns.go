package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// narrowColumns is the assembly for few columns of narrow elements: dot products along K.
type narrowColumns struct {
	panels [][]func(*asm.NarrowColumns)          // of 1, 2, … columns: of 1, 4 and 8 rows of A
	gather func(dst, src *byte, srcBytes, n int) // copies n elements of a column
}

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
	case n > len(u.panels) || k > narrowDeepest:
		return false
	case n == 1:
		return true
	case m <= narrowPass:
		return false
	case c.multipliesTwo():
		return dotsSave(m, n, k, es, c)+float64(2*(m+k*es)) > 0 // nor are tiles begun, nor B packed for them
	case n <= narrowFewColumns:
		return k >= narrowShallow
	}
	return k >= narrowDeep
}

// narrowDots is one worker's share of few columns.
type narrowDots[I element, O result] struct {
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
		all[w].plan(p, columns.panels[p.c.cols-1], from, to, caches)
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

// plan lists the calls for rows from to to. Rows of a panel are far apart where A comes from beyond L2, so that each is one stream.
func (d *narrowDots[I, O]) plan(p *product[I, O], heights []func(*asm.NarrowColumns), from, to int, c caches) {
	lanes, in, out, k, n := lineElems[I](), sizeof[I](), sizeof[O](), p.a.cols, p.c.cols
	steps := (k - 1) / lanes
	d.packed, d.starts = alloc[I]((steps+1)*lanes*n), alloc[int32](n)
	keep(&p.scratch, "packed columns of B", d.packed)
	keep(&p.scratch, "starts", d.starts)
	if dtypeOf[I]() == INT8 {
		d.sums = alloc[int32]((steps + 1) * n)
		keep(&p.scratch, "starts", d.sums)
	}
	// add lists panels of height h, rows step rows apart, that begin next rows apart.
	add := func(h, panels, step, next int) {
		most := max(streamBytes/(narrowHeights[h]*k*in), 1) // panels in a call
		for panels > 0 {
			count := min(panels, most)
			d.calls = append(d.calls, plannedDots{call[asm.NarrowColumns]{heights[h], asm.NarrowColumns{
				ABytes: step * p.a.stride * in, ANext: next * p.a.stride * in, B: pointer(d.packed),
				CBytes: step * p.c.stride * out, CNext: next * p.c.stride * out,
				Steps: steps, Rest: k - steps*lanes, Starts: pointer(d.starts),
			}}, pointer(p.a.at(from, 0)), pointer(p.c.at(from, 0)), count})
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
	for h := len(heights) - 1; h >= 0; h-- {
		rows := narrowHeights[h]
		add(h, (to-from)/rows, 1, rows)
	}
}

// pack copies the columns of B to where a step's elements are side by side, and adds up those of int8.
func (d *narrowDots[I, O]) pack(b matrix[I], u *microKernel, columns narrowColumns) {
	lanes, es := lineElems[I](), sizeof[I]()
	if b.stride == 1 {
		u.copyRows(pointer(d.packed), pointer(b.data), 0, 0, 1, b.rows*es)
	} else {
		for j := range b.cols {
			for k := 0; k < b.rows; k += lanes {
				columns.gather(pointer(d.packed[k*b.cols+j*lanes:]), pointer(b.at(k, j)), b.stride*es, min(lanes, b.rows-k))
			}
		}
	}
	if d.sums == nil {
		return
	}
	u.starts(&d.sums[0], pointer(d.packed), lanes*es, len(d.sums), lanes)
	clear(d.starts)
	for i, x := range d.sums {
		d.starts[i%b.cols] += x
	}
}
