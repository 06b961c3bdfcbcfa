package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/uarch"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/doctor"
)

// allSources are the sources of this build, best first.
var allSources = []string{"pmu", "instrumented", "simulated", "analytic"}

// openSources turns --source into sources, best first. By default every source of this build is asked.
func openSources(names []string, counting event.Options) ([]perf.Source, error) {
	if err := checkUarch(counting.Uarch); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		names = allSources
	}
	child, err := countingChild()
	if err != nil {
		return nil, err
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
		case perf.SourceInstrumented:
			sources = append(sources, instrument.Source{Child: child})
		case perf.SourceSimulated:
			sources = append(sources, instrument.Simulated{Child: child})
		case perf.SourceAnalytic:
			sources = append(sources, perf.AnalyticSource{})
		default:
			return nil, usagef("--source: unknown source %q; use %s", n, strings.Join(allSources, ", "))
		}
	}
	return sources, nil
}

// countingSources are those that --source asks for, once it is known that --trust makes sense and that there is memory to count in.
func (o *options) countingSources() ([]perf.Source, error) {
	if err := errors.Join(o.checkTrust(), checkAddressSpace()); err != nil {
		return nil, err
	}
	return openSources(o.source, o.counting)
}

// checkUarch refuses the name of a microarchitecture without a table of events.
func checkUarch(name string) error {
	if name == "" {
		return nil
	}
	if _, err := uarch.Lookup(name); err != nil {
		return usageError{fmt.Errorf("--uarch: %w (roofline list events --uarch all names those that there are)", err)}
	}
	return nil
}

// chooseSources gathers what decides whose counts are used: the verdicts on this machine's counters, which are reached in a
// second or two where there are none yet, --source and --trust. The verdicts become part of the machine's description.
func chooseSources(ctx context.Context, host *roofline.Machine, sources []perf.Source, o *options, report *progress) (perf.Choice, []roofline.Warning) {
	examine := doctor.Options{Sources: sources, Uarch: o.counting.Uarch, Progress: report.stage("counters")}
	if doctor.NeedsVerification(*host, examine) {
		report.note("verifying this machine's counters (the verdicts are stored for the next time)")
	}
	verdicts, warnings := doctor.Ensure(ctx, *host, examine)
	choice := o.choice(verdicts)
	for _, s := range sources {
		choice.Sources = append(choice.Sources, s.Name())
	}
	host.PMU.Verdicts = verdicts
	return choice, append(warnings, doctor.Warnings(choice)...)
}

// choice is what --source and --trust ask for, with the verdicts.
func (o *options) choice(verdicts []perf.Verdict) perf.Choice {
	c := perf.Choice{Explicit: len(o.source) > 0, Verdicts: verdicts}
	for _, q := range o.trust {
		if q == "all" {
			c.TrustAll = true
		}
		c.Trust = append(c.Trust, perf.Quantity(q))
	}
	return c
}

// checkTrust refuses what is not the name of a quantity.
func (o *options) checkTrust() error {
	for _, q := range o.trust {
		if q != "all" && !perf.Named(perf.Quantity(q)) {
			return usagef("--trust: no quantity %q; use all, or one of %s", q, strings.Join(countable(), ", "))
		}
	}
	return nil
}

// countable are the names of the main quantities that sources count.
func countable() (names []string) {
	for _, q := range perf.Known {
		if !q.OfSystem() {
			names = append(names, string(q))
		}
	}
	return names
}
