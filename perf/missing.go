package perf

import "cmp"

// NotCounted makes the count of a quantity that source could not count, for the reason given.
func NotCounted(source SourceName, reason string) Count {
	return Count{Source: source, Quality: Missing, Reason: cmp.Or(reason, "no reason was given")}
}

// AllMissing says of every wanted quantity that source could not count it, for one and the same reason.
func AllMissing(source SourceName, want []Quantity, reason string) map[Quantity]Count {
	counts := make(map[Quantity]Count, len(want))
	for _, q := range want {
		counts[q] = NotCounted(source, reason)
	}
	return counts
}
