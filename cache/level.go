// Package cache knows the memory hierarchy: its topology, and probes that measure bandwidth and latency per level.
// It knows no kernels.
package cache

// Level is one cache of the hierarchy as seen from one core.
type Level struct {
	Level  int    `json:"level"`
	Type   string `json:"type"` // data | unified (instruction caches are left out)
	Bytes  int64  `json:"bytes"`
	Ways   int    `json:"ways"`   // 0: unknown
	Line   int    `json:"line"`   // bytes
	Shared string `json:"shared"` // list of logical CPUs that share it, sysfs format: "0-1"
}
