package report

import (
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// past adds the runs before the current ones, with the ways between them.
func (s *story) past(v *view) {
	if s.pair != nil {
		s.pastPair(v)
		return
	}
	now := map[place]int{}
	for i, at := range s.from {
		now[at] = i
	}
	const most = 12 // steps of a kernel: the first and the latest
	for _, t := range s.steps {
		steps, cut := t.Steps, 0
		if cut = len(steps) - most; cut > 0 {
			steps = append(steps[:1:1], steps[1+cut:]...)
		}
		to, ok := now[s.place(steps[len(steps)-1])]
		if !ok {
			continue
		}
		before, skipped := -1, false
		for i, step := range steps {
			skipped = skipped || i == 1 && cut > 0
			at := to
			if i < len(steps)-1 {
				if step.Host.Fingerprint != s.current.Machine.Fingerprint {
					skipped = true
					continue
				}
				at = s.addPast(v, s.entries[step.N-1].Label, step.Run)
			}
			if before >= 0 {
				a := arrow{From: before, To: at, Outcome: "inconclusive"}
				if step.Previous != nil && !skipped { // a comparison with the step before, from which another arrow would lead
					a.Text, a.Outcome = gain(step.Previous.Time.Speedup.Median), outcomeClass(step.Previous)
				}
				v.Arrows = append(v.Arrows, a)
			}
			before, skipped = at, false
		}
	}
}

func (s *story) pastPair(v *view) {
	now := map[string]int{}
	for i, r := range s.current.Runs {
		now[r.ID()] = i
	}
	for _, c := range s.pair.Comparisons {
		to, ok := now[c.New.Run.ID()]
		if !ok {
			continue
		}
		at := s.addPast(v, s.entries[0].Label, c.Base.Run)
		text := gain(c.Time.Speedup.Median)
		if sp := c.Time.Speedup; sp.Known() && text != "" {
			text += " [" + relative(sp.Lo-1) + ", " + relative(sp.Hi-1) + "]"
		}
		v.Arrows = append(v.Arrows, arrow{at, to, text, outcomeClass(&c)})
	}
}

// gain words a speed-up: "+12.4 %", from twice as fast on "2.1×".
func gain(speedup float64) string {
	switch {
	case !(speedup > 0):
		return ""
	case speedup >= 2:
		return plots.Significant(speedup, 2) + "×"
	}
	return relative(speedup - 1)
}

// addPast adds a past run as a point under the current roofs and returns its index.
func (s *story) addPast(v *view, label string, run roofline.Run) int {
	roofline.Place(&run, s.current.Ceilings)
	one := &roofline.Result{Ceilings: s.current.Ceilings, Runs: []roofline.Run{run}}
	p := v.pointOf(s.current.Ceilings, run, plots.Marks(one)[0], -1)
	p.Past = label
	v.Points = append(v.Points, p)
	return len(v.Points) - 1
}
