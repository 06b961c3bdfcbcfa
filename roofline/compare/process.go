package compare

import (
	"slices"

	"github.com/roofline-go/roofline/roofline"
)

// quarter is the quantile of the samples of a process that stands for it.
const quarter = 0.25

// ProcessTime is the time per call that stands for the process which measured a run: the lower quartile of its samples, in
// seconds, and the share of the time that its workers were kept waiting for a CPU (the median over the samples). The
// quartile, not the median, because whatever disturbs a sample makes it longer.
//
// Where several workers work together, one that waits holds up the others; there the samples without much waiting are used,
// if a quarter of them are.
func ProcessTime(run *roofline.Run) (seconds, waited float64) {
	t := run.Time
	if len(t.Samples) == 0 {
		return t.Median, 0
	}
	if len(t.Waited) != len(t.Samples) {
		return quantile(t.Samples, quarter), 0
	}
	shares := make([]float64, len(t.Samples))
	for i, w := range t.Waited {
		whole := t.Samples[i]
		if run.Threads <= 1 {
			whole += w
		}
		shares[i] = w / whole
	}
	waited = quantile(shares, 0.5)
	if run.Threads <= 1 {
		return quantile(t.Samples, quarter), waited
	}
	var calm []float64
	for i, s := range t.Samples {
		if shares[i] <= longWait {
			calm = append(calm, s)
		}
	}
	if len(calm) < (len(t.Samples)+3)/4 {
		calm = t.Samples
	}
	return quantile(calm, quarter), waited
}

// quantile is the value of the sample below which a share q of the others lie, the lower one where it falls between two.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}
