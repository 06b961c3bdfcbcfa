package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/roofline-go/roofline/internal/atomicfile"
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
	if o.pairs < 0 {
		return compare.Gate{}, usagef("--pairs %d: give a positive number", o.pairs)
	}
	if o.within <= 0 {
		return compare.Gate{}, usagef("--decide-within %v: give a positive time, e.g. 12s", o.within)
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

// gateResult is the gate in the document.
type gateResult struct {
	Thresholds compare.Gate      `json:"thresholds"`
	Ruling     compare.Ruling    `json:"ruling"`
	Findings   []compare.Finding `json:"findings,omitempty"`
}

// ruling prints the gate's answer and returns it as an error unless it passes.
func (c *comparer) ruling(w io.Writer, ruling compare.Ruling, findings []compare.Finding) error {
	if !c.o.gate {
		return nil
	}
	fmt.Fprintf(w, "\ngate: %s\n", ruling)
	for _, f := range findings {
		fmt.Fprintf(w, "  %s: %s: %s\n", f.Ruling, f.ID, f.Text)
	}
	code := map[compare.Ruling]int{compare.Regressed: exitRegression, compare.Unclear: exitInconclusive, compare.Unfit: exitUnfit}[ruling]
	if code == 0 {
		return nil
	}
	return &verdictError{code, "gate: " + string(ruling)}
}

// gateFiles writes the reports for CI systems.
func (c *comparer) gateFiles(r *compare.Report, ruling compare.Ruling, findings []compare.Finding) error {
	if !c.o.gate {
		return nil
	}
	var errs []error
	if c.o.junit != "" {
		errs = append(errs, atomicfile.Write(c.o.junit, func(w io.Writer) error { return compare.WriteJUnit(w, r, findings) }))
	}
	if c.o.summary != "" {
		f, err := os.OpenFile(c.o.summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, compare.WriteSummary(f, r, ruling, findings), f.Close())
	}
	return errors.Join(errs...)
}
