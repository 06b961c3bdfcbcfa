package event

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/roofline-go/roofline/perf"
)

// leastShare is the running share below which a multiplexed count is not worth scaling up.
const leastShare = 0.25

// PMU is the source of hardware counts: the generic events of the kernel, in user mode, summed over the workers.
type PMU struct {
	sys       kernel
	root      fs.FS // "/"
	available func() (ok bool, reason, cure string)
}

// NewPMU returns the source. It opens nothing yet; without a usable PMU every Count says so.
func NewPMU() *PMU { return &PMU{sys: linux{}, root: os.DirFS("/"), available: Available} }

// Name returns SourcePMU.
func (*PMU) Name() perf.SourceName { return perf.SourcePMU }

// Count counts the wanted quantities per call of w. Events that fit on the PMU together are counted together; the
// others in further passes over the workload.
func (p *PMU) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	counts := make(map[perf.Quantity]perf.Count, len(want))
	available, reason, _ := p.available()
	var events []generic
	for _, q := range want {
		if e, ok := find(q); ok && available {
			events = append(events, e)
		} else if !available && !q.OfSystem() {
			counts[q] = perf.NotCounted(perf.SourcePMU, reason)
		} else {
			counts[q] = perf.NotCounted(perf.SourcePMU, whyNotGeneric(q))
		}
	}
	if len(events) == 0 {
		return counts, nil
	}
	much, err := calibrate(ctx, w)
	if err != nil {
		return nil, err
	}
	groups, refused, err := p.plan(w, events)
	if err != nil {
		return nil, err
	}
	for q, why := range refused {
		counts[q] = perf.NotCounted(perf.SourcePMU, why)
	}
	for _, group := range groups {
		if err := p.countGroup(ctx, w, group, much, counts); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// plan distributes the events over groups that fit on the PMU, by opening them on the first worker's thread.
func (p *PMU) plan(w perf.Workload, events []generic) (groups [][]generic, refused map[perf.Quantity]string, err error) {
	refused = make(map[perf.Quantity]string)
	err = w.OnEach(func(worker int) error {
		if worker != 0 {
			return nil
		}
		g := newGroup(p.sys, thisThread)
		for len(events) > 0 {
			var group, rest []generic
			for _, e := range events {
				attr, err := addUser(g, p.here(e).attr)
				switch {
				case err == nil:
					e.attr.Bits = attr.Bits
					group = append(group, e)
				case g.Len() > 0 && worksAlone(p.sys, p.here(e)):
					rest = append(rest, e)
				default:
					refused[e.quantity] = whyRefused(e, err)
				}
			}
			if err := g.Close(); err != nil {
				return err
			}
			if len(group) > 0 {
				groups = append(groups, group)
			}
			events = rest
		}
		return nil
	})
	return groups, refused, err
}

// worksAlone says whether an event that a group refused opens in a group of its own.
func worksAlone(sys kernel, e generic) bool {
	g := newGroup(sys, thisThread)
	defer g.Close()
	_, err := addUser(g, e.attr)
	return err == nil
}

// here is the event for the core type of the calling thread's CPU.
func (p *PMU) here(e generic) generic {
	e.attr.Config |= extendedType(p.root, onCPU())
	return e
}

// countGroup counts one group and writes the counts. A group that hardly got onto the PMU is taken apart.
func (p *PMU) countGroup(ctx context.Context, w perf.Workload, group []generic, much effort, counts map[perf.Quantity]perf.Count) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	readings, err := p.run(w, group, much)
	if err != nil {
		for _, e := range group {
			counts[e.quantity] = perf.NotCounted(perf.SourcePMU, whyRefused(e, err))
		}
		return nil
	}
	share := runningShare(readings)
	if share < leastShare && len(group) > 1 {
		for _, e := range group {
			if err := p.countGroup(ctx, w, []generic{e}, much, counts); err != nil {
				return err
			}
		}
		return nil
	}
	for i, e := range group {
		counts[e.quantity] = p.judge(w, e, sum(readings, i)/float64(much.calls), share)
	}
	return nil
}

// run lets every worker do its share of the calls of every pass between the enabling and the disabling of its own
// group, and returns the readings of each worker's passes.
func (p *PMU) run(w perf.Workload, group []generic, much effort) ([][]Reading, error) {
	readings := make([][]Reading, w.Workers())
	err := w.OnEach(func(worker int) error {
		g := newGroup(p.sys, thisThread)
		defer g.Close()
		for _, e := range group {
			if err := g.Add(p.here(e).attr); err != nil {
				return err
			}
		}
		total := make([]Reading, much.passes+1)
		if err := g.Read(&total[0]); err != nil {
			return err
		}
		for pass := range much.passes {
			if err := g.Enable(); err != nil {
				return err
			}
			for range much.calls {
				w.Part(worker)
			}
			if err := g.Disable(); err != nil {
				return err
			}
			if err := g.Read(&total[pass+1]); err != nil {
				return err
			}
			readings[worker] = append(readings[worker], total[pass+1].since(total[pass]))
		}
		return nil
	})
	return readings, err
}

// judge turns the value per call into a count, or says why it is none.
func (p *PMU) judge(w perf.Workload, e generic, value, share float64) perf.Count {
	switch {
	case share == 0:
		return perf.NotCounted(perf.SourcePMU, e.name+": never got onto the PMU; another profiler or the NMI watchdog may hold its counters")
	case share < leastShare:
		return perf.NotCounted(perf.SourcePMU, fmt.Sprintf("%s: counted only %.0f %% of the time, too little to scale up", e.name, 100*share))
	case value == 0 && (e.always || !p.countsKnownWork(w, e)):
		return perf.NotCounted(perf.SourcePMU, e.name+": the event opens but counts nothing, not even for known work")
	case share < 1:
		return perf.Count{Value: value, Source: perf.SourcePMU, Quality: perf.Scaled, Running: share}
	}
	return perf.Count{Value: value, Source: perf.SourcePMU, Quality: perf.Exact}
}
