package history

import (
	"encoding/json"
	"slices"

	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

// live are the comparisons that the tuning loop made for a step: the old versions run again beside the new one. A record that
// tells of none, or cannot be read, has none.
func live(r *session.Record) []compare.Comparison {
	var report compare.Report
	if r.Kind != session.Tune || json.Unmarshal(r.Compare, &report) != nil {
		return nil
	}
	return report.Comparisons
}

// with is the live comparison of a step with an earlier one; nil when there was none. The versions that a loop runs again keep
// the samples of their own step.
func with(list []compare.Comparison, base Step) *compare.Comparison {
	for i := range list {
		if samples := list[i].Base.Run.Time.Samples; len(samples) > 0 && slices.Equal(samples, base.Run.Time.Samples) {
			return &list[i]
		}
	}
	return nil
}
