package roofline

import (
	"encoding/json"

	"github.com/roofline-go/roofline/perf"
)

// Analysis is what is known of a run beyond its points: what it executed, what its traffic did in each cache, how the time
// of a call divides into causes, and what to do about them. Each part is absent where nothing told it.
type Analysis struct {
	Mix      []MixEntry   `json:"mix,omitempty"`      // executed instructions by class, most first
	Blocks   []Block      `json:"blocks,omitempty"`   // the hottest code, most executed instructions first
	Caches   []CacheLevel `json:"caches,omitempty"`   // simulated, innermost first
	Workers  []float64    `json:"workers,omitempty"`  // instructions executed by each thread of a call
	Gap      *Gap         `json:"gap,omitempty"`      // from the ideal to the measured time
	Findings []Finding    `json:"findings,omitempty"` // by expected gain, largest first; none for a healthy kernel
	Quality  []Check      `json:"quality,omitempty"`  // of this run's measurement, one line per criterion
}

// The parts that sources tell are theirs: package perf has their fields.
type (
	MixEntry    = perf.MixEntry
	Block       = perf.Block
	Loop        = perf.Loop
	CacheLevel  = perf.CacheLevel
	CacheArray  = perf.CacheArray
	CacheCounts = perf.CacheCounts
)

// Gap divides the time of one call: Ideal plus the parts is Measured. Ideal is the least time that the algorithm's work can
// take on this machine with this many threads, whatever the code; Composed is the least time that this very code can take:
// what it executed, each resource at its measured ceiling.
type Gap struct {
	Ideal     float64    `json:"ideal_s"`
	IdealBy   string     `json:"ideal_by"` // ceiling ID
	Composed  float64    `json:"composed_s"`
	Measured  float64    `json:"measured_s"`
	Rule      string     `json:"rule"` // max: resources work side by side; sum: phases one after the other
	Resources []Resource `json:"resources"`
	Parts     []GapPart  `json:"parts"`
	Phases    []GapPhase `json:"phases,omitempty"` // one after the other, where there are several; traffic beyond L1 runs beside them
}

// MarshalJSON writes empty lists as [], never as null.
func (g Gap) MarshalJSON() ([]byte, error) {
	type plain Gap // without this method
	g.Resources, g.Parts = list(g.Resources), list(g.Parts)
	return json.Marshal(plain(g))
}

// GapPhase is a part of the code that runs alone for so long that nothing before or after hides it, and the least time that it
// can take.
type GapPhase struct {
	Name         string  `json:"name"`              // function and offset of its hottest block, or "the rest"
	Seconds      float64 `json:"seconds"`           // of its arithmetic, or of its loads and stores, whichever takes longer
	By           string  `json:"by,omitempty"`      // the ceiling ID of most of that time, or ByPorts
	Chain        float64 `json:"chain_s,omitempty"` // of its chain of dependences, where that takes longer still
	Instructions float64 `json:"instructions"`
	FLOPs        float64 `json:"flops"`
	Bytes        float64 `json:"bytes"` // between core and L1
}

// ByPorts says that loads and stores take longest.
const ByPorts = "ports"

// Resource is one pipe or level and the time it needs for what was executed.
type Resource struct {
	Ceiling string  `json:"ceiling"` // ID
	Work    float64 `json:"work"`    // FLOPs, operations, or bytes
	Unit    string  `json:"unit"`    // FLOP | OP | B
	Seconds float64 `json:"seconds"`
}

// GapPart is one cause of lost time.
type GapPart struct {
	Cause   string  `json:"cause"`   // one of the Cause constants
	Seconds float64 `json:"seconds"` // never negative
	Text    string  `json:"text"`    // one sentence with the numbers
}

// The causes of a gap, in the order in which a waterfall shows them.
const (
	CauseWork      = "work"      // executed over algorithmic FLOPs: softmax, reductions, recomputation
	CauseTails     = "tails"     // lanes switched off by masks, padding
	CauseWidth     = "width"     // narrower vectors, or another ISA, than the machine offers
	CauseFMA       = "fma"       // products and sums that are not fused
	CauseL1        = "l1"        // load and store ports
	CauseL2        = "l2"        // traffic that L2 serves
	CauseL3        = "l3"        // traffic that L3 serves
	CauseDRAM      = "dram"      // traffic that memory serves
	CauseLatency   = "latency"   // too few independent operations or misses in flight (Little's law)
	CauseImbalance = "imbalance" // threads that wait for the slowest
	CauseClock     = "clock"     // that the kernel leaves to the core, lower than that of the ceiling's own loop
	CauseOther     = "other"     // front end and whatever is not explained
)

// Finding is one piece of advice: a cause, the numbers that show it, and what to do.
type Finding struct {
	ID       string   `json:"id"`       // strided-access, scalar-tail, power-of-two-conflict, no-fma, …
	Cause    string   `json:"cause"`    // a sentence
	Evidence []string `json:"evidence"` // measured numbers, each with its source
	Next     string   `json:"next"`     // the step to take
	Gain     float64  `json:"gain"`     // expected speed-up, 1.3 = 30 % faster; 0: not known
	From     float64  `json:"from,omitempty"`
	To       float64  `json:"to,omitempty"`   // the bound now and after the step
	Unit     string   `json:"unit,omitempty"` // of From and To
}

// Describe begins an analysis with what sources tell of a run; nil where none tells anything. Of each part the first that is
// there counts.
func Describe(details ...*perf.Detail) *Analysis {
	var a Analysis
	for _, d := range details {
		if d == nil {
			continue
		}
		if a.Mix == nil {
			a.Mix, a.Blocks, a.Workers = d.Mix, d.Blocks, d.Workers
		}
		if a.Caches == nil {
			a.Caches = d.Caches
		}
	}
	if a.Mix == nil && a.Caches == nil {
		return nil
	}
	return &a
}

// Explained is the ideal time and all parts so far: the measured time, once the gap is complete.
func (g *Gap) Explained() float64 {
	s := g.Ideal
	for _, p := range g.Parts {
		s += p.Seconds
	}
	return s
}
