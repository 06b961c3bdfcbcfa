package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/known"
	"github.com/roofline-go/roofline/roofline"
)

// Efforts of a verification: quick takes a second or two and few kernels, full takes them all.
const (
	quick = "quick"
	full  = "full"
)

// Progress is told what is being done. It is called between kernels only.
type Progress = func(done, total int, what string)

// Ensure returns what is known about the counters of this machine: the stored verdicts where they hold under the present
// conditions, else those of a quick verification of the PMU, if there is one among the sources and it can be used at all. They
// are stored for the next time. A verification that fails is a warning: its counters are then unverified.
func Ensure(ctx context.Context, host roofline.Machine, o Options) ([]perf.Verdict, []roofline.Warning) {
	now, cond := time.Now(), here(host, o.Uarch)
	entries, warnings := load(host.Fingerprint)
	verdicts, _ := find(entries, cond, now)
	i := unjudged(host, o.Sources, verdicts)
	if i < 0 {
		return verdicts, warnings
	}
	fresh, err := verifyAll(ctx, host, o.Sources[i:i+1], quick, o.progress)
	if err != nil {
		return verdicts, append(warnings, roofline.Warning{
			Text: fmt.Sprintf("the PMU's counters could not be verified: %v", err), Cure: "run roofline doctor",
		})
	}
	if err := save(host.Fingerprint, cond, fresh, now); err != nil {
		warnings = append(warnings, roofline.Warning{Text: err.Error(), Cure: "set ROOFLINE_CACHE to a directory that can be written"})
	}
	return append(verdicts, fresh...), warnings
}

// Stored returns the stored verdicts on a machine's counters that hold under the present conditions.
func Stored(host roofline.Machine, uarch string) []perf.Verdict {
	entries, _ := load(host.Fingerprint)
	verdicts, _ := find(entries, here(host, uarch), time.Now())
	return verdicts
}

// NeedsVerification says whether Ensure would run kernels.
func NeedsVerification(host roofline.Machine, o Options) bool {
	return unjudged(host, o.Sources, Stored(host, o.Uarch)) >= 0
}

// unjudged returns the place of the PMU among the sources when it can be used and has no verdicts, else -1.
func unjudged(host roofline.Machine, sources []perf.Source, verdicts []perf.Verdict) int {
	if !host.PMU.Available || slices.ContainsFunc(verdicts, func(v perf.Verdict) bool { return v.Source == perf.SourcePMU }) {
		return -1
	}
	return slices.IndexFunc(sources, func(s perf.Source) bool { return s.Name() == perf.SourcePMU })
}

// verifyAll opens the kernels of known work and lets every source count them.
func verifyAll(ctx context.Context, host roofline.Machine, sources []perf.Source, effort string, progress Progress) ([]perf.Verdict, error) {
	set, err := openKnown(host.Caches, host.Environment.MemoryBytes/8, effort == quick)
	if err != nil {
		return nil, err
	}
	defer set.Close()
	var all []perf.Verdict
	for _, s := range sources {
		verdicts, err := verify(ctx, set, s, effort, progress)
		if err != nil {
			return nil, err
		}
		all = append(all, verdicts...)
	}
	return all, nil
}

func openKnown(caches []cache.Level, most int64, quick bool) (*known.Set, error) {
	on, err := workers.CPUs(1)
	if err != nil {
		return nil, err
	}
	return known.Open(known.Options{Caches: caches, CPU: on[0], Memory: min(most, mostMemory), Quick: quick})
}

// mostMemory is what the kernels may use of a large machine: four times a last cache of 512 MiB.
const mostMemory = 2 << 30

// Warnings says which counters are not used because known work has shown them to be wrong, in one warning per source. Details
// of a quantity are left out.
func Warnings(c perf.Choice) (list []roofline.Warning) {
	wrong := map[perf.SourceName][]string{}
	for _, v := range c.Verdicts {
		if v.Status != perf.Off || !slices.Contains(perf.Known, v.Quantity) || c.TrustAll || slices.Contains(c.Trust, v.Quantity) {
			continue
		}
		name := string(v.Quantity)
		if v.On != "" {
			name += " of " + v.On
		}
		wrong[v.Source] = append(wrong[v.Source], name+" ("+v.Text+")")
	}
	for _, s := range c.Sources {
		if len(wrong[s]) > 0 {
			list = append(list, roofline.Warning{
				Text: fmt.Sprintf("known work shows counters of source %s to be wrong, so they are not used: %s", s, strings.Join(wrong[s], ", ")),
				Cure: "roofline doctor shows the evidence; --trust QUANTITY uses one all the same",
			})
		}
	}
	return list
}
