package measure

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// CommandWanted is what a command is counted for: everything known. What the kernel's resource usage has is taken from there.
var CommandWanted = slices.Clone(perf.Known)

// CommandPlan is a command that has run, and where to place it.
type CommandPlan struct {
	Args     []string
	Outcomes []command.Outcome
	Meter    command.Meter
	Whole    command.Tally // nil: the whole was not counted
	Forced   int           // compare with ceilings of this many threads; 0: as many as ran side by side
	Notes    []string      // how it was counted
	Choice   perf.Choice   // verdicts and wishes that decide which counters are believed
	Ceilings []roofline.Ceiling
	Machine  roofline.Machine
	Warnings []roofline.Warning
}

// Command turns the outcomes of a command into a result: a run for the whole command, one for each marked region, and if
// there are any one for the time that was left unmarked. Times, counts and usage are means over the executions, except
// for the time of the whole, which is a median with all its samples.
func Command(p CommandPlan) *roofline.Result {
	res := roofline.NewResult(p.Machine)
	res.Ceilings = p.Ceilings
	res.Warnings = slices.Clone(p.Warnings)
	marked := command.Collect(p.Meter, p.Outcomes)
	p.Forced = p.threads(marked)
	whole := p.whole()
	res.Runs = append(res.Runs, whole)
	for _, g := range marked.Regions {
		if g.Total.Time > 0 {
			res.Runs = append(res.Runs, p.region(g))
		}
	}
	if unmarked, ok := p.unmarked(whole, marked); ok {
		res.Runs = append(res.Runs, unmarked)
	}
	for i := range res.Runs {
		p.place(res, &res.Runs[i])
	}
	res.Warnings = append(res.Warnings, p.warnings(whole, marked)...)
	return res
}

// whole is the run of the command as a whole.
func (p CommandPlan) whole() roofline.Run {
	var samples []float64
	var cpu time.Duration
	for _, o := range p.Outcomes {
		samples = append(samples, o.Elapsed.Seconds())
		cpu += o.Usage.User + o.Usage.System
	}
	n := len(samples)
	seconds := cpu.Seconds() / float64(n)
	status := p.status()
	run := roofline.Run{
		Kernel: roofline.WholeKernel, Variant: nameOf(p.Args[0]),
		Time:   roofline.Timing{Unit: "s", Estimate: stats.Summarize(samples), Samples: samples, Batch: 1},
		Counts: map[perf.Quantity][]perf.Count{},
		Command: &roofline.Command{Args: p.Args, Exit: status.Code(), Signal: unix.SignalName(status.Signal),
			Runs: n, Passes: p.Meter.Passes(), CPU: seconds},
	}
	run.Threads = p.Forced
	usage := p.usage()
	var counted map[perf.Quantity]perf.Count
	if p.Whole == nil {
		counted = perf.AllMissing(perf.SourcePMU, CommandWanted, "only the marked regions were counted (--regions)")
	} else {
		counted = p.Whole.Counts(command.PassRuns(p.Meter, p.Outcomes))
	}
	p.fill(&run, counted, usage)
	if c := usage[perf.PeakRSS]; c.Quality != perf.Missing {
		run.Memory.PeakRSS = int64(c.Value)
	}
	return run
}

// status is how the first run that failed ended, or the last one.
func (p CommandPlan) status() command.Status {
	for _, o := range p.Outcomes {
		if o.Status.Code() != 0 {
			return o.Status
		}
	}
	return p.Outcomes[len(p.Outcomes)-1].Status
}

// nameOf is the name of a program without its directory, printable.
func nameOf(arg string) string { return command.Printable(path.Base(arg)) }

// usage is the mean of the runs' resource usage, as counts of the operating system.
func (p CommandPlan) usage() map[perf.Quantity]perf.Count {
	counts := map[perf.Quantity]perf.Count{}
	n := float64(len(p.Outcomes))
	add := func(q perf.Quantity, v float64) {
		c := counts[q]
		counts[q] = perf.Count{Value: c.Value + v/n, Source: perf.SourceOS, Quality: perf.Exact}
	}
	peak, floor := int64(0), int64(math.MaxInt64)
	for _, o := range p.Outcomes {
		u := o.Usage
		add(perf.UserTime, u.User.Seconds())
		add(perf.SystemTime, u.System.Seconds())
		add(perf.PageFaults, float64(u.MinorFaults+u.MajorFaults))
		add(perf.MajorFaults, float64(u.MajorFaults))
		add(perf.ContextSwitches, float64(u.Voluntary+u.Involuntary))
		add(perf.InvoluntarySwitches, float64(u.Involuntary))
		floor = min(floor, o.Floor)
		if u.PeakRSS > o.Floor {
			peak = max(peak, u.PeakRSS)
		}
	}
	counts[perf.PeakRSS] = perf.Count{Value: float64(peak), Source: perf.SourceOS, Quality: perf.Exact}
	if peak == 0 {
		counts[perf.PeakRSS] = perf.NotCounted(perf.SourceOS, fmt.Sprintf("no more than %s, which roofline itself had when it started the command", units.Bytes(floor)))
	}
	return counts
}

