package analysis

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// causes are the parts that the steps add, in their order.
var causes = [steps]string{
	stepWork: roofline.CauseWork, stepTails: roofline.CauseTails, stepWidth: roofline.CauseWidth, stepFMA: roofline.CauseFMA,
	stepL1: roofline.CauseL1, stepL2: roofline.CauseL2, stepL3: roofline.CauseL3, stepDRAM: roofline.CauseDRAM,
	stepLatency: roofline.CauseLatency, stepImbalance: roofline.CauseImbalance,
}

// least is the share of the measured time below which a step has no part of its own: the next one takes it.
const least = 0.002

// gap divides the measured time of a call: each step's part is what it adds to the bound, as far as the measured time reaches;
// what no step explains is latency where a few single lines at a time were all that was on its way, and other else. Ideal plus
// the parts is the measured time. It is nil where nothing bounds the run.
func (m *model) gap(measured float64) *roofline.Gap {
	b := m.bounds()
	if !(measured > 0) || b.composed() <= 0 {
		return nil
	}
	ideal, by := m.idealBy()
	g := &roofline.Gap{
		Ideal: min(ideal, b[stepIdeal], measured), IdealBy: by, Composed: b.composed(), Measured: measured,
		Rule: "max", Resources: m.resources(), Parts: []roofline.GapPart{}, Phases: m.phaseTimes(),
	}
	if len(m.phases) > 1 {
		g.Rule = "sum"
	}
	reached := g.Ideal
	for s := stepWork; s < steps; s++ {
		if upTo := min(b[s], measured); upTo > reached+least*measured {
			g.Parts = append(g.Parts, roofline.GapPart{Cause: causes[s], Seconds: upTo - reached, Text: m.text(s, b)})
			reached = upTo
		}
	}
	m.lowered(g)
	if rest := measured - g.Explained(); rest > 1e-12*measured {
		m.unexplained(g, rest)
	}
	return g
}

// unexplained adds the part that no bound explains.
func (m *model) unexplained(g *roofline.Gap, rest float64) {
	part := roofline.GapPart{Cause: roofline.CauseOther, Seconds: rest, Text: "front end, scheduling, and whatever no count explains"}
	if k := undisturbed(&m.kernel); k.Cure != "" {
		part.Text = "interference, as " + k.Text + "; " + part.Text
	}
	if ipc := m.perCycle(g.Measured); ipc > 0 {
		part.Text += fmt.Sprintf("; %.2f instructions a cycle", ipc)
	}
	if f, ok := m.inFlight(g.Measured); ok && f.lines >= 0.5 && f.lines < f.streams/2 {
		text := fmt.Sprintf("%.1f single lines from %s on their way at a time, streams have %.0f (Little's law): too few misses overlap", f.lines, f.level, f.streams)
		for i := range g.Parts {
			if g.Parts[i].Cause == roofline.CauseLatency {
				g.Parts[i].Seconds += rest
				g.Parts[i].Text += "; " + text
				return
			}
		}
		part.Cause, part.Text = roofline.CauseLatency, text
	}
	g.Parts = append(g.Parts, part)
}

// perCycle is the executed instructions a cycle of each thread; 0 where they are not known.
func (m *model) perCycle(measured float64) float64 {
	n := value(&m.kernel, perf.Instructions)
	if m.clock == 0 || n == 0 {
		return 0
	}
	return n / (measured * m.clock * float64(m.threads))
}

// text explains one step's part.
func (m *model) text(s step, b bounds) string {
	switch s {
	case stepWork:
		flops := m.executed()
		if m.algorithmic > 0 && flops > m.algorithmic {
			more := fmt.Sprintf("%.3g× the algorithm's operations are executed", flops/m.algorithmic)
			if flops < 1.1*m.algorithmic {
				more = fmt.Sprintf("%.2g %% more operations than the algorithm's are executed", 100*(flops/m.algorithmic-1))
			}
			return more + ": softmax, sums over lanes, padding, recomputation"
		}
		return "the executed operations at the best ceiling of their type take longer than the compulsory traffic"
	case stepTails:
		return fmt.Sprintf("%.1f %% of the lanes are switched off by masks or padded", 100*(1-m.executed()/m.full()))
	case stepWidth:
		return "the widest vectors of the type would be faster: " + m.mixBy(func(w work) string { return widthName(w) })
	case stepFMA:
		return "products and sums that are not fused, or other types: " + m.mixBy(func(w work) string { return w.class })
	case stepL1:
		return fmt.Sprintf("where loads and stores (%s in all) take longer than the arithmetic", units.Bytes(int64(m.l1())))
	case stepL2, stepL3, stepDRAM:
		level := roofline.Levels[s-stepL1]
		c, _ := m.bandwidth(level)
		return fmt.Sprintf("%s from %s at %s (%s)", units.Bytes(int64(m.traffic[level])), level, units.SI(c.Value.Median, "B/s"), c.ID)
	case stepLatency:
		p := m.longestChain()
		return fmt.Sprintf("a chain of %s from iteration to iteration in %s", chainText(p), p.name)
	case stepImbalance:
		return fmt.Sprintf("the busiest thread executes %.2f× the mean", m.busiest)
	}
	return ""
}

func chainText(p phase) string {
	var parts []string
	if p.cycles > 0 {
		parts = append(parts, several(p.cycles, "cycle"))
	}
	if p.chained > 0 {
		parts = append(parts, several(p.chained, "load"))
	}
	return strings.Join(parts, " and ")
}

// several writes a number of things: 1 load, 2.5 cycles.
func several(n float64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%.3g %ss", n, what)
}

// longestChain is the phase whose chain takes longest.
func (m *model) longestChain() (longest phase) {
	most := -1.0
	for _, p := range m.phases {
		if c := m.chain(p); c > most {
			longest, most = p, c
		}
	}
	return longest
}

// executed and full are the operations executed, and those of all lanes.
func (m *model) executed() (flops float64) {
	for _, p := range m.phases {
		for _, w := range p.work {
			flops += w.flops
		}
	}
	return flops
}

func (m *model) full() (flops float64) {
	for _, p := range m.phases {
		for _, w := range p.work {
			flops += w.full
		}
	}
	return flops
}

// mixBy shares the executed operations out by a name, in the order of the mix.
func (m *model) mixBy(name func(work) string) string {
	var names []string
	shares := map[string]float64{}
	for _, p := range m.phases {
		for _, w := range p.work {
			if w.flops <= 0 {
				continue
			}
			n := name(w)
			if _, known := shares[n]; !known {
				names = append(names, n)
			}
			shares[n] += w.flops
		}
	}
	all := m.executed()
	for i, n := range names {
		names[i] = fmt.Sprintf("%.0f %% %s", 100*shares[n]/math.Max(all, 1), n)
	}
	return strings.Join(names, ", ")
}

func widthName(w work) string {
	switch w.width {
	case "scalar":
		return "scalar"
	case "amx":
		return "tiles"
	case "":
		return w.ceiling
	}
	return w.width + " bits"
}
