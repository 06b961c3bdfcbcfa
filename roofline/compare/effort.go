package compare

import "time"

// Effort is how many pairs of processes a live comparison takes. Where the first Pairs do not decide, their number is doubled
// again and again, up to Most and as far as they are expected to fit into Limit. The looks that this allows are part of the
// judgement (see Pair.Looks).
type Effort struct {
	Pairs   int
	Most    int                   // 0: no more than Pairs, decided or not
	Limit   time.Duration         // from the first process on; 0: none
	Decided func(soFar Pair) bool // nil: more pairs would tell nothing new
}

// looks is the most often that the pairs may be judged.
func (e Effort) looks() int {
	n := 1
	for pairs := e.Pairs; e.Decided != nil && pairs > 0 && pairs < e.Most; pairs *= 2 {
		n++
	}
	return n
}

// running is an effort under way.
type running struct {
	Effort
	begin time.Time // of the first process, which warms up, verifies and counts
	pairs time.Time // of the first pair
	last  bool      // there is no time for another look
}

func (e Effort) start() *running { return &running{Effort: e, begin: time.Now()} }

// over says that no pair is begun any more after i of them: the machine has become slower than it was expected to be.
func (r *running) over(i int) bool {
	if i < r.Pairs || r.Limit == 0 || time.Since(r.begin) <= r.Limit {
		return false
	}
	r.last = true
	return true
}

// worthwhile is the share of the pairs so far that a further look must add.
const worthwhile = 0.25

// next is how many pairs there shall be in all, after those of p.
func (r *running) next(p Pair) int {
	n := len(p.New.Times)
	if r.last || r.Decided == nil || n >= r.Most || r.Decided(p) {
		return n
	}
	want := min(2*n, r.Most)
	if r.Limit > 0 {
		left, spent := r.Limit-time.Since(r.begin), time.Since(r.pairs)
		if fit := n + int(float64(left)/float64(spent)*float64(n)); fit < want {
			want, r.last = fit, true
		}
	}
	if float64(want-n) < worthwhile*float64(n) {
		return n
	}
	return want
}

// Pairs of processes in a live comparison: at the first look, and at the last.
const (
	DefaultPairs = 10
	GatePairs    = 20
	MostPairs    = 320
)

// DecideWithin is how long processes are started while the answer is open, unless the first pairs alone take longer. With
// starting and drawing, a comparison of a kernel of 10 ms then takes no more than 15 s.
const DecideWithin = 12 * time.Second

// UntilKnown is the effort of a comparison, one among so many, that wants a verdict under the noise floor of the pairs it took.
func UntilKnown(floor Floor, among int, within time.Duration) Effort {
	return Effort{Pairs: DefaultPairs, Most: MostPairs, Limit: within,
		Decided: func(p Pair) bool {
			n := len(p.New.Times)
			c := Judge(p, floor.Of(n), among)
			return c.Verdict.Outcome != Inconclusive && !(c.hidden() && floor.Of(MostPairs) < c.Floor)
		}}
}

// UntilRuled is the effort of a comparison that is to pass the gate.
func (g Gate) UntilRuled(floor Floor, among int, within time.Duration) Effort {
	return Effort{Pairs: GatePairs, Most: MostPairs, Limit: within,
		Decided: func(p Pair) bool { return g.decides(Judge(p, floor.Of(len(p.New.Times)), among)) }}
}
