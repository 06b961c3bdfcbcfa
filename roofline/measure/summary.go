package measure

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// summarize makes a run of the job's samples; its counts, points and bound are still to come.
func (b *bench) summarize(j *job) roofline.Run {
	k := j.item.Kernel
	return roofline.Run{
		Kernel: k.Op, Variant: k.Variant, ISA: string(k.ISA), DType: string(k.DType),
		Shape: j.item.Shape, Threads: j.threads, Roof: k.Roof,
		Time: roofline.Timing{Unit: "s", Estimate: stats.Summarize(j.samples), Samples: slices.Clone(j.samples), Batch: j.batch},
		Memory: roofline.Memory{
			WorkingSet:    j.work.WorkingSet,
			PeakRSS:       peakRSS(),
			AllocsPerCall: j.allocs,
		},
		Verified: roofline.Verification{Against: j.verified.Against, MaxError: j.verified.MaxError, Tolerance: j.verified.Tolerance},
	}
}

// peakRSS is the largest resident set of the process so far, in bytes; 0 if unknown.
func peakRSS() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10 // Linux counts in KiB
}

// note judges how j was measured and adds the warnings of its placement.
func (b *bench) note(j *job, placement []roofline.Warning) {
	b.found.add(placement...)
	n, e := len(j.samples), stats.Summarize(j.samples)
	switch {
	case n < stats.MinSamples:
		b.found.group("no interval: fewer than %d samples were taken", []any{stats.MinSamples}, "let the measurement finish", j.id(), fmt.Sprint(n))
	case e.RelHalfWidth() > wide:
		b.found.group("the interval is wider than ±%.0f %%", []any{100 * wide}, "stop other programs, or raise --time-budget", j.id(),
			fmt.Sprintf("±%.1f %%", 100*e.RelHalfWidth()))
	}
	if j.noise.Involuntary > int64(float64(n)*disturbed) {
		b.found.group("other programs took the CPU in more than %.0f %% of the samples", []any{100 * disturbed},
			"stop other programs, or give --threads fewer CPUs than the machine has", j.id(), fmt.Sprintf("%d involuntary switches in %d samples", j.noise.Involuntary, n))
	}
	if j.noise.Migrations > 0 {
		b.found.group("worker threads changed their CPU", nil, "do not change the affinity of this process while it measures", j.id(), fmt.Sprintf("%d times", j.noise.Migrations))
	}
	if faults := float64(j.noise.PageFaults) / float64(max(j.calls, 1)); faults >= 1 {
		b.found.group("memory is still being paged in while it is timed", nil, "free memory, or choose a smaller shape", j.id(), fmt.Sprintf("%.1f faults per call", faults))
	}
	if j.allocs >= 1 {
		b.found.group("the kernel allocates in its steady state", nil, "allocate in Build, not in Part", j.id(), fmt.Sprintf("%.1f per call", j.allocs))
	}
}

const (
	wide      = 0.02 // relative half-width from which on an interval is worth a warning
	disturbed = 0.05 // involuntary switches per sample from which on they are
)
