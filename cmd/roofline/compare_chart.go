package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
)

// charts draws every comparison: over the roofline, the base hollow, the new one filled, an arrow from one to the other; the
// distributions of the two samples above each other; and several comparisons side by side. Commands without counts, and
// results without ceilings, have no place on the roofline.
func (c *comparer) charts(w io.Writer, r *compare.Report) error {
	if err := os.MkdirAll(c.o.out, 0o755); err != nil {
		return fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
	}
	var changes []plots.Change
	for i := range r.Comparisons {
		one, suffix := &r.Comparisons[i], ""
		if len(r.Comparisons) > 1 {
			suffix = fmt.Sprintf("-%d", i+1)
		}
		changes = append(changes, changeOf(one))
		if err := c.overRoofline(w, one, "compare"+suffix); err != nil {
			return err
		}
		if change := changes[i]; drawable(change) {
			chart, err := plots.Distribution(change)
			if err != nil {
				return err
			}
			if err := c.draw(w, chart, "compare-distribution"+suffix); err != nil {
				return err
			}
		}
	}
	if len(changes) < 2 {
		return nil
	}
	sub := fmt.Sprintf("%s → %s", r.Comparisons[0].Base.Label, r.Comparisons[0].New.Label)
	if c.machines != "" {
		sub = c.machines
	}
	chart, err := plots.Comparison("Comparison", sub, changes, r.GeoMean)
	if err != nil {
		return err
	}
	return c.draw(w, chart, "compare-all")
}

// overRoofline draws the way from base to new; of two machines there is none under the roofs of either.
func (c *comparer) overRoofline(w io.Writer, one *compare.Comparison, name string) error {
	if len(one.Base.Run.Points) == 0 || len(one.New.Run.Points) == 0 || len(c.roofs) == 0 || c.baseHost != nil {
		return nil
	}
	res := roofline.NewResult(c.host)
	if c.time != "" {
		res.Time = c.time
	}
	res.Ceilings, res.Runs = c.roofs, []roofline.Run{one.Base.Run, one.New.Run}
	return drawSteps(w, res, []string{"base " + one.Base.Run.Variant, "new " + one.New.Run.Variant}, filepath.Join(c.o.out, name), one.Time.Speedup)
}

func (c *comparer) draw(w io.Writer, chart *plots.Chart, name string) error {
	return writeChart(w, chart, filepath.Join(c.o.out, name))
}

// drawable says whether there is anything to draw: a command may be too short for its CPU time to be known.
func drawable(c plots.Change) bool {
	bad := func(v float64) bool { return !(v > 0) || math.IsInf(v, 0) }
	return len(c.Base.Values) > 0 && len(c.New.Values) > 0 && !slices.ContainsFunc(slices.Concat(c.Base.Values, c.New.Values), bad)
}

// changeOf is a comparison as charts show it: with a value per process, of stored results with one per turn.
func changeOf(c *compare.Comparison) plots.Change {
	base, new := c.Samples()
	return plots.Change{Name: c.ID, Base: plots.Sample{Label: c.Base.Label, Values: base}, New: plots.Sample{Label: c.New.Label, Values: new},
		Speedup: c.Time.Speedup, Floor: c.Floor, Outcome: string(c.Verdict.Outcome), Verdict: c.Verdict.Text}
}
