package roofline

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Validate checks what a reader of the document relies on: the schema, one value per ceiling and thread count, one run per
// ID, finite positive values within their intervals, and points and bounds that follow from the counts beside them.
// It returns all that is wrong, joined.
func (r *Result) Validate() error {
	var errs []error
	if r.Schema != Schema {
		errs = append(errs, fmt.Errorf("schema is %q, want %q", r.Schema, Schema))
	}
	if _, err := time.Parse(time.RFC3339, r.Time); err != nil {
		errs = append(errs, fmt.Errorf("time: %w", err))
	}
	seen := map[string]bool{}
	for _, c := range r.Ceilings {
		key := fmt.Sprintf("ceiling %s for %s", c.ID, units.Count(c.Threads, "thread"))
		if seen[key] {
			errs = append(errs, fmt.Errorf("%s stands twice", key))
		}
		seen[key] = true
		if err := c.validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	for i := range r.Runs {
		key := "run " + r.Runs[i].ID()
		if seen[key] {
			errs = append(errs, fmt.Errorf("%s stands twice", key))
		}
		seen[key] = true
		if err := r.Runs[i].validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	return errors.Join(errs...)
}

func (c Ceiling) validate() error {
	switch {
	case c.ID == "":
		return errors.New("no id")
	case !slices.Contains([]string{"compute", "bandwidth", "latency"}, c.Kind):
		return fmt.Errorf("unknown kind %q", c.Kind)
	case c.Threads < 1:
		return fmt.Errorf("%d threads", c.Threads)
	case c.Kind != "compute" && c.Level == "":
		return errors.New("no level")
	}
	return estimate(c.Value)
}

func (r Run) validate() error {
	if r.Threads < 1 {
		return fmt.Errorf("%d threads", r.Threads)
	}
	if err := estimate(r.Time.Estimate); err != nil {
		return fmt.Errorf("time: %w", err)
	}
	if len(r.Time.Samples) > 0 && len(r.Time.Samples) != r.Time.N {
		return fmt.Errorf("time: n is %d, but there are %d samples", r.Time.N, len(r.Time.Samples))
	}
	if w := r.Time.Waited; len(w) > 0 && len(w) != len(r.Time.Samples) {
		return fmt.Errorf("time: waiting is known of %d samples, but there are %d", len(w), len(r.Time.Samples))
	}
	for i, w := range r.Time.Waited {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("time: sample %d waited for %g s", i, w)
		}
	}
	if e := r.Time.Estimate; e.Turns < 0 || e.Turns > 0 && e.N%e.Turns != 0 {
		return fmt.Errorf("time: %d samples do not make %d equal turns", e.N, e.Turns)
	}
	for q, counts := range r.Counts {
		for _, c := range counts {
			if err := c.Validate(); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
			if c.Value < 0 {
				return fmt.Errorf("%s: negative count %g", q, c.Value)
			}
		}
	}
	return errors.Join(r.validatePoints(), r.validateBound(), r.AtClock.validate(), r.Command.validate(), r.Region.validate())
}

func (r Run) validatePoints() error {
	for _, p := range r.Points {
		bytes, ok := r.Count(Bytes(p.Level))
		if !ok {
			return fmt.Errorf("point at %s without a count of %s", p.Level, Bytes(p.Level))
		}
		flops, ok := r.Count(perf.FLOPs)
		if !ok {
			return fmt.Errorf("point at %s without a count of %s", p.Level, perf.FLOPs)
		}
		if !alike(p.AI, flops.Value/bytes.Value) {
			return fmt.Errorf("point at %s: ai is %g, but the counts give %g", p.Level, p.AI, flops.Value/bytes.Value)
		}
		if want := flops.Value / r.Time.Median; !alike(p.Perf, want) {
			return fmt.Errorf("point at %s: flops_per_s is %g, but counts and time give %g", p.Level, p.Perf, want)
		}
	}
	return nil
}

func (r Run) validateBound() error {
	b := r.Bound
	if b == nil {
		return nil
	}
	if b.By == "" || !positive(b.Attainable) || !positive(b.Fraction) {
		return fmt.Errorf("bound by %q with attainable %g and fraction %g", b.By, b.Attainable, b.Fraction)
	}
	if flops := r.FLOPs(); flops > 0 && !alike(b.Fraction*b.Attainable, flops/r.Time.Median) {
		return fmt.Errorf("bound: fraction %g of %g is not the performance %g", b.Fraction, b.Attainable, flops/r.Time.Median)
	}
	return nil
}

func estimate(e stats.Estimate) error {
	switch {
	case !positive(e.Median):
		return fmt.Errorf("median %g is not a positive number", e.Median)
	case e.N < 1:
		return fmt.Errorf("n is %d", e.N)
	case e.Known() && !(e.Lo <= e.Median && e.Median <= e.Hi && e.Lo > 0):
		return fmt.Errorf("median %g is outside its interval [%g, %g]", e.Median, e.Lo, e.Hi)
	case math.IsNaN(e.Lo) != math.IsNaN(e.Hi):
		return fmt.Errorf("interval [%g, %g] has one bound", e.Lo, e.Hi)
	}
	return nil
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 0) }

// alike allows for a decimal round trip of each of the values.
func alike(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }
