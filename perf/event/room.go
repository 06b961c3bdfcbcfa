package event

import "github.com/roofline-go/roofline/perf/uarch"

// room is what one PMU has to count with at the same time.
type room struct {
	general int    // general counters
	fixed   uint64 // mask of the fixed counters; on Arm bit 0 is the cycle counter
}

// need is what one event takes of a PMU's counters.
type need struct {
	uarch.Counters
	fixedOnly bool // no general counter counts it
}

// needOf reads the constraint of a table's event. Intel's fixed counters have event code 0 where no general counter knows
// the event (reference cycles, slots), else the general counters' code.
func needOf(e uarch.Event) need {
	return need{Counters: e.Counters, fixedOnly: e.Counters.Kind == uarch.FixedCounter && e.Config&0xff == 0}
}

// fits says whether all events can count at once: whether each finds counters of its own. The pairs are placed in every
// possible way, the others by matching.
func (r room) fits(needs []need) bool {
	pairs := 0
	var rest []uint64 // per event the counters that suit it: the general ones, above them the fixed
	for _, n := range needs {
		switch n.Kind {
		case uarch.CounterPair:
			pairs++
		case uarch.PerfMetrics, uarch.FreeRunning, uarch.OwnCounter:
		default:
			rest = append(rest, r.suiting(n))
		}
	}
	return r.place(pairs, 0, 0, rest)
}

// maxGeneral bounds the general counters considered: masks have 64 bits, of which the fixed counters take 16.
const maxGeneral = 48

func (r room) allGeneral() uint64 { return 1<<min(r.general, maxGeneral) - 1 }

// suiting is the mask of counters that an event which takes one of them can use.
func (r room) suiting(n need) uint64 {
	fixed := func(i int) uint64 { return (r.fixed >> i & 1) << (maxGeneral + i) }
	switch n.Kind {
	case uarch.SomeCounters:
		return r.allGeneral() & n.Mask
	case uarch.FixedCounter:
		if n.fixedOnly {
			return fixed(n.Fixed)
		}
		return fixed(n.Fixed) | r.allGeneral()
	case uarch.CycleCounter:
		return fixed(0) | r.allGeneral()
	}
	return r.allGeneral()
}

// place puts the remaining pairs on an even counter from "from" on and its odd neighbour, then matches the rest.
func (r room) place(pairs, from int, taken uint64, rest []uint64) bool {
	if pairs == 0 {
		return matches(rest, taken)
	}
	for even := from; even+1 < min(r.general, maxGeneral); even += 2 {
		if r.place(pairs-1, even+2, taken|3<<even, rest) {
			return true
		}
	}
	return false
}

// matches says whether every mask finds a bit of its own outside taken: bipartite matching by augmenting paths.
func matches(masks []uint64, taken uint64) bool {
	var owner [64]int
	for i := range owner {
		owner[i] = -1
	}
	var seen uint64
	var assign func(i int) bool
	assign = func(i int) bool {
		for c := range 64 {
			bit := uint64(1) << c
			if masks[i]&^taken&bit == 0 || seen&bit != 0 {
				continue
			}
			seen |= bit
			if owner[c] < 0 || assign(owner[c]) {
				owner[c] = i
				return true
			}
		}
		return false
	}
	for i := range masks {
		seen = 0
		if !assign(i) {
			return false
		}
	}
	return true
}

// generalNeeded is how many general counters the events take at least.
func (r room) generalNeeded(needs []need) int {
	for n := range r.general {
		if (room{general: n, fixed: r.fixed}).fits(needs) {
			return n
		}
	}
	return r.general
}
