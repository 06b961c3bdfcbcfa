package measure

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// summarize makes a run of the job's samples; its counts, points and bound are still to come.
func (b *bench) summarize(j *job) roofline.Run {
	k := j.item.Kernel
	run := roofline.Run{
		Kernel: k.Op, Variant: k.Variant, ISA: string(k.ISA), DType: string(k.DType),
		Shape: j.item.Shape, Threads: j.threads, Roof: k.Roof, Setting: k.Setting(j.item.Shape),
		Time: roofline.Timing{Unit: "s", Estimate: j.summary(), Samples: slices.Clone(j.samples), Batch: j.batch, Waited: j.waits()},
		Memory: roofline.Memory{
			WorkingSet:    j.work.WorkingSet,
			PeakRSS:       peakRSS(),
			AllocsPerCall: j.allocs,
		},
		Verified: roofline.Verification{Against: j.verified.Against, MaxError: j.verified.MaxError, Tolerance: j.verified.Tolerance},
	}
	run.AtClock = j.after.summary()
	if j.elsewhere != nil {
		j.elsewhere.Describe(&run)
	}
	return run
}

// waits is of each sample how long a worker was without a CPU, nil when that was not long for any.
func (j *job) waits() []float64 {
	const long = 0.001 // share of a sample
	for i, w := range j.waited {
		if w > long*j.samples[i] {
			return slices.Clone(j.waited)
		}
	}
	return nil
}

// peakRSS is the largest resident set of the process so far, in bytes; 0 if unknown.
func peakRSS() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10 // Linux counts in KiB
}

const (
	wide      = 0.02 // relative half-width from which on an interval is worth a warning
	disturbed = 0.1  // involuntary switches per sample from which on they are, if there are at least two

	// ordinary is how many involuntary switches a second a quiet system's own threads may cause; 2 to 3 were seen in
	// kernels with long calls on a virtual machine with 2 CPUs and no other load.
	ordinary = 5
)

// note judges how j was measured and adds the warnings of its placement.
func (b *bench) note(j *job, placement []roofline.Warning) {
	for _, w := range placement {
		b.found.add(j, w.Text, w.Cure, "")
	}
	n, e := len(j.samples), j.summary()
	switch {
	case b.plan.Brief:
	case j.turns < minTurns:
		b.found.add(j, fmt.Sprintf("no interval: fewer than %d turns", minTurns), "let the measurement finish", fmt.Sprint(j.turns))
	case e.RelHalfWidth() > wide:
		j.unfit = true
		b.found.add(j, fmt.Sprintf("the interval is wider than ±%.0f %%", 100*wide), "stop other programs, or raise --time-budget",
			fmt.Sprintf("±%.1f %%", 100*e.RelHalfWidth()))
	}
	own := 2 * b.own * float64(n+j.turns) // batches are started n times, and once a turn to warm up
	if switches := j.noise.Involuntary; float64(switches) > own+max(1, disturbed*float64(n), ordinary*j.spent.Seconds()) {
		j.unfit = true
		b.found.add(j, fmt.Sprintf("worker threads lost their CPU more than once in %.0f samples", 1/disturbed),
			"stop other programs, or use fewer --threads than the machine has CPUs", fmt.Sprintf("%d involuntary switches in %s", switches, units.Count(n, "sample")))
	}
	if j.noise.Migrations > 0 {
		b.found.add(j, "worker threads changed their CPU", "leave the affinity of this process alone while it measures",
			fmt.Sprintf("%d times", j.noise.Migrations))
	}
	if faults := float64(j.noise.PageFaults) / float64(max(j.calls, 1)); faults >= 1 {
		b.found.add(j, "memory is still being paged in while it is timed", "free memory, or choose a smaller shape",
			fmt.Sprintf("%.1f faults per call", faults))
	}
	if j.allocs >= 1 && j.turns > 1 { // the least of several: whatever else runs allocates, too
		b.found.add(j, "the kernel allocates in its steady state", "allocate in Build, not in Part", fmt.Sprintf("%.1f per call", j.allocs))
	}
}

// fitness is the line of the quality score that judges the runs themselves: the other lines judge the machine.
func (b *bench) fitness() roofline.Check {
	unfit, done := 0, 0
	for _, j := range b.jobs {
		if j.finished && len(j.samples) > 0 {
			done++
			if j.unfit {
				unfit++
			}
		}
	}
	c := roofline.Check{Name: "runs", OK: unfit == 0, Text: fmt.Sprintf("none of %d was disturbed or has a wide interval", done)}
	if !c.OK {
		c.Text, c.Cure = fmt.Sprintf("%d of %d were disturbed or have a wide interval", unfit, done), "stop other programs, and measure again"
	}
	return c
}
