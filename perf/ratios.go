package perf

import (
	"math"
	"strings"
)

// TopDown are the quantities of issue slots, which only make sense together.
var TopDown = []Quantity{SlotsRetiring, SlotsBadSpec, SlotsFrontend, SlotsBackend}

// VectorWidths are the widths of registers that floating-point operations are counted by.
var VectorWidths = []Width{Scalar, Bits128, Bits256, Bits512}

// Ratio is a number that follows from counts of the same work.
type Ratio struct {
	Name    string
	Formula string // in quantities
	Value   float64
	Running float64 // smallest running share of the counts, where one was scaled; else 0
}

// Ratios derives what the counts allow: instructions per cycle, FLOPs per cycle, the clock against its reference, the share
// of each register width in the FLOPs, and that of each class in the issue slots. What needs a missing count is left out.
func Ratios(counts map[Quantity]Count) []Ratio {
	var all []Ratio
	add := func(name, formula string, over, under []Quantity) {
		r := Ratio{Name: name, Formula: formula}
		top, ok1 := r.sum(counts, over)
		bottom, ok2 := r.sum(counts, under)
		if r.Value = top / bottom; ok1 && ok2 && bottom > 0 && !math.IsNaN(r.Value) {
			all = append(all, r)
		}
	}
	one := func(q Quantity) []Quantity { return []Quantity{q} }
	add("instructions per cycle", "instructions ÷ cycles", one(Instructions), one(Cycles))
	add("FLOPs per cycle", "flops ÷ cycles", one(FLOPs), one(Cycles))
	add("clock over reference clock", "cycles ÷ cycles.ref", one(Cycles), one(ReferenceCycles))
	for _, w := range VectorWidths {
		var of []Quantity
		for _, dtype := range []string{"f64", "f32", "f16", "bf16"} {
			if _, ok := counts[FLOPsOf(dtype, w)]; ok {
				of = append(of, FLOPsOf(dtype, w))
			}
		}
		if len(of) > 1 { // one alone is no width of all precisions
			add("share of FLOPs, "+string(w), "Σ flops.*."+string(w)+" ÷ flops", of, one(FLOPs))
		}
	}
	for _, q := range TopDown {
		add("slots, "+strings.ReplaceAll(strings.TrimPrefix(string(q), "topdown."), "_", " "), string(q)+" ÷ Σ topdown.*", one(q), TopDown)
	}
	return all
}

func (r *Ratio) sum(counts map[Quantity]Count, of []Quantity) (sum float64, ok bool) {
	for _, q := range of {
		c, ok := counts[q]
		if !ok || c.Quality == Missing {
			return 0, false
		}
		if c.Quality == Scaled && (r.Running == 0 || c.Running < r.Running) {
			r.Running = c.Running
		}
		sum += c.Value
	}
	return sum, len(of) > 0
}
