package analysis

import "github.com/roofline-go/roofline/roofline"

// phaseTimes are the least times of the phases, in the order of the phases; none where all work is one phase.
func (m *model) phaseTimes() (list []roofline.GapPhase) {
	if len(m.phases) < 2 {
		return nil
	}
	for _, p := range m.phases {
		t := roofline.GapPhase{Name: p.name, Seconds: m.pipes(p.work), Instructions: p.instructions, Bytes: p.bytes}
		slowest := 0.0
		for _, w := range p.work {
			t.FLOPs += w.flops
			if c, ok := m.pipe(w); ok && w.full/c.Value.Median > slowest {
				slowest, t.By = w.full/c.Value.Median, c.ID
			}
		}
		if ports := m.ports(p); ports > t.Seconds {
			t.Seconds, t.By = ports, roofline.ByPorts
		}
		if chain := m.chain(p); chain > t.Seconds {
			t.Chain = chain
		}
		list = append(list, t)
	}
	return list
}