// fill puts in the counts that are believed. What the kernel says of usage stands in place of what was counted of it.
func (p CommandPlan) fill(run *roofline.Run, counted, usage map[perf.Quantity]perf.Count) {
	kept := map[perf.Quantity]perf.Count{}
	for q, c := range counted {
		if _, known := usage[q]; !known {
			kept[q] = c
		}
	}
	run.ISA, run.DType = Classify(kept)
	run.Counts = p.Choice.Merge(run.DType, kept, usage)
}

// region is the run of one marked region. Its time is the thread time over the parallelism: the time on the clock.
func (p CommandPlan) region(g command.Region) roofline.Run {
	seconds := g.Total.Time.Seconds() / g.Parallelism
	run := roofline.Run{
		Kernel: g.Name, Variant: roofline.RegionVariant, Threads: p.Forced,
		Time: single(seconds),
		Region: &roofline.Region{Name: g.Name, Calls: g.Calls, Open: g.Open, Threads: g.Threads, Parallelism: g.Parallelism,
			ThreadTime: g.Total.Time.Seconds(), SelfTime: g.Self.Time.Seconds(), CPU: (g.Total.User + g.Total.System).Seconds()},
	}
	p.fill(&run, g.Counts, spent(g.Total))
	return run
}

// single is a time that was measured once, or is a mean: no interval.
func single(seconds float64) roofline.Timing {
	return roofline.Timing{Unit: "s", Estimate: stats.Estimate{Median: seconds, Lo: math.NaN(), Hi: math.NaN(), N: 1}, Samples: []float64{seconds}, Batch: 1}
}

func spent(s command.Spent) map[perf.Quantity]perf.Count {
	counts := map[perf.Quantity]perf.Count{}
	for q, v := range map[perf.Quantity]float64{
		perf.UserTime: s.User.Seconds(), perf.SystemTime: s.System.Seconds(), perf.PageFaults: s.MinorFaults + s.MajorFaults,
		perf.MajorFaults: s.MajorFaults, perf.ContextSwitches: s.Voluntary + s.Involuntary, perf.InvoluntarySwitches: s.Involuntary,
	} {
		counts[q] = perf.Count{Value: v, Source: perf.SourceOS, Quality: perf.Exact}
	}
	return counts
}

// unmarked is what is left of the whole without the marked regions; not ok when nothing was marked or nothing is left.
func (p CommandPlan) unmarked(whole roofline.Run, m command.Marked) (run roofline.Run, ok bool) {
	if len(m.Regions) == 0 {
		return run, false
	}
	mean := 0.0
	for _, s := range whole.Time.Samples {
		mean += s / float64(len(whole.Time.Samples))
	}
	seconds := mean - m.Self.Time.Seconds()/m.Parallelism
	if seconds <= 0 {
		return run, false
	}
	run = roofline.Run{
		Kernel: roofline.WholeKernel, Variant: roofline.UnmarkedVariant, Threads: p.Forced, Time: single(seconds),
		Counts: map[perf.Quantity][]perf.Count{},
		Region: &roofline.Region{Name: roofline.UnmarkedVariant, Threads: 1, Parallelism: 1, ThreadTime: seconds, SelfTime: seconds,
			CPU: max(whole.Command.CPU-(m.Self.User+m.Self.System).Seconds(), 0)},
	}
	var marked roofline.Run
	p.fill(&marked, m.Counts, spent(m.Self))
	left := map[perf.Quantity]perf.Count{}
	for q := range whole.Counts {
		if q != perf.PeakRSS {
			left[q] = less(q, whole.Counts[q], marked.Counts[q])
		}
	}
	run.ISA, run.DType = Classify(left)
	for q, c := range left {
		run.Counts[q] = []perf.Count{c}
	}
	return run, true
}

