// Package metric names the metrics that package bench adds to the line of a benchmark.
package metric

// The units, as they stand in the line.
const (
	Perf      = "GFLOP/s" // performance
	AI        = "FLOP/B"  // arithmetic intensity
	Roof      = "%roof"   // share of the attainable performance
	FLOPs     = "FLOP/op" // declared work
	Bandwidth = "GB/s"    // of work without FLOPs
)
