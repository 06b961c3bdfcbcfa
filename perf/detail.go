package perf

import "context"

// Detailer is a Source that can tell more of the work than counts, from the same run.
type Detailer interface {
	Source
	// CountInDetail is Count with the detail beside it; nil where there is none, as for a workload that cannot be counted.
	CountInDetail(ctx context.Context, w Workload, want []Quantity) (map[Quantity]Count, *Detail, error)
}

// InDetail has a source count, and tell the detail if it knows any.
func InDetail(ctx context.Context, s Source, w Workload, want []Quantity) (map[Quantity]Count, *Detail, error) {
	if d, ok := s.(Detailer); ok {
		return d.CountInDetail(ctx, w, want)
	}
	counts, err := s.Count(ctx, w, want)
	return counts, nil, err
}

// Detail is what a source tells of one call beyond its counts: what was executed, and what its traffic did in each cache.
// Parts that the source does not know are empty.
type Detail struct {
	Mix     []MixEntry
	Blocks  []Block
	Caches  []CacheLevel
	Workers []float64 // instructions executed by each worker
}

// MixEntry is a class of executed instructions, per call.
type MixEntry struct {
	Class        string  `json:"class"`           // fma, fp add, fp mul, convert, shuffle, vector move, branch, int, tile dot, …
	Width        string  `json:"width,omitempty"` // scalar | 128 | 256 | 512 | amx
	DType        string  `json:"dtype,omitempty"` // of its operations: f64 f32 f16 bf16 int8
	Instructions float64 `json:"instructions"`    // executed
	Share        float64 `json:"share"`           // of all executed instructions, 0..1
	FLOPs        float64 `json:"flops,omitempty"` // mask-exact; of int8 integer operations
	Full         float64 `json:"full,omitempty"`  // what they would be with all lanes on, where that differs
}

// Block is a basic block of the executed code.
type Block struct {
	Function     string     `json:"function"`
	Offset       uint64     `json:"offset"`       // from the function's start, bytes
	Executions   float64    `json:"executions"`   // per call
	Instructions float64    `json:"instructions"` // executed, per call
	Share        float64    `json:"share"`        // of all executed instructions, 0..1
	FLOPs        float64    `json:"flops"`        // per call
	Bytes        float64    `json:"bytes"`        // moved between core and L1, per call
	Loads        float64    `json:"loads"`        // instructions that read memory, per call
	Stores       float64    `json:"stores"`       // instructions that write memory, per call
	Code         []string   `json:"code"`         // disassembly, one instruction each; the last says how many more there are
	Mix          []MixEntry `json:"mix,omitempty"`
	Loop         *Loop      `json:"loop,omitempty"` // where the block ends an innermost loop
}

// Loop is an innermost loop, with the chain of dependences from one iteration to the next, which no width of the core can
// shorten.
type Loop struct {
	Begin  uint64   `json:"begin"`        // of its first block, from the function's start; the block that has the Loop is its last
	Cycles float64  `json:"chain_cycles"` // per iteration, at the least latencies known of any processor
	Loads  float64  `json:"chain_loads"`  // of the chain: loads whose address depends on the iteration before
	Chain  []string `json:"chain"`        // its instructions
}

// CacheLevel is the simulated behaviour of one level in a call that repeats: all arrays together, and each.
type CacheLevel struct {
	Level  string       `json:"level"` // L1 | L2 | L3 | DRAM
	Size   int64        `json:"size,omitempty"`
	Total  CacheCounts  `json:"total"`
	Arrays []CacheArray `json:"arrays,omitempty"`
}

// CacheArray is the part of one named array: A, B, C, Q, K, V, …; other is the rest.
type CacheArray struct {
	Array string `json:"array"`
	Size  int64  `json:"size,omitempty"` // bytes; 0: not known
	CacheCounts
}

// CacheCounts are lines looked up and missed, and bytes moved, per call. The kinds of misses are those of docs/simulator.md.
// Where sets are hashed they are not told apart: all misses count as capacity. Of DRAM, accesses are lines read and there are
// no misses.
type CacheCounts struct {
	Accesses   float64 `json:"accesses"`
	Stores     float64 `json:"stores"` // of the accesses: on behalf of stores; of DRAM lines that are read to be written (write-allocate)
	Misses     float64 `json:"misses"`
	Capacity   float64 `json:"capacity"`
	Conflict   float64 `json:"conflict"`
	Other      float64 `json:"other"` // compulsory and invalidation
	WriteBacks float64 `json:"write_backs"`
	Bytes      float64 `json:"bytes"`
}
