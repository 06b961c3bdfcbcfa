package main

import (
	"fmt"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/uarch"
)

// openSources turns --source into sources, best first. By default every source of this build is asked.
func openSources(names []string, counting event.Options) ([]perf.Source, error) {
	if counting.Uarch != "" {
		if _, err := uarch.Lookup(counting.Uarch); err != nil {
			return nil, usageError{fmt.Errorf("--uarch: %w", err)}
		}
	}
	if len(names) == 0 {
		names = []string{"pmu", "analytic"}
	}
	var sources []perf.Source
	for _, n := range names {
		switch perf.SourceName(n) {
		case perf.SourcePMU:
			ok, reason, cure := event.Available()
			if !ok && len(names) == 1 {
				return nil, unfitError{fmt.Errorf("count with --source pmu: %s (%s)", reason, cure)}
			}
			sources = append(sources, event.NewPMUWith(counting))
		case perf.SourceAnalytic:
			sources = append(sources, perf.AnalyticSource{})
		default:
			return nil, usagef("--source: unknown source %q; use pmu or analytic", n)
		}
	}
	return sources, nil
}
