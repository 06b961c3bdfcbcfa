package kernels

// How many queries, at most, are taken one by one as in decode where they fill no vector: of keys in L2 or L3 a query takes a ninth of the time
// of a vector of them, or less. Behind others fewer are: there they could be one more vector of a block, which takes less time than one alone.
const (
	fewAlone  = 8
	fewBehind = 6
	oneByOne  = 9 // queries that take as long as a vector
)

// fewOf is how many of nq queries are taken one by one.
func (k *laneKernels) fewOf(nq int) int {
	n := nq % k.lanes
	if n == nq && n <= fewAlone || n <= fewBehind {
		return n
	}
	return 0
}

// attentionFew computes queries one by one. Keys and values of a head that L2 does not hold are taken in parts that it does, so that only the first
// query of each part waits for what lies behind.
type attentionFew struct {
	queries []*decodeRun // one for each of the last queries of every head
	from    int          // the first of them
	keys    int          // of a part
	p       *attentionProblem
}

// newFew returns what computes the last queries of p, or nil where all are taken in vectors.
func (k *laneKernels) newFew(p *attentionProblem) *attentionFew {
	n := k.fewOf(p.nq)
	if n == 0 || !k.takesFew(p.d) {
		return nil
	}
	f := &attentionFew{p: p, from: p.nq - n, keys: p.nkv}
	if n > 1 {
		f.keys = k.fewKeys(p.d, p.nkv)
	}
	for i := f.from; i < p.nq; i++ {
		one := *p
		one.q = p.q.from(i) // of head h it is row h·nq, as before
		f.queries = append(f.queries, k.few.newRun(&one, p.cacheBytes()/p.heads*f.keys/p.nkv))
	}
	return f
}

// takesFew says whether there is code for single queries of d elements which does all.
func (k *laneKernels) takesFew(d int) bool { return k.few != nil && k.few.forHead(d).whole }

// fewKeys is how many of nkv keys several queries take before the next ones.
func (k *laneKernels) fewKeys(d, nkv int) int {
	row, l2 := 2*d*elementBytes[k.dtype], ownCaches().l2
	if nkv*row <= l2 {
		return nkv
	}
	return max(l2/2/row/decodeStep, 1) * decodeStep
}

// newScratch allocates what a worker needs: all queries have their own where they take turns.
func (f *attentionFew) newScratch(k *decodeLanes) (list []*decodeScratch) {
	n := 1
	if f.keys < f.p.nkv {
		n = len(f.queries)
	}
	for range n {
		list = append(list, k.newScratch(f.p))
	}
	return list
}

// run computes the last queries of head h.
func (f *attentionFew) run(scratch []*decodeScratch, h int) {
	for from := 0; from < f.p.nkv; from += f.keys {
		for i, q := range f.queries {
			w, attended, o := scratch[i%len(scratch)], f.p.attended(f.from+i), f.p.oHead(h)[(f.from+i)*f.p.ldo:]
			if from == 0 {
				q.begin(w)
			}
			if from+f.keys < attended {
				q.wholeRows(w, h, span{from, from + f.keys}, nil)
			} else if from < attended {
				q.wholeRows(w, h, span{from, attended}, &o[0])
			}
		}
	}
}
