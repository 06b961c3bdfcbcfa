package analysis

import (
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// model is facts under ceilings.
type model struct {
	facts
	kernel   roofline.Run // of which only the kind of streams matters
	ceilings []roofline.Ceiling
	allowed  []roofline.Ceiling // those that the ideal may use
}

func newModel(run *roofline.Run, c Context) *model {
	m := &model{facts: factsOf(run, c), kernel: *run, ceilings: c.Ceilings, allowed: c.Ceilings}
	if roof, ok := run.ComputeRoof(c.Ceilings); ok { // of work whose instructions are not known
		m.change(func(w *work) {
			if w.width == "" && w.class == "fma" {
				w.ceiling = roof.ID
			}
		})
	}
	return m
}

// with is the model with other facts.
func (m *model) with(change func(*facts)) *model {
	n := *m
	n.facts = m.facts.clone()
	change(&n.facts)
	return &n
}

// bandwidth is the ceiling of a level for the run's mix of loads and stores.
func (m *model) bandwidth(level string) (c roofline.Ceiling, ok bool) {
	k := m.kernel
	k.Threads = m.threads
	return k.BandwidthRoof(m.ceilings, level)
}

// l1 is all that the phases move between core and L1.
func (m *model) l1() (bytes float64) {
	for _, p := range m.phases {
		bytes += p.bytes
	}
	return bytes
}

// loadsPerCycle is the most loads that a core starts in a cycle (four scalar ones on Zen 5, three of up to 256 bits on Golden Cove,
// three scalar ones on Zen 3 and 4, two elsewhere; Intel's Optimization Reference Manual, AMD's Software Optimization Guides, A. Fog's
// microarchitecture manual).
const loadsPerCycle = 4

// ports are the seconds that a phase's loads and stores need: their bytes at L1's bandwidth, and their number at the most that
// any core starts.
func (m *model) ports(p phase) (seconds float64) {
	if c, ok := m.bandwidth("L1"); ok {
		seconds = p.bytes / c.Value.Median
	}
	if m.clock > 0 {
		seconds = max(seconds, p.loads/(loadsPerCycle*m.clock*float64(m.threads)))
	}
	return seconds
}

// step is one of the bounds that a gap is made of; each contains those before it.
type step int

const (
	stepIdeal step = iota
	stepWork       // what was executed, at the best ceiling of its type
	stepTails      // with lanes that were off
	stepWidth      // at the width it has
	stepFMA        // by the instructions it has
	stepL1         // with loads and stores
	stepL2         // with traffic, level by level
	stepL3
	stepDRAM // the composed bound
	stepLatency
	stepImbalance
	steps
)

// bounds are the least seconds by step.
type bounds [steps]float64

func (b bounds) composed() float64  { return b[stepDRAM] }
func (b bounds) predicted() float64 { return b[stepImbalance] }

// bounds computes all steps. Up to L1 they are sums over phases of what is the slowest in each; a level's traffic takes its time
// beside all phases. No step is larger than the composed bound that follows from it: a run that does better than "all fused" by
// pipes of their own for additions is not worse than it is.
func (m *model) bounds() (b bounds) {
	for _, p := range m.phases {
		var own [stepL1 + 1]float64
		for _, w := range p.work {
			if c, ok := m.best(w.dtype); ok {
				own[stepWork] += w.flops / c.Value.Median
				own[stepTails] += w.full / c.Value.Median
			}
			if c, ok := m.fused(w); ok {
				own[stepWidth] += w.full / c.Value.Median
			}
		}
		own[stepFMA] = m.pipes(p.work)
		own[stepL1] = m.ports(p)
		final := max(own[stepFMA], own[stepL1])
		reached := 0.0
		for s := stepWork; s <= stepL1; s++ {
			reached = max(reached, min(own[s], final))
			b[s] += reached
		}
		chain := m.chain(p)
		b[stepLatency] += max(final, chain)
	}
	if c, ok := find(m.ceilings, "bandwidth.store.L1", m.threads); ok {
		b[stepL1] = max(b[stepL1], m.stored/c.Value.Median)
	}
	reached := b[stepL1]
	for s, level := range map[step]string{stepL2: "L2", stepL3: "L3", stepDRAM: "DRAM"} {
		if c, ok := m.bandwidth(level); ok {
			b[s] = m.traffic[level] / c.Value.Median
		}
	}
	for s := stepL2; s <= stepDRAM; s++ {
		reached = max(reached, b[s])
		b[s] = reached
	}
	b[stepLatency] = max(b[stepLatency], b[stepDRAM])
	b[stepImbalance] = b[stepLatency] * m.busiest
	b[stepIdeal] = min(m.ideal(), b[stepDRAM])
	for s := stepWork; s <= stepL3; s++ {
		b[s] = max(b[s], b[s-1])
	}
	return b
}

// ideal is the least time of the algorithm: its operations at the best ceiling of its type, and the bytes that it cannot do
// without at each level, as far as the run did not do with less.
func (m *model) ideal() (seconds float64) {
	seconds, _ = m.idealBy()
	return seconds
}

func (m *model) idealBy() (seconds float64, by string) {
	flops := m.algorithmic
	if flops == 0 {
		for _, p := range m.phases {
			for _, w := range p.work {
				flops += w.flops
			}
		}
	}
	if c, ok := m.best(m.dtype); ok && flops > 0 {
		seconds, by = flops/c.Value.Median, c.ID
	}
	for _, level := range roofline.Levels {
		bytes, known := m.compulsory[level]
		c, ok := m.asked(level)
		if !known || !ok {
			continue
		}
		least := bytes / c.Value.Median
		if t, counted := m.counted(level); counted {
			lines, _ := m.bandwidth(level)
			least = min(least, t/lines.Value.Median)
		}
		if least > seconds {
			seconds, by = least, c.ID
		}
	}
	return seconds, by
}

// asked is the ceiling of a level for bytes that an algorithm asks for, whatever lines they move.
func (m *model) asked(level string) (c roofline.Ceiling, ok bool) {
	k := m.kernel
	k.Counts, k.Threads = nil, m.threads
	return k.BandwidthRoof(m.ceilings, level)
}

// counted is the traffic of a level as counted, 0 included.
func (m *model) counted(level string) (bytes float64, ok bool) {
	c, ok := m.kernel.Count(roofline.Bytes(level))
	if !ok || c.Quality == perf.Analytic {
		return 0, false
	}
	if level == "L1" {
		return m.l1(), true
	}
	return m.traffic[level], true
}
