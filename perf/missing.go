package perf

import "cmp"

// NotCounted makes the count of a quantity that source could not count, for the reason given.
func NotCounted(source SourceName, reason string) Count {
	return Count{Source: source, Quality: Missing, Reason: cmp.Or(reason, "no reason was given")}
}
