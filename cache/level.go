// Package cache knows the memory hierarchy: its topology, and probes that measure bandwidth and latency per level.
// It knows no kernels.
//
// Terms:
//
//	level        L1, L2, L3 (data and unified caches, innermost first), and DRAM behind them
//	working set  bytes of all arrays of a probe together, for each thread
//	rate         bytes that the core loads and stores ÷ seconds, B/s; what the hierarchy moves beside them is not counted (Probe)
//	sweep        the rate over working sets; window and plateau are where it should be, and is, that of one level
//	hop          a load whose address the one before it loaded: its time is the latency
//
// The package refuses to call a rate a level's where no working set is certain to be served by it: see Window.
package cache

// Level is one cache of the hierarchy as seen from one core.
type Level struct {
	Level  int    `json:"level"`
	Type   string `json:"type"` // data | unified (instruction caches are left out)
	Bytes  int64  `json:"bytes"`
	Ways   int    `json:"ways"`   // 0: unknown
	Line   int    `json:"line"`   // bytes
	Shared string `json:"shared"` // list of logical CPUs that share it, sysfs format: "0-1"
	Source Source `json:"source,omitempty"`
}

// Source is who describes a level.
type Source string

// The sources of a level. What is measured is the working set up to which loads are as fast as the level makes them: of a cache that
// is shared with others, what these leave.
const (
	Sysfs    Source = "sysfs"
	CPUID    Source = "cpuid"
	Measured Source = "measured"
)
