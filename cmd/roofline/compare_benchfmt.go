package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/stats"
)

// benchfmt writes the samples that were compared in the Go benchmark format, base and new under the same names, so that
// benchstat compares the same.
func (c *comparer) benchfmt(w io.Writer, r *compare.Report) error {
	if len(c.o.format) == 0 {
		return nil
	}
	results := [2]*roofline.Result{roofline.NewResult(c.host), roofline.NewResult(c.host)}
	if c.baseHost != nil {
		results[0].Machine = *c.baseHost
	}
	for i := range r.Comparisons {
		one := &r.Comparisons[i]
		base, new := one.Samples()
		for side, samples := range [][]float64{base, new} {
			run := [2]roofline.Run{one.Base.Run, one.New.Run}[side]
			run.Kernel, run.Variant, run.DType, run.Shape = one.Base.Run.Kernel, one.Base.Run.Variant, one.Base.Run.DType, one.Base.Run.Shape
			if run.Kernel == "" {
				run.Kernel, run.Variant, run.Threads = roofline.WholeKernel, one.Base.Label, 1
			}
			run.Time = roofline.Timing{Unit: "s", Estimate: stats.Summarize(samples), Samples: samples, Batch: 1}
			results[side].Runs = append(results[side].Runs, run)
		}
	}
	for side, name := range []string{"compare-base.txt", "compare-new.txt"} {
		path := filepath.Join(c.o.out, name)
		err := atomicfile.Write(path, func(w io.Writer) error {
			return plots.Table(w, results[side], plots.TableOptions{Format: "benchfmt"})
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "wrote %s\n", path); err != nil {
			return err
		}
	}
	return nil
}
