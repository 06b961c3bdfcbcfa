package main

import (
	"fmt"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
)

// openSources turns --source into sources, best first. By default every source of this build is asked.
func openSources(names []string) ([]perf.Source, error) {
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
			sources = append(sources, event.NewPMU())
		case perf.SourceAnalytic:
			sources = append(sources, perf.AnalyticSource{})
		default:
			return nil, usagef("--source: unknown source %q; use pmu or analytic", n)
		}
	}
	return sources, nil
}
