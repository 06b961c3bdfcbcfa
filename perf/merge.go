package perf

import (
	"cmp"
	"slices"
)

// Known lists the quantities in the order in which tables and reports show them.
var Known = []Quantity{
	FLOPs, Instructions, Cycles,
	BytesL1, BytesL2, BytesL3, BytesDRAM,
	MissesL1, MissesL2, MissesL3,
	ContextSwitches, InvoluntarySwitches, Migrations, PageFaults,
}

// Merge gathers the counts of several sources. Of each quantity the available counts come first, in the order of
// preference given (sources that are not in it follow, in the order of the maps), then the missing ones in the same
// order: nothing is dropped.
func Merge(order []SourceName, maps ...map[Quantity]Count) map[Quantity][]Count {
	merged := make(map[Quantity][]Count)
	for _, m := range maps {
		for q, c := range m {
			merged[q] = append(merged[q], c)
		}
	}
	rank := func(c Count) int {
		r := slices.Index(order, c.Source)
		if r < 0 {
			r = len(order)
		}
		if c.Quality == Missing {
			r += len(order) + 1
		}
		return r
	}
	for _, counts := range merged {
		slices.SortStableFunc(counts, func(a, b Count) int { return cmp.Compare(rank(a), rank(b)) })
	}
	return merged
}
