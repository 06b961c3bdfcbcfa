package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/compare"
)

// verdictError carries the exit code of a gate that did not pass.
type verdictError struct {
	code int
	text string
}

func (e *verdictError) Error() string { return e.text }

// thresholds are those of the file, changed by the flags that were given.
func (o *compareOptions) thresholds() (compare.Gate, error) {
	if !o.gate {
		for _, f := range []struct {
			name  string
			given bool
		}{{"--junit", o.junit != ""}, {"--summary", o.summary != ""}, {"--gate-file", o.gateFile != ""}, {"--gate-time", o.limits.Time != 0},
			{"--gate-roof", o.limits.Roof != 0}, {"--gate-bytes", o.limits.BytesPerFLOP != 0}, {"--gate-memory", o.limits.Memory != 0}} {
			if f.given {
				return compare.Gate{}, usagef("%s: there is no gate; add --gate", f.name)
			}
		}
	}
	path, must := compare.GateFile, false
	if o.gateFile != "" {
		path, must = o.gateFile, true
	}
	g, err := compare.ReadGate(path, must)
	if err != nil {
		return g, usageError{err}
	}
	for _, f := range []struct {
		flag float64
		to   *float64
	}{{o.limits.Time, &g.Time}, {o.limits.Roof, &g.Roof}, {o.limits.BytesPerFLOP, &g.BytesPerFLOP}, {o.limits.Memory, &g.Memory}} {
		if f.flag != 0 {
			*f.to = f.flag
		}
	}
	if err := g.Check(); err != nil {
		return g, usageError{err}
	}
	return g, nil
}

// ruling prints the gate's answer, if it was asked, and returns it as an error unless it passes.
func ruling(w io.Writer, g *compare.Judgement) error {
	if g == nil {
		return nil
	}
	fmt.Fprintf(w, "\ngate: %s\n", g.Ruling)
	for _, f := range g.Findings {
		lines{w: w}.wrap(fmt.Sprintf("  %s: ", f.Ruling), units.OneLine(f.ID)+": "+units.OneLine(f.Text))
	}
	code := map[compare.Ruling]int{compare.Regressed: exitRegression, compare.Unclear: exitInconclusive, compare.Unfit: exitUnfit}[g.Ruling]
	if code == 0 {
		return nil
	}
	return &verdictError{code, "gate: " + string(g.Ruling)}
}

// gateFiles writes the reports for CI systems.
func (c *comparer) gateFiles(r *compare.Report) error {
	if r.Gate == nil {
		return nil
	}
	var errs []error
	if c.o.junit != "" {
		errs = append(errs, atomicfile.Write(c.o.junit, func(w io.Writer) error { return compare.WriteJUnit(w, r, r.Gate.Findings) }))
	}
	if c.o.summary != "" {
		f, err := os.OpenFile(c.o.summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, compare.WriteSummary(f, r, r.Gate.Ruling, r.Gate.Findings), f.Close())
	}
	return errors.Join(errs...)
}
