package event

import "slices"

// addMedian adds one thread's counts of several runs of the same work: of each event the median. What the Go runtime does on
// a thread now and then (preemption, starting another thread) would be counted with the work; the median leaves it out.
func (t *Tally) addMedian(pass int, c *Counters, runs []Snapshot) {
	for i, g := range c.groups {
		var enabled, running float64
		for _, s := range runs {
			enabled += float64(s.readings[i].Enabled)
			running += float64(s.readings[i].Running)
		}
		share := 0.0
		if enabled > 0 {
			share = min(running/enabled, 1)
		}
		for k := range t.seen[pass][g.set] {
			raw, scaled := medians(runs, i, k)
			t.seen[pass][g.set][k].merge(observed{1, raw, scaled, enabled, running, share})
		}
	}
}

// medians are over the runs of one event's counts, as they are and scaled up. A run in which the group never ran tells
// nothing that could be scaled.
func medians(runs []Snapshot, group, event int) (raw, scaled float64) {
	var raws, scales []float64
	for _, s := range runs {
		r := s.readings[group]
		v := float64(r.Values[event])
		raws = append(raws, v)
		if r.Running > 0 {
			scales = append(scales, v*max(float64(r.Enabled)/float64(r.Running), 1))
		}
	}
	return median(raws), median(scales)
}

// median of an even number of values is the mean of the middle two; of none, 0.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
