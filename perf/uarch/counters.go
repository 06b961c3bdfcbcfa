package uarch

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// CounterKind says on which kind of counter an event counts.
type CounterKind int

// The kinds of counters.
const (
	Unstated     CounterKind = iota // the sources say nothing
	AnyCounter                      // every general counter
	SomeCounters                    // only the general counters in Mask
	FixedCounter                    // fixed counter Fixed, and where the vendor names a general code, others too
	CounterPair                     // an even general counter together with its odd neighbour
	CycleCounter                    // Arm's cycle counter, else a general one
	PerfMetrics                     // a part of the PERF_METRICS register: only in a group led by the slots event
	FreeRunning                     // always counting, cannot be set: no group constraint
	OwnCounter                      // a fixed counter of an uncore unit
)

// Counters is the constraint that the vendor states.
type Counters struct {
	Kind  CounterKind
	Mask  uint64 // of SomeCounters
	Fixed int    // of FixedCounter
}

var counterWords = map[CounterKind]string{
	Unstated: "", AnyCounter: "any", CounterPair: "pair", CycleCounter: "cycle", PerfMetrics: "metrics", FreeRunning: "free",
	OwnCounter: "fixed",
}

// String is the word in the table: any, pair, cycle, metrics, free, fixed, "0-3" or "fixed2".
func (c Counters) String() string {
	switch c.Kind {
	case SomeCounters:
		return fmt.Sprintf("0-%d", bits.Len64(c.Mask)-1)
	case FixedCounter:
		return "fixed" + strconv.Itoa(c.Fixed)
	}
	return counterWords[c.Kind]
}

// parseCounters reads what String writes.
func parseCounters(word string) (Counters, error) {
	for kind, w := range counterWords {
		if w == word {
			return Counters{Kind: kind}, nil
		}
	}
	if n, ok := strings.CutPrefix(word, "fixed"); ok {
		if v, err := strconv.ParseUint(n, 10, 4); err == nil {
			return Counters{Kind: FixedCounter, Fixed: int(v)}, nil
		}
	}
	if n, ok := strings.CutPrefix(word, "0-"); ok {
		if v, err := strconv.ParseUint(n, 10, 6); err == nil && v < 63 {
			return Counters{Kind: SomeCounters, Mask: ones(int(v) + 1)}, nil
		}
	}
	return Counters{}, fmt.Errorf("counters %q: want any, pair, cycle, metrics, free, fixed, fixedN or 0-N", word)
}
