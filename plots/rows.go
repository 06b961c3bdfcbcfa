package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// row is one run as every renderer shows it, computed once.
type row struct {
	run        *roofline.Run
	number     int    // 1-based position in the result
	name       string // as short as it stays unique in the result
	rate       stats.Estimate
	unit       string // of rate: FLOP/s or OP/s, or B/s for a run without FLOPs; "" when neither is known
	ai         map[string]float64
	provenance provenance
	level      string // whose point is the main one; "": the row decides
	hollow     bool   // a step that another one replaced
}

// provenance says how the numbers of a point were come by.
type provenance int

const (
	counted   provenance = iota // FLOPs and bytes counted while the kernel ran
	modelled                    // FLOPs counted, bytes from a model
	estimated                   // declared work
)

func (p provenance) String() string {
	return [...]string{"FLOPs and bytes counted", "FLOPs counted, bytes modelled", "declared work (analytic)"}[p]
}

// rowsOf prepares the runs of a result.
func rowsOf(res *roofline.Result) []row {
	names := shortNames(res.Runs)
	rows := make([]row, len(res.Runs))
	for i := range res.Runs {
		r := &res.Runs[i]
		rows[i] = row{run: r, number: i + 1, name: names[i], ai: map[string]float64{}}
		for _, p := range r.Points {
			if p.AI > 0 && !math.IsInf(p.AI, 0) {
				rows[i].ai[p.Level] = p.AI
			}
		}
		if rate, unit := r.Rate(); rate.Median > 0 && !math.IsInf(rate.Median, 0) {
			rows[i].rate, rows[i].unit = rate, unit
		}
		rows[i].provenance = provenanceOf(r, rows[i].mainLevel())
	}
	return rows
}

func provenanceOf(r *roofline.Run, level string) provenance {
	if c, ok := r.Count(perf.FLOPs); ok && c.Source != perf.SourcePMU && c.Source != perf.SourceInstrumented {
		return estimated
	}
	c, ok := r.Count(roofline.Bytes(level))
	if ok && (c.Source == perf.SourcePMU || c.Source == perf.SourceInstrumented) {
		return counted
	}
	return modelled
}

// boundLevel is the level whose bandwidth binds the run, "" when compute binds it or nothing is known.
func (r row) boundLevel() string {
	if r.run.Bound == nil || !strings.HasPrefix(r.run.Bound.By, "bandwidth.") {
		return ""
	}
	return r.run.Bound.By[strings.LastIndexByte(r.run.Bound.By, '.')+1:]
}

// mainLevel is the level of the main point: the binding one, else the outermost one that is known.
func (r row) mainLevel() string {
	if r.level != "" {
		return r.level
	}
	if l := r.boundLevel(); l != "" && r.ai[l] > 0 {
		return l
	}
	last := ""
	for _, l := range roofline.Levels {
		if r.ai[l] > 0 {
			last = l
		}
	}
	if last == "" {
		return r.boundLevel()
	}
	return last
}

// placed says whether the run has a point that can be drawn.
func (r row) placed() bool { return r.computes() && r.ai[r.mainLevel()] > 0 }

// computes says whether the rate is of operations, not of bytes.
func (r row) computes() bool { return strings.HasSuffix(r.unit, "OP/s") }

// bound names what binds the run, in a word: L1, L2, L3, DRAM, compute, or "" when unknown.
func (r row) bound() string {
	switch {
	case r.run.Bound == nil || r.run.Bound.By == "":
		return ""
	case strings.HasPrefix(r.run.Bound.By, "compute."):
		return "compute"
	}
	return r.boundLevel()
}

// why says in a sentence what binds the run, and in a second one what to do.
func (r row) why() string {
	if r.run.Bound == nil || r.run.Bound.Why == "" {
		return ""
	}
	s := sentence(r.run.Bound.Why)
	if a := r.run.Analysis; a != nil && len(a.Findings) > 0 {
		f := a.Findings[0]
		s += " " + sentence(f.Cause) + " Next: " + strings.TrimRight(f.Next, ". ")
		if f.Gain > 1 {
			s += " (up to " + significant(f.Gain, 2+min(1, int(f.Gain/100))) + "× as fast)"
		}
		return s + "."
	}
	if text := heldBy(r.run); text != "" {
		s += " " + text
	}
	if len(r.run.Bound.Advice) > 0 {
		s += " " + sentence(r.run.Bound.Advice[0])
	}
	return s
}

// heldBy says what takes most of the time of a run that no roof holds, as far as its analysis explains it.
func heldBy(r *roofline.Run) string {
	if r.Bound == nil || !r.Bound.FarBelow() || r.Analysis == nil || r.Analysis.Gap == nil {
		return ""
	}
	g := r.Analysis.Gap
	var most roofline.GapPart
	for _, p := range g.Parts {
		if p.Seconds > most.Seconds {
			most = p
		}
	}
	if most.Seconds == 0 || most.Cause == roofline.CauseOther {
		return ""
	}
	return fmt.Sprintf("The most, %s of the time: %s", percent(most.Seconds/g.Measured), strings.TrimRight(most.Text, ".")+".")
}

// above says whether the run lies above its roof by more than the intervals of time and ceiling can explain.
func (r row) above(ceilings []roofline.Ceiling) bool {
	c, _ := r.run.BoundCeiling(ceilings)
	return r.run.Above(c)
}

// relative is half the width of an interval relative to its median; NaN when there is no interval.
func relative(e stats.Estimate) float64 {
	if w := e.RelHalfWidth(); !math.IsInf(w, 1) {
		return w
	}
	return math.NaN()
}
