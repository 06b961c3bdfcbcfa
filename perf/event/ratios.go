package event

import (
	"math"

	"github.com/roofline-go/roofline/perf"
)

// Ratio is a number that follows from counts of the same work.
type Ratio struct {
	Name    string
	Formula string // in quantities
	Value   float64
	Running float64 // smallest running share of the counts, where one was scaled; else 0
}

// Ratios derives what the counts allow: instructions per cycle, FLOPs per cycle, the clock against its reference, the share
// of each register width in the FLOPs, and that of each class in the issue slots. What needs a missing count is left out.
func Ratios(counts map[perf.Quantity]perf.Count) []Ratio {
	var all []Ratio
	add := func(name, formula string, over, under []perf.Quantity) {
		r := Ratio{Name: name, Formula: formula}
		top, ok1 := r.sum(counts, over)
		bottom, ok2 := r.sum(counts, under)
		if r.Value = top / bottom; ok1 && ok2 && bottom > 0 && !math.IsNaN(r.Value) {
			all = append(all, r)
		}
	}
	one := func(q perf.Quantity) []perf.Quantity { return []perf.Quantity{q} }
	add("instructions per cycle", "instructions ÷ cycles", one(perf.Instructions), one(perf.Cycles))
	add("FLOPs per cycle", "flops ÷ cycles", one(perf.FLOPs), one(perf.Cycles))
	add("clock over reference clock", "cycles ÷ cycles.ref", one(perf.Cycles), one(perf.ReferenceCycles))
	for _, w := range widths {
		var of []perf.Quantity
		for _, p := range precisions {
			if _, ok := counts[perf.FLOPsOf(p.dtype, w)]; ok {
				of = append(of, perf.FLOPsOf(p.dtype, w))
			}
		}
		if len(of) > 1 { // one alone is no width of all precisions
			add("share of FLOPs, "+string(w), "Σ flops.*."+string(w)+" ÷ flops", of, one(perf.FLOPs))
		}
	}
	for _, q := range topDown {
		add("share of slots, "+string(q), string(q)+" ÷ Σ topdown.*", one(q), topDown)
	}
	return all
}

func (r *Ratio) sum(counts map[perf.Quantity]perf.Count, of []perf.Quantity) (sum float64, ok bool) {
	for _, q := range of {
		c, ok := counts[q]
		if !ok || c.Quality == perf.Missing {
			return 0, false
		}
		if c.Quality == perf.Scaled && (r.Running == 0 || c.Running < r.Running) {
			r.Running = c.Running
		}
		sum += c.Value
	}
	return sum, len(of) > 0
}
