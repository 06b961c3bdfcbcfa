package analysis

import (
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// pageFault is what a page fault is taken to cost, in seconds: the first touch of a page of 4 KiB took 1.9 to 2.2 µs on a busy
// virtual machine with a Zen 4, and takes less on a quiet one.
const pageFault = 1e-6

// coldPages finds memory that is paged in while it is timed, where that is a part of the time.
func coldPages(m *model) []roofline.Finding {
	c, ok := m.kernel.Count(perf.PageFaults)
	t := m.kernel.Time.Median
	if !ok || !(t > 0) {
		return nil
	}
	share := c.Value * pageFault / t
	if share < 1-1/worth {
		return nil
	}
	return []roofline.Finding{{
		ID: "cold-pages", Cause: fmt.Sprintf("memory is paged in while it is timed: %.3g page faults a call", c.Value),
		Evidence: []string{fmt.Sprintf("%.3g page faults a call (%s), each an entry into the kernel that clears a page: at %s about %.0f %% of %s",
			c.Value, c.Source, duration(pageFault), 100*min(share, 1), duration(t))},
		Next: "touch the arrays once before the loop, reuse buffers instead of allocating anew, and ask for huge pages (madvise MADV_HUGEPAGE)",
	}}
}

// smallPages finds chains of loads whose pages are small although larger ones would be faster.
func smallPages(m *model) []roofline.Finding {
	if m.thp != "never" || m.kernel.Memory.WorkingSet < 16<<20 {
		return nil
	}
	huge, ok := find(m.ceilings, "latency.DRAM", 1)
	small, ok4k := find(m.ceilings, "latency.DRAM.4k", 1)
	if !ok || !ok4k || small.Value.Median < worth*huge.Value.Median || m.hop < huge.Value.Median/2 {
		return nil
	}
	before := m.with(func(x *facts) { x.hop *= small.Value.Median / huge.Value.Median })
	return before.cure(roofline.Finding{
		ID: "small-pages", Cause: fmt.Sprintf("random accesses to %s on pages of 4 KiB wait for address translation, too", units.Bytes(m.kernel.Memory.WorkingSet)),
		Evidence: []string{fmt.Sprintf("latency.DRAM.4k %s, latency.DRAM %s; transparent huge pages: never", duration(small.Value.Median), duration(huge.Value.Median))},
		Next:     "allow transparent huge pages (echo madvise > /sys/kernel/mm/transparent_hugepage/enabled) and ask for them with madvise",
	}, func(x *facts) { x.hop = m.hop })
}

// imbalance finds threads that have more to do than others.
func imbalance(m *model) []roofline.Finding {
	a := m.kernel.Analysis
	if a == nil || m.busiest < 1.1 {
		return nil
	}
	f := roofline.Finding{
		ID: "imbalance", Cause: fmt.Sprintf("the busiest of %d threads executes %.2f× the mean; the others wait for it", len(a.Workers), m.busiest),
		Evidence: []string{fmt.Sprintf("instructions by thread: %s (instrumented)", listCounts(a.Workers))},
		Next:     "share the work out in smaller pieces, by cost instead of by count, or let threads take the next piece when they are done",
	}
	if idle := slices.Index(a.Workers, slices.Min(a.Workers)); a.Workers[idle] < 0.05*slices.Max(a.Workers) {
		f.ID, f.Cause = "idle-thread", fmt.Sprintf("thread %d has nothing to do: %s of %s instructions", idle, amount(a.Workers[idle]), amount(sum(a.Workers)))
	}
	return m.cure(f, func(x *facts) { x.busiest = 1 })
}

func listCounts(list []float64) (text string) {
	for i, n := range list {
		if i > 0 {
			text += ", "
		}
		if i == 8 {
			return text + fmt.Sprintf("and %d more", len(list)-i)
		}
		text += amount(n)
	}
	return text
}

// allocations finds kernels that allocate in the steady state.
func allocations(m *model) []roofline.Finding {
	n := m.kernel.Memory.AllocsPerCall
	if n < 1 {
		return nil
	}
	return []roofline.Finding{{
		ID: "allocations", Cause: fmt.Sprintf("each call allocates memory: %.3g times", n),
		Evidence: []string{fmt.Sprintf("%.3g heap allocations a call in the quietest turn (runtime)", n)},
		Next:     "allocate once and reuse the buffers; what is allocated must also be cleared and collected",
	}}
}

// shortest is the time of a call below which starting it is a part of what is measured.
const shortest = 200e-9

const shortCall = "short-call"

// tooShort finds calls that are over before they are under way.
func tooShort(m *model) []roofline.Finding {
	t := m.kernel.Time.Median
	if !(t > 0) || t >= shortest {
		return nil
	}
	return []roofline.Finding{{
		ID: shortCall, Cause: fmt.Sprintf("a call takes %s: entering, leaving and filling the pipes are a large part of it", duration(t)),
		Evidence: []string{fmt.Sprintf("median of %s of %s", units.Count(m.kernel.Time.N, "sample"), units.Count(m.kernel.Time.Batch, "call"))},
		Next:     "do more in one call: a larger problem, or several problems in a batch",
	}}
}
