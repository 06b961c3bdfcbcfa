package roofline

// Analysis is what is known of a run beyond its points: what it executed, what its traffic did in each cache, how the time
// of a call divides into causes, and what to do about them. Each part is absent where nothing told it.
type Analysis struct {
	Mix      []MixEntry   `json:"mix,omitempty"`      // executed instructions by class, most first
	Blocks   []Block      `json:"blocks,omitempty"`   // the hottest code, most executed instructions first
	Caches   []CacheLevel `json:"caches,omitempty"`   // simulated, innermost first
	Gap      *Gap         `json:"gap,omitempty"`      // from the ideal to the measured time
	Findings []Finding    `json:"findings,omitempty"` // by expected gain, largest first; none for a healthy kernel
	Quality  []Check      `json:"quality,omitempty"`  // of this run's measurement, one line per criterion
}

// MixEntry is a class of executed instructions, per call.
type MixEntry struct {
	Class        string  `json:"class"`           // fma, add, mul, convert, shuffle, load, store, branch, integer, tile, …
	Width        string  `json:"width,omitempty"` // scalar | 128 | 256 | 512 | amx
	Instructions float64 `json:"instructions"`    // executed
	Share        float64 `json:"share"`           // of all executed instructions, 0..1
	FLOPs        float64 `json:"flops,omitempty"` // mask-exact
}

// Block is a basic block of the executed code.
type Block struct {
	Function     string   `json:"function"`
	Offset       uint64   `json:"offset"`       // from the function's start, bytes
	Executions   float64  `json:"executions"`   // per call
	Instructions float64  `json:"instructions"` // executed, per call
	Share        float64  `json:"share"`        // of all executed instructions, 0..1
	FLOPs        float64  `json:"flops"`        // per call
	Bytes        float64  `json:"bytes"`        // moved between core and L1, per call
	Code         []string `json:"code"`         // disassembly, one instruction each
}

// CacheLevel is the simulated behaviour of one level in a call that repeats: all arrays together, and each.
type CacheLevel struct {
	Level  string       `json:"level"` // L1 | L2 | L3 | DRAM
	Total  CacheCounts  `json:"total"`
	Arrays []CacheArray `json:"arrays,omitempty"`
}

// CacheArray is the part of one named array: A, B, C, Q, K, V, …; other is the rest.
type CacheArray struct {
	Array string `json:"array"`
	CacheCounts
}

// CacheCounts are lines looked up and missed, and bytes moved, per call. The kinds of misses are those of docs/simulator.md.
type CacheCounts struct {
	Accesses float64 `json:"accesses"`
	Misses   float64 `json:"misses"`
	Capacity float64 `json:"capacity"`
	Conflict float64 `json:"conflict"`
	Other    float64 `json:"other"` // compulsory and invalidation
	Bytes    float64 `json:"bytes"`
}

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
}

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
