package event

import "slices"

// since is what was counted after the earlier reading.
func (r Reading) since(earlier Reading) Reading {
	d := Reading{Enabled: r.Enabled - earlier.Enabled, Running: r.Running - earlier.Running, Values: make([]uint64, len(r.Values))}
	for i := range r.Values {
		d.Values[i] = r.Values[i] - earlier.Values[i]
	}
	return d
}

// runningShare is the smallest running share of all workers, each over all its passes.
func runningShare(readings [][]Reading) float64 {
	share := 1.0
	for _, passes := range readings {
		var enabled, running uint64
		for _, r := range passes {
			enabled += r.Enabled
			running += r.Running
		}
		if enabled == 0 {
			return 0
		}
		share = min(share, float64(running)/float64(enabled))
	}
	return share
}

// sum adds the i-th event over all workers: of each the median over its passes, scaled up to the enabled time. A pass in
// which the group never ran tells nothing.
func sum(readings [][]Reading, i int) float64 {
	var total float64
	for _, passes := range readings {
		var values []float64
		for _, r := range passes {
			if r.Running > 0 {
				values = append(values, float64(r.Values[i])*(float64(r.Enabled)/float64(r.Running)))
			}
		}
		total += median(values)
	}
	return total
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
