package kernels

import (
	"math"
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// flatShape is how vectors of C in the order of memory lie in its rows.
type flatShape struct {
	lanes, n, k  int
	period, rows int // so many vectors are so many whole rows
	window       int // so many rows of A
	windows      int // that a vector takes; 0: one vector of A
	reach        int // elements from the first row of A that a period reads
}

// flatShape is that of n columns and a depth of k; false: there is no code for it.
func (u inPlace) flatShape(lanes, n, k int) (f flatShape, ok bool) {
	if n > 2*lanes || k > 2*lanes {
		return f, false
	}
	common := gcd(n, lanes)
	f = flatShape{lanes: lanes, n: n, k: k, period: n / common, rows: lanes / common, window: 2 * lanes / k}
	most := 0 // rows of a vector
	for v := range f.period {
		most = max(most, f.row(v, lanes-1)-f.row(v, 0)+1)
	}
	read := lanes
	if most*k > lanes {
		f.windows = (most-1)/f.window + 1
		read = (f.windows-1)*f.window*k + 2*lanes
	}
	f.reach = f.row(f.period-1, 0)*k + read
	return f, f.windows < len(u.flat) && k <= len(u.flat[f.windows]) && u.flat[f.windows][k-1] != nil
}

// row is of which row lane l of vector v is.
func (f flatShape) row(v, l int) int { return (v*f.lanes + l) / f.n }

// whole is how many periods of so many rows read no more than these.
func (f flatShape) whole(rows int) int {
	if left := rows*f.k - f.reach; left >= 0 {
		return min(left/(f.rows*f.k)+1, rows/f.rows)
	}
	return 0
}

// last is of how many periods so many last rows are, and how many elements of A and C these take.
func (f flatShape) last(rows int) (periods, a, c int) {
	periods = (rows + f.rows - 1) / f.rows
	return periods, (periods-1)*f.rows*f.k + f.reach, periods * f.rows * f.n
}

// vectorBytes is how many bytes say what the vectors of a period are computed from.
func (f flatShape) vectorBytes() int { return f.period * int(unsafe.Sizeof(asm.FlatVector{})) }

// scratch is how many bytes one worker has as scratch for m rows, of elements of es bytes.
func (f flatShape) scratch(m, es int) int64 {
	bytes := f.vectorBytes()
	if rows := m - f.whole(m)*f.rows; rows > 0 {
		_, a, c := f.last(rows)
		bytes += (a + c) * es
	}
	return int64(bytes)
}

// flatVectors says what each vector of a period is computed from.
func flatVectors[T float](f flatShape) []asm.FlatVector {
	all := make([]asm.FlatVector, f.period)
	for v := range all {
		w := &all[v]
		w.A = f.row(v, 0) * f.k * sizeof[T]()
		for l := range f.lanes {
			row, col := f.row(v, l)-f.row(v, 0), (v*f.lanes+l)%f.n
			if col >= f.lanes { // of the last vector
				col += f.lanes - (f.n - f.lanes)
			}
			setIndex[T](&w.Elements, l, row%f.window*f.k)
			setIndex[T](&w.Columns, l, col)
			w.Windows[row/f.window] |= 1 << l
		}
	}
	return all
}

// setIndex sets number l of those that are as long as elements.
func setIndex[T float](to *[64]byte, l, x int) {
	if at := unsafe.Pointer(&to[l*sizeof[T]()]); sizeof[T]() == 4 {
		*(*int32)(at) = int32(x)
	} else {
		*(*int64)(at) = int64(x)
	}
}

// flatPlan computes C in vectors in the order of memory, across rows. Where rows are short and few elements of A are multiplied for each,
// most of a vector along a row would be empty, and its store would take longer than the products.
type flatPlan[T float] struct {
	steps    []call[asm.MatmulFlat]
	from, to []T // the last rows of A, which vectors would read beyond, and of C
	a, c     []T // where they are copied to and from
}

// planFlat plans rows from to to of a product whose rows of A and C lie one after the other.
func planFlat[T float](p *product[T, T], f flatShape, u inPlace, caches caches, from, to int) *flatPlan[T] {
	l, es, n, k := &flatPlan[T]{}, sizeof[T](), f.n, f.k
	vectors := flatVectors[T](f)
	keep(&p.scratch, "what vectors are computed from", unsafe.Slice((*byte)(unsafe.Pointer(&vectors[0])), f.vectorBytes()))
	whole := f.whole(to - from)
	most := max(min(caches.l2/4/(f.rows*n*es), caches.l1/2/(f.rows*k*es)), 1) // periods whose A stays in L1 from vector to vector
	for from < to {
		c := call[asm.MatmulFlat]{u.flat[f.windows][k-1], asm.MatmulFlat{
			A: pointer(p.a.at(from, 0)), ANext: f.rows * k * es, B: pointer(p.b.data), BBytes: p.b.stride * es,
			BLast: max(n-f.lanes, 0) * es, BLanes: &tailLanes[len(tailLanes)/2-min(n, f.lanes)*es],
			C: pointer(p.c.at(from, 0)), CNext: f.rows * n * es,
			Vectors: (*byte)(unsafe.Pointer(&vectors[0])), Period: f.period, Repeats: min(whole, most),
		}}
		whole -= c.args.Repeats
		from += c.args.Repeats * f.rows
		if rows := to - from; whole == 0 && rows > 0 {
			repeats, inA, inC := f.last(rows)
			l.from, l.to = p.a.at(from, 0)[:rows*k], p.c.at(from, 0)[:rows*n]
			l.a, l.c = alloc[T](inA), alloc[T](inC)
			keep(&p.scratch, "last rows of A", l.a)
			keep(&p.scratch, "last rows of C", l.c)
			c.args.RestA, c.args.RestC, c.args.RestRepeats = pointer(l.a), pointer(l.c), repeats
			from = to
		}
		l.steps = append(l.steps, c)
	}
	return l
}

func (l *flatPlan[T]) run() {
	copy(l.a, l.from)
	for i := range l.steps {
		l.steps[i].run(&l.steps[i].args)
	}
	copy(l.to, l.c)
}

// takesFlat is how a product without parts lies in vectors, of so many lanes, if these take less time than rows do.
func (u inPlace) takesFlat(m, n, k, lanes int) (flatShape, bool) {
	f, ok := u.flatShape(lanes, n, k)
	return f, ok && !u.takesShort(m, n, k, lanes) && u.flatCycles(m, n, k, lanes) < u.alongRowsCycles(m, n, k, lanes)
}

// flatCycles estimates what a product takes: more than anything else where there is no code. It was fitted to times on a Zen 4, and of
// last rows on a Zen 5.
func (u inPlace) flatCycles(m, n, k, lanes int) float64 {
	f, ok := u.flatShape(lanes, n, k)
	if !ok {
		return math.Inf(1)
	}
	perElement := []float64{1.6, 2, 2.9, 4.1} // of A, by windows
	vector := max(float64(k)*perElement[f.windows], 3.1)
	vectors, starts := m*n/lanes, 1
	if u.near > 0 && k >= flatFitted {
		if vectors = (m + f.rows - 1) / f.rows * f.period; f.whole(m) > 0 && f.whole(m)*f.rows < m { // the last rows begin anew
			starts = 2
		}
	}
	if u.slowLines {
		vector *= slowFlat
	}
	return float64(vectors)*vector + float64(starts*f.period*(2*k+18)) + 40
}

// flatFitted is from how many inner elements on flat products and rows were compared on a Zen 5.
const flatFitted = 3

// slowRow is how many half cycles a vector of C takes that crosses lines beyond L1 where u.slowLines, whatever computes it.
const slowRow = 13

// alongRowsCycles is shallowCycles beside flatCycles. On processors that multiply whole vectors at once, where both count half cycles, a single vector of
// columns takes longer.
func (u inPlace) alongRowsCycles(m, n, k, lanes int) float64 {
	if u.slowLines && n%lanes > 0 && m*n*lineBytes/lanes > u.near {
		return max(u.shallowCycles(m, n, k, lanes), slowRow*float64(m*((n+lanes-1)/lanes)))
	}
	if u.near == 0 || u.permuted == nil || n > lanes || k < flatFitted { // where permutations wait for products flat ones gain less
		return u.shallowCycles(m, n, k, lanes)
	}
	return float64(m)*(1.2*float64(k)+1) + 50
}
