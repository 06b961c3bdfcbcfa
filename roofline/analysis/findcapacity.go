package analysis

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// Bytes that are counted as the last cache's are taken to come from memory where a call takes lastSlower times as long as they need
// from the cache, and no less than lastMemory of what they need from memory.
const (
	lastSlower = 1.2
	lastMemory = 0.8
)

const lastCacheTaken = "last-cache-taken"

// lastCache finds a working set that the simulated last cache holds, but that moves at memory's rate, and is larger than what was
// seen of that cache: other programs, or guests of the same host, have the rest of it.
func lastCache(m *model) []roofline.Finding {
	levels := roofline.Levels
	outside := levels[len(levels)-1]
	last := levels[len(levels)-2]
	bytes, t := m.traffic[last], m.kernel.Time.Median
	seen, ok := find(m.ceilings, "bandwidth.load."+last, 1)
	if !ok || seen.Sweep == nil || bytes == 0 || m.traffic[outside] > bytes/10 || m.kernel.Memory.WorkingSet <= seen.Sweep.Hi*int64(max(m.threads, 1)) {
		return nil
	}
	cached, ok := m.bandwidth(last)
	memory, found := m.bandwidth(outside)
	if !ok || !found || t < lastSlower*bytes/cached.Value.Median || t < lastMemory*bytes/memory.Value.Median || m.bounds().predicted() > lastSlower*bytes/cached.Value.Median {
		return nil
	}
	return []roofline.Finding{{
		ID: lastCacheTaken, Cause: fmt.Sprintf("what is counted as from %s seems to come from memory: a working set of %s, where %s was found up to %s", last, units.Bytes(m.kernel.Memory.WorkingSet), last, units.Bytes(seen.Sweep.Hi)),
		Evidence: []string{fmt.Sprintf("%s in %s are %s; %s %s, %s %s", units.Bytes(int64(bytes)), duration(t), units.SI(bytes/t, "B/s"),
			cached.ID, units.SI(cached.Value.Median, "B/s"), memory.ID, units.SI(memory.Value.Median, "B/s"))},
		Next: fmt.Sprintf("compare with the roof of memory, or take a working set of up to %s: other programs, or guests of the same host, may have the rest of %s", units.Bytes(seen.Sweep.Hi), last),
	}}
}
