package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/session"
)

// plotPair compares two results and draws how their kernels differ: all side by side, and the samples of each.
func (o *plotOptions) plotPair(out *output, base, new string) error {
	c := &comparer{o: &compareOptions{}, stderr: out.stderr}
	pairs, _, err := c.stored(base, new)
	if err != nil {
		return err
	}
	pairs = slices.DeleteFunc(pairs, func(p compare.Pair) bool { return !strings.HasPrefix(p.ID, o.kernel) })
	floor, _ := c.floor()
	report := compare.Compare(pairs, floor.Of(0))
	var changes []plots.Change
	for i := range report.Comparisons {
		changes = append(changes, changeOf(&report.Comparisons[i]))
	}
	if slices.Contains(o.charts, "ab") {
		sub := c.machines // it says more than what follows from it
		if sub == "" && len(report.Warnings) > 0 {
			sub = report.Warnings[0]
		}
		if err := written(out, "ab")(plots.Comparison(base+" → "+new, sub, changes, report.GeoMean)); err != nil {
			return err
		}
	}
	if slices.Contains(o.charts, "distribution") {
		for i, c := range changes {
			name := "distribution"
			if len(changes) > 1 {
				name = fmt.Sprintf("distribution-%d", i+1)
			}
			if err := written(out, name)(plots.Distribution(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

// plotStory draws the trajectory of a kernel through a store or a session: of the one that --kernel names, or else of the
// one with the most measurements.
func (o *plotOptions) plotStory(out *output, path, name string) error {
	records, err := storyRecords(out.stderr, path)
	if err != nil {
		return err
	}
	t, err := pickTrajectory(name, history.Trajectories(records, storedFloor), o.kernel)
	if err != nil {
		return err
	}
	return written(out, name+"-trajectory")(drawTrajectory(t, name))
}

// storyRecords reads the measurements of a session, or those of a store as if they were one session.
func storyRecords(stderr io.Writer, path string) ([]*session.Record, error) {
	if filepath.Ext(path) != ".jsonl" {
		return nil, usagef("a trajectory is drawn of a store or a session (.jsonl), not of %s", path)
	}
	if dir := filepath.Dir(path); filepath.Base(dir) == "sessions" {
		s, err := session.Find(filepath.Dir(dir), strings.TrimSuffix(filepath.Base(path), ".jsonl"))
		if err != nil {
			return nil, err
		}
		records, skipped, err := s.Records()
		nameSkipped(stderr, path, skipped)
		return records, err
	}
	results, skipped, err := session.Read(path)
	if err != nil {
		return nil, curedMissing(path, err)
	}
	if len(results) == 0 {
		return nil, noRecord(path, skipped)
	}
	nameSkipped(stderr, path, skipped)
	var records []*session.Record
	for _, res := range results {
		records = append(records, &session.Record{Schema: session.RecordSchema, Kind: session.Measure, Time: res.Time, Machine: res.Machine.Fingerprint, Result: res})
	}
	return records, nil
}

// drawTrajectory draws the steps of a trajectory in the unit of its last one; steps without it are left out.
func drawTrajectory(t *history.Trajectory, name string) (*plots.Chart, error) {
	last := t.Steps[len(t.Steps)-1]
	_, unit := last.Run.Rate()
	var steps []plots.Step
	for i, s := range t.Steps {
		rate, u := s.Run.Rate()
		if unit == "" {
			rate, u = s.Run.Time.Over(1), "1/s"
		} else if u != unit {
			continue
		}
		step := plots.Step{Number: s.N, Label: s.Run.Variant, Note: strings.Join(s.Notes, "; "), Machine: s.Machine, Rate: rate, Unit: u}
		if code := s.Code.Short(); code != "" {
			step.Label += " " + code
		}
		if b := s.Run.Bound; b != nil && b.Unit == unit {
			step.Attainable, step.Bound = b.Attainable, "compute"
			if level, ok := strings.CutPrefix(b.By, "bandwidth."); ok {
				step.Bound = level[strings.LastIndexByte(level, '.')+1:]
			}
		}
		switch {
		case s.Previous != nil:
			step.Change, step.Outcome = s.Previous.Verdict.Text, string(s.Previous.Verdict.Outcome)
		case i > 0:
			step.Change = "on another machine: " + machineName(s.Host)
		}
		steps = append(steps, step)
	}
	return plots.Trajectory(t.Key+": "+name, storyHeading(t), steps)
}

// storyHeading says on which machine the story ends, how many steps it has, and which of them was the best there.
func storyHeading(t *history.Trajectory) string {
	best, others := t.Steps[t.Best], map[string]bool{}
	name := fmt.Sprintf("#%d", best.N)
	for i, s := range t.Steps {
		if s.Machine != best.Machine {
			others[s.Machine] = true
		}
		if i != t.Best && s.N == best.N { // one measurement of several variants
			name = fmt.Sprintf("#%d %s", best.N, best.Run.Variant)
		}
	}
	where := ""
	if len(others) > 0 {
		where = " on it"
	}
	heading := fmt.Sprintf("%s · %s, best%s: %s", best.Host.CPU.Name, units.Count(len(t.Steps), "step"), where, name)
	if len(others) > 0 {
		heading += " · earlier on " + units.Count(len(others), "other machine")
	}
	return heading
}
