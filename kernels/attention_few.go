package kernels

// How many queries, at most, are taken one by one as in decode where they fill no vector: of keys in L2 or L3 a query takes a ninth of the time
// of a vector of them, or less. Behind others fewer are: there they could be one more vector of a block, which takes less time than one alone.
const (
	fewAlone   = 8
	fewBehind  = 6
	fewLess    = 4 // behind others, of rows of a length that has no code of its own
	fewCut     = 6 // alone, of rows that end within a vector of decode, and a vector of queries takes as they are
	fewGeneral = 3 // alone, by code for rows of any length; behind others one
	fewTiles   = 4 // alone, in AMX: one more block behind others takes as long as one query
	fewPadded  = 2 // the same, of rows of a length that has no code of its own
	oneByOne   = 9 // queries that take as long as a vector
)

// fewOf is how many of nq queries of d elements are taken one by one. By code for rows of any length a query takes a seventh to a quarter of the time
// of a vector. Where blocks have no single vector, two take as long as one: queries behind a single vector cost nothing there.
func (k *laneKernels) fewOf(nq, d int) int {
	n, one := nq%k.lanes, k.fewFor(d)
	if one == nil {
		return 0
	}
	if k.ahead {
		alone := fewPadded
		if _, own := one.heads[d]; own {
			alone = fewTiles
		}
		if nq <= alone {
			return nq
		}
		return 0
	}
	alone, behind := fewGeneral, 1
	if one.forHead(d).whole {
		alone, behind = fewAlone, fewLess
		if _, own := one.heads[d]; own {
			behind = fewBehind
		}
	}
	switch single := k.row(d)%k.lanes == 0; {
	case !single:
		alone = max(alone, 2*fewGeneral)
		if nq/k.lanes%k.vectors == 1 {
			behind = 0
		}
	case d%one.multiple != 0:
		alone = fewCut
	}
	if n == nq && n <= alone || n <= behind {
		return n
	}
	return 0
}

// fewFor is what takes single queries of d elements; nil: nothing does.
func (k *laneKernels) fewFor(d int) *decodeLanes {
	if k.few != nil && k.few.forHead(d).whole {
		return k.few
	}
	for _, one := range k.others {
		if one.takes(d) {
			return one
		}
	}
	return nil
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
	n, one := k.fewOf(p.nq, p.d), k.fewFor(p.d)
	if n == 0 {
		return nil
	}
	f := &attentionFew{p: p, from: p.nq - n, keys: p.nkv}
	if n > 1 {
		f.keys = k.fewKeys(p.d, p.nkv)
	}
	for i := f.from; i < p.nq; i++ {
		q := *p
		q.q = p.q.from(i) // of head h it is row h·nq, as before
		run := one.newRun(&q, p.cacheBytes()/p.heads*f.keys/p.nkv)
		if f.keys < p.nkv && run.infinite != nil { // parts are not mended
			run = run.infinite
		}
		f.queries = append(f.queries, run)
	}
	return f
}

// fewKeys is how many of nkv keys several queries take before the next ones.
func (k *laneKernels) fewKeys(d, nkv int) int {
	row, l2 := 2*d*elementBytes[k.dtype], ownCaches().l2
	if nkv*row <= l2/4*3 { // beside all else
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
			if q.infinite != nil {
				q.piece(w, h, span{0, attended}, &o[0])
				continue
			}
			if from == 0 {
				q.begin(w)
				if !q.whole {
					q.start(w, h)
				}
			}
			keys := span{from, min(from+f.keys, attended)}
			switch {
			case keys.from >= keys.to:
			case !q.whole:
				q.anyRows(w, h, keys)
				if keys.to == attended {
					q.part(w).write(o)
				}
			case keys.to < attended:
				q.wholeRows(w, h, keys, nil)
			default:
				q.wholeRows(w, h, keys, &o[0])
			}
		}
	}
}
