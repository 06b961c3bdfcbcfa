package kernels

// fewQueries is how many queries, at most, are taken one by one as in decode where they fill no vector: of keys in L2 or L3 a query takes
// a ninth of the time of a vector of them, or less.
const fewQueries = 6

// attentionFew computes queries one by one.
type attentionFew struct {
	queries []*decodeRun // one for each of the last queries of every head
	from    int          // the first of them
	p       *attentionProblem
}

// newFew returns what computes the last queries of p, or nil where all are taken in vectors.
func (k *laneKernels) newFew(p *attentionProblem) *attentionFew {
	n := p.nq % k.lanes
	if n == 0 || n > fewQueries || !k.takesFew(p.d) {
		return nil
	}
	f := &attentionFew{p: p, from: p.nq - n}
	for i := f.from; i < p.nq; i++ {
		one := *p
		one.q = p.q.from(i) // of head h it is row h·nq, as before
		f.queries = append(f.queries, k.few.newRun(&one, p.cacheBytes()/p.heads))
	}
	return f
}

// takesFew says whether there is code for single queries of d elements which does all.
func (k *laneKernels) takesFew(d int) bool { return k.few != nil && k.few.forHead(d).whole }

// run computes the last queries of head h.
func (f *attentionFew) run(w *decodeScratch, h int) {
	for i, q := range f.queries {
		o := f.p.oHead(h)[(f.from+i)*f.p.ldo:]
		q.piece(w, h, span{0, f.p.attended(f.from + i)}, &o[0])
	}
}
