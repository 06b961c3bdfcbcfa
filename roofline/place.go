package roofline

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// aboveRoof is the fraction of the attainable performance from which on a run is diagnosed as above its roof, apart from what the
// intervals of its time and of the roof can explain.
const aboveRoof = 1.01

// limit is one ceiling as it limits one run: at best a call takes seconds.
type limit struct {
	ceiling Ceiling
	seconds float64
	ai      float64 // FLOP/byte at the ceiling's level; 0 for compute ceilings
}

// Place fills in run's Points, Traffic and Bound from its counts and time, and says what kept it from doing so or what
// looks impossible. It uses the first entry of each count and only ceilings of run's own thread count.
//
// Every ceiling gives a time below which a call cannot get: FLOPs ÷ compute ceiling, bytes.X ÷ bandwidth of X. The longest
// of them binds; for a run with FLOPs that is the minimum over all attainable performances, and for one without (copy) it
// is still defined.
func Place(run *Run, ceilings []Ceiling) []Warning {
	run.Points, run.Traffic, run.Bound = run.points(), run.traffic(Levels...), nil
	if !(run.Time.Median > 0) {
		return []Warning{{About: run.ID(), Text: "not placed: no time was measured"}}
	}
	limits, warnings := run.limits(ceilings)
	if len(limits) == 0 || len(warnings) > 0 {
		return warnings // a bound that ignores a ceiling would name the wrong one
	}
	binding := slices.MaxFunc(limits, func(a, b limit) int { return cmp.Compare(a.seconds, b.seconds) })
	b := &Bound{By: binding.ceiling.ID, Fraction: binding.seconds / run.Time.Median}
	if flops := run.FLOPs(); flops > 0 {
		b.Attainable, b.Unit = flops/binding.seconds, run.Operation()+"/s"
	} else {
		b.Attainable, b.Unit = binding.ceiling.Value.Median, binding.ceiling.Unit
		run.Traffic = run.traffic(binding.ceiling.Level)
	}
	run.Bound = b
	run.placeAtClock()
	b.Why, b.Advice = run.why(binding, limits), run.advice(binding, ceilings)
	if run.Above(binding.ceiling) {
		return []Warning{run.diagnose(binding)}
	}
	return nil
}

// Above says whether r lies above the ceiling that binds it by more than the intervals of both can explain.
func (r Run) Above(c Ceiling) bool {
	slack := aboveRoof
	for _, e := range []stats.Estimate{r.Time.Estimate, c.Value} {
		if e.Known() && !math.IsInf(e.RelHalfWidth(), 1) {
			slack += e.RelHalfWidth()
		}
	}
	return r.Bound != nil && r.Bound.Fraction > slack
}

// points has one point per level whose bytes are known, for a run with FLOPs.
func (r Run) points() []Point {
	points := []Point{}
	flops := r.FLOPs()
	if !(flops > 0) || !(r.Time.Median > 0) {
		return points
	}
	for _, level := range Levels {
		if c, ok := r.Count(Bytes(level)); ok && c.Value > 0 {
			points = append(points, Point{Level: level, AI: flops / c.Value, Perf: flops / r.Time.Median})
		}
	}
	return points
}

// traffic is the rate of bytes at the outermost of levels that is known.
func (r Run) traffic(levels ...string) *Traffic {
	if !(r.Time.Median > 0) {
		return nil
	}
	for _, level := range slices.Backward(levels) {
		if c, ok := r.Count(Bytes(level)); ok && c.Value > 0 {
			return &Traffic{Level: level, Rate: c.Value / r.Time.Median}
		}
	}
	return nil
}

// limits lists the ceilings that limit the run. A warning means that one which is needed was not measured.
func (r Run) limits(ceilings []Ceiling) (limits []limit, warnings []Warning) {
	unknown := func(what string) {
		warnings = append(warnings, Warning{About: r.ID(), Text: fmt.Sprintf("not placed: no %s for %s", what, units.Count(r.Threads, "thread")),
			Cure: fmt.Sprintf("run `roofline ceilings --threads %d`", r.Threads)})
	}
	flops := r.FLOPs()
	if flops > 0 {
		if c, ok := r.ComputeRoof(ceilings); ok {
			limits = append(limits, limit{ceiling: c, seconds: flops / c.Value.Median})
		} else if r.Roof != "" {
			unknown("ceiling " + r.Roof)
		} else {
			unknown("compute ceiling of type " + r.DType)
		}
	}
	for _, level := range Levels {
		bytes, ok := r.Count(Bytes(level))
		if !ok || bytes.Value <= 0 {
			continue
		}
		if c, ok := r.BandwidthRoof(ceilings, level); ok {
			limits = append(limits, limit{c, bytes.Value / c.Value.Median, flops / bytes.Value})
		}
	}
	if len(limits) == 0 && len(warnings) == 0 {
		if len(r.KnownLevels()) > 0 {
			unknown("bandwidth ceiling")
		} else {
			warnings = append(warnings, Warning{About: r.ID(), Text: "not placed: neither FLOPs nor bytes were counted: " + r.missing()})
		}
	}
	return limits, warnings
}

// KnownLevels lists the levels whose bytes are known, innermost first.
func (r Run) KnownLevels() (levels []string) {
	for _, level := range Levels {
		if c, ok := r.Count(Bytes(level)); ok && c.Value > 0 {
			levels = append(levels, level)
		}
	}
	return levels
}

// missing is the reason why the FLOPs were not counted.
func (r Run) missing() string {
	for _, c := range r.Counts[perf.FLOPs] {
		if c.Quality == perf.Missing {
			return c.Reason
		}
	}
	return "no source was asked"
}
