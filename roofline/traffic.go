package roofline

import (
	"fmt"
	"strconv"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
)

// Compulsory says which levels must serve the compulsory bytes of a call (every input element read once, every output
// element written once) when the call is repeated in the steady state, and why the others need not; docs/traffic.md has
// the reasoning. The core asks L1 for all of them. Each further level serves them too as long as the working set does not
// fit into the level inside it, since then the next call finds (nearly) none of its operands there. Levels outside the
// first one that holds the working set serve nothing that the shape could tell.
//
// caches are those of one core, threads share the call. A working set that might fit because several threads bring
// several caches counts as fitting: the bytes of levels outside are then absent, not guessed.
func Compulsory(bytes float64, workingSet int64, caches []cache.Level, threads int) (served map[perf.Quantity]float64, absent map[perf.Quantity]string) {
	served, absent = map[perf.Quantity]float64{}, map[perf.Quantity]string{}
	reason := ""
	for _, level := range Levels {
		if reason != "" {
			absent[Bytes(level)] = reason
			continue
		}
		capacity, known := capacity(caches, level, threads)
		switch {
		case level != "DRAM" && !known:
			absent[Bytes(level)] = fmt.Sprintf("this machine reports no %s cache", level)
			continue
		case level != "DRAM" && workingSet <= capacity:
			reason = fmt.Sprintf("the working set of %s fits in %s: repeated calls have no compulsory traffic outside it",
				units.Bytes(workingSet), level)
		}
		served[Bytes(level)] = bytes
	}
	return served, absent
}

// capacity is the size of a level as threads on separate cores see it together: the sum of the private ones, and one
// shared cache per group of CPUs that share it.
func capacity(caches []cache.Level, level string, threads int) (bytes int64, known bool) {
	for _, c := range caches {
		if "L"+strconv.Itoa(c.Level) != level || c.Type == "instruction" {
			continue
		}
		count := threads
		if c.Level >= 3 {
			count = (threads + c.Sharers() - 1) / c.Sharers()
		}
		return c.Bytes * int64(max(count, 1)), true
	}
	return 0, false
}