// less is what is left of a count of the whole without that of the marked regions.
func less(q perf.Quantity, whole, marked []perf.Count) perf.Count {
	if len(whole) == 0 || whole[0].Quality == perf.Missing {
		return first(whole, "it was not counted of the whole command")
	}
	if len(marked) == 0 || marked[0].Quality == perf.Missing {
		return first(marked, "it was not counted of the marked regions")
	}
	c := whole[0]
	c.Value -= marked[0].Value
	if marked[0].Quality == perf.Scaled && (c.Quality != perf.Scaled || marked[0].Running < c.Running) {
		c.Quality, c.Running = perf.Scaled, marked[0].Running
	}
	if c.Value < 0 && c.Source == perf.SourceOS {
		c.Value = 0 // usage is kept in steps of its own
	}
	if c.Value < 0 {
		return perf.NotCounted(c.Source, fmt.Sprintf("more %s were counted in the marked regions than in the whole command, which was multiplexed", q))
	}
	return c
}

func first(counts []perf.Count, reason string) perf.Count {
	if len(counts) > 0 && counts[0].Quality == perf.Missing {
		return counts[0]
	}
	return perf.NotCounted(perf.SourcePMU, reason)
}

// threads chooses the ceilings to compare with, the same for all runs so that they share a chart: those of the fewest
// threads that are at least as many as kept a CPU busy or were in a region side by side, of those that there are ceilings for.
func (p CommandPlan) threads(m command.Marked) int {
	if p.Forced > 0 {
		return p.Forced
	}
	var cpu, elapsed time.Duration
	for _, o := range p.Outcomes {
		cpu += o.Usage.User + o.Usage.System
		elapsed += o.Elapsed
	}
	parallelism := max(cpu.Seconds()/elapsed.Seconds(), m.Parallelism)
	for _, g := range m.Regions {
		parallelism = max(parallelism, g.Parallelism)
	}
	const slack = 0.1 // more than a whole thread's worth that still counts as that thread
	need := max(int(math.Ceil(parallelism-slack)), 1)
	best, most := 0, 0
	for _, c := range p.Ceilings {
		if c.Threads >= need && (best == 0 || c.Threads < best) {
			best = c.Threads
		}
		most = max(most, c.Threads)
	}
	switch {
	case best > 0:
		return best
	case most > 0:
		return most
	}
	return need
}

// Classify finds out with which data type and instruction set most of the operations were done; "" where they were not
// told apart.
func Classify(counts map[perf.Quantity]perf.Count) (isa, dtype string) {
	value := func(q perf.Quantity) float64 { return counts[q].Value } // 0 when missing
	widths := []struct {
		width perf.Width
		isa   string
	}{{perf.Scalar, "scalar"}, {perf.Bits128, "sse"}, {perf.Bits256, "avx2"}, {perf.Bits512, "avx512"}, {perf.Tile, "amx"}}
	byWidth := make([]float64, len(widths))
	most := 0.0
	for _, d := range []string{"f64", "f32", "f16", "bf16"} {
		sum := 0.0
		for i, w := range widths {
			v := value(perf.FLOPsOf(d, w.width))
			byWidth[i] += v
			sum += v
		}
		if sum = max(sum, value(perf.FLOPsOf(d, ""))); sum > most {
			dtype, most = d, sum
		}
	}
	most = 0
	for i, w := range widths {
		if byWidth[i] > most {
			isa, most = w.isa, byWidth[i]
		}
	}
	return isa, dtype
}

// place puts the run under the ceilings, if it has anything to be placed by. A run without FLOPs or bytes is said to be so
// once, not run by run.
func (p CommandPlan) place(res *roofline.Result, run *roofline.Run) {
	placeable := run.FLOPs() > 0 || len(run.KnownLevels()) > 0
	if placeable && len(p.Ceilings) == 0 && run.Command != nil {
		res.Warnings = append(res.Warnings, roofline.Warning{About: run.ID(), Text: "not placed: no ceilings are stored for this machine",
			Cure: "run `roofline ceilings` once, or add --ceilings quick, which measures them after the command"})
	}
	if len(p.Ceilings) == 0 || !placeable {
		roofline.Place(run, nil) // points need no ceiling
		return
	}
	if run.DType == "" && run.FLOPs() > 0 {
		run.Roof = p.highest(run.Threads)
	}
	res.Warnings = append(res.Warnings, roofline.Place(run, p.Ceilings)...)
}

// highest is the compute ceiling of code of an unknown data type: the one that it certainly cannot exceed.
func (p CommandPlan) highest(threads int) (id string) {
	best := 0.0
	for _, c := range p.Ceilings {
		if c.Kind == "compute" && c.Threads == threads && c.Unit == "FLOP/s" && !strings.Contains(c.ID, "amx") && c.Value.Median > best {
			id, best = c.ID, c.Value.Median
		}
	}
	return id
}
