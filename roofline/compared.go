package roofline

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// ExecutedOverAlgorithmic is the executed FLOPs, counted, over those that the algorithm needs, as declared. It is above 1
// where a kernel does work that a formula leaves out (softmax, sums over lanes) or wastes (tails, padding), and not ok where
// one of the two is not known.
func (r Run) ExecutedOverAlgorithmic() (ratio float64, ok bool) {
	counted, ok := r.Count(perf.FLOPs)
	if !ok || counted.Quality == perf.Analytic {
		return 0, false
	}
	for _, c := range r.Counts[perf.FLOPs] {
		if c.Source == perf.SourceAnalytic && c.Quality != perf.Missing && c.Value > 0 {
			return counted.Value / c.Value, true
		}
	}
	return 0, false
}

// ComparedSources says for each of the main quantities that several sources counted how the count in use relates to the
// others, e.g. "flops instrumented = 1.17 × analytic". It is empty where nothing can be compared.
func (r Run) ComparedSources() []string {
	quantities := []perf.Quantity{perf.FLOPs}
	for _, level := range Levels {
		quantities = append(quantities, Bytes(level))
	}
	list := []string{}
	for _, q := range quantities {
		used, ok := r.Count(q)
		if !ok {
			continue
		}
		var ratios []string
		for _, c := range r.Counts[q][1:] {
			if c.Quality != perf.Missing && c.Value > 0 {
				ratios = append(ratios, fmt.Sprintf("%.3g × %s", used.Value/c.Value, c.Source))
			}
		}
		if len(ratios) > 0 {
			list = append(list, fmt.Sprintf("%s %s = %s", q, used.Source, strings.Join(ratios, ", ")))
		}
	}
	return list
}
