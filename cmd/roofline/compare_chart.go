package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
)

// charts draws every pair over the roofline: the base hollow, the new one filled, an arrow from one to the other. Commands
// without counts, and results without ceilings, have no place on it.
func (c *comparer) charts(w io.Writer, pairs []compare.Pair) error {
	for i, p := range pairs {
		if len(p.Base.Run.Points) == 0 || len(p.New.Run.Points) == 0 || len(c.roofs) == 0 {
			continue
		}
		if err := os.MkdirAll(c.o.out, 0o755); err != nil {
			return fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
		}
		res := roofline.NewResult(c.host)
		res.Ceilings, res.Runs = c.roofs, []roofline.Run{p.Base.Run, p.New.Run}
		name := "compare"
		if len(pairs) > 1 {
			name = fmt.Sprintf("compare-%d", i+1)
		}
		if err := drawSteps(w, res, []string{"base " + p.Base.Run.Variant, "new " + p.New.Run.Variant}, filepath.Join(c.o.out, name)); err != nil {
			return err
		}
	}
	return nil
}
