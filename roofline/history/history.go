// Package history reads a tuning session as the story of its kernels.
//
// Terms:
//
//	trajectory  one kernel at one shape through a session; its variants are steps of the same trajectory
//	step        one measurement in it, with the state of the code, compared with the step before and with the best so far
//	best        the latest step that pairs of processes found to be faster than the best before it; without pairs the fastest
//
// A step of measure compares processes that ran at different times, so its verdict is weaker than that of a live comparison;
// it uses the noise floor of the machine where one is known. A step of tune has the verdict of the pairs that were run for it.
// Steps on different machines are not compared.
package history

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

// Step is one measurement of a trajectory.
type Step struct {
	N       int // of the session's measurements, from 1; see session.Record.Number
	Time    string
	Code    *session.Code
	Machine string           // its fingerprint
	Host    roofline.Machine // as the measurement described it
	Notes   []string         // made after it and before the next measurement
	Run     roofline.Run
	Roofs   []roofline.Ceiling

	Previous *compare.Comparison // with the step before; nil for the first, or on another machine
	Best     *compare.Comparison // with the best of the steps before on its machine
}

// Trajectory is one kernel at one shape.
type Trajectory struct {
	Key   string // kernel/dtype shape, and threads where more than one
	Steps []Step
	Best  int // index of the best step on the machine of the last one

	best map[string]int // the same by machine: times of different machines do not tell which code is better
}

// Floors gives the noise floor of a machine by its fingerprint; 0 where none is known.
type Floors func(fingerprint string) float64

// Trajectories tells the story of every kernel of the records, in the order in which they first appear.
func Trajectories(records []*session.Record, floors Floors) []*Trajectory {
	var list []*Trajectory
	byKey := map[string]*Trajectory{}
	n := 0
	var latest []*Step // of the last measurement: notes belong to all its kernels
	for _, r := range records {
		if r.Kind == session.Compare { // notes after it are of the comparison
			latest = nil
		}
		if r.Kind == session.Note && r.Note != "" {
			for _, s := range latest {
				s.Notes = append(s.Notes, r.Note)
			}
		}
		if r.Result == nil {
			continue
		}
		n = r.Number(n)
		latest = nil
		var touched []*Trajectory
		for _, run := range r.Result.Runs {
			key := Key(run)
			t := byKey[key]
			if t == nil {
				t = &Trajectory{Key: key, best: map[string]int{}}
				byKey[key], list = t, append(list, t)
			}
			t.add(Step{N: n, Time: r.Time, Code: r.Code, Machine: r.Machine, Host: r.Result.Machine, Run: run, Roofs: r.Result.Ceilings}, live(r), floors)
			if r.Note != "" {
				last := &t.Steps[len(t.Steps)-1]
				last.Notes = append(last.Notes, r.Note)
			}
			touched = append(touched, t)
		}
		for _, t := range touched { // after all steps were added: the slices may have moved
			latest = append(latest, &t.Steps[len(t.Steps)-1])
		}
	}
	return list
}

// Key names the trajectory that a run belongs to.
func Key(r roofline.Run) string {
	key := strings.TrimRight(fmt.Sprintf("%s/%s %s", r.Kernel, r.DType, r.Shape), "/ ")
	if r.Kernel == roofline.WholeKernel { // another program is another thing
		key = fmt.Sprintf("%s %s", r.Kernel, r.Variant)
	}
	if args := r.Arguments(); args != "" { // its size is among them
		key += " (" + args + ")"
	}
	if r.Threads > 1 {
		key += fmt.Sprintf(" t%d", r.Threads)
	}
	return key
}

// add appends a step with its comparisons: those that were made live, else those of the stored times.
func (t *Trajectory) add(s Step, live []compare.Comparison, floors Floors) {
	if n := len(t.Steps); n > 0 {
		if s.Previous = with(live, t.Steps[n-1]); s.Previous == nil {
			s.Previous = t.against(t.Steps[n-1], s, floors)
		}
	}
	best, isBest := t.best[s.Machine], true
	if _, ok := t.best[s.Machine]; ok {
		isBest = s.Run.Time.Median < t.Steps[best].Run.Time.Median
		if s.Best = with(live, t.Steps[best]); s.Best != nil {
			isBest = s.Best.Verdict.Outcome == compare.Faster // as tune said
		} else {
			s.Best = t.against(t.Steps[best], s, floors)
		}
	}
	if isBest {
		best = len(t.Steps)
	}
	t.best[s.Machine], t.Best = best, best
	t.Steps = append(t.Steps, s)
}

// Gain says how many times as fast the best step is as the first on its machine, and which that is.
func (t *Trajectory) Gain() (times float64, than string) {
	best := t.Steps[t.Best]
	first := slices.IndexFunc(t.Steps, func(s Step) bool { return s.Machine == best.Machine })
	than = "the first"
	if first > 0 {
		than = fmt.Sprintf("#%d, the first on its machine", t.Steps[first].N)
	}
	return t.Steps[first].Run.Time.Median / best.Run.Time.Median, than
}

func (t *Trajectory) against(base, new Step, floors Floors) *compare.Comparison {
	if base.Machine != new.Machine {
		return nil
	}
	pair := compare.Pair{ID: t.Key, Base: compare.Side{Label: fmt.Sprintf("#%d", base.N), Run: base.Run},
		New: compare.Side{Label: fmt.Sprintf("#%d", new.N), Run: new.Run}}
	return &compare.Compare([]compare.Pair{pair}, floors(new.Machine)).Comparisons[0]
}

// Speed is the performance of each step, for a sparkline: calls per second.
func (t *Trajectory) Speed() []float64 {
	list := make([]float64, len(t.Steps))
	for i, s := range t.Steps {
		list[i] = 1 / s.Run.Time.Median
	}
	return list
}

// Sparkline draws values as bars of eight heights, from 0 to the largest.
func Sparkline(values []float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	line := make([]rune, len(values))
	for i, v := range values {
		if !(v > 0) || !(most > 0) {
			line[i] = bars[0]
			continue
		}
		line[i] = bars[min(int(v/most*float64(len(bars))), len(bars)-1)]
	}
	return string(line)
}
