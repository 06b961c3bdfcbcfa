package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/units"
)

// printCaches prints what one call does to simulated caches: a row for each level, and for each array where there are several.
func printCaches(w io.Writer, s *sim.Summary) error {
	fmt.Fprintln(w, "\nThis machine's caches, simulated, warm; lines looked up in one call:")
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "level\tarray\tlookups\tmisses\tcapacity\tconflict\tother\tbytes")
	row := func(level, array string, c sim.Counts) {
		misses, kinds := "–", "–\t–\t–"
		if level != sim.Memory {
			misses = fmt.Sprint(c.Misses)
		}
		if k := c.Kinds; k != nil && level != sim.Memory {
			kinds = fmt.Sprintf("%d\t%d\t%d", k.Capacity, k.Conflict, k.Compulsory+k.Invalidation)
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\t%s\n", level, array, c.Accesses, misses, kinds, units.Bytes(int64(c.Bytes)))
	}
	for _, l := range s.Levels {
		row(l.Level, "all", l.Total)
		if len(l.Arrays) > 1 {
			for _, a := range l.Arrays {
				row(l.Level, a.Array, a.Counts)
			}
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for i, c := range s.Caches {
		prefix := "Model: "
		if i > 0 {
			prefix = "       "
		}
		fmt.Fprintln(w, prefix+c.String())
	}
	_, err := fmt.Fprintln(w, "A conflict miss would hit in a fully associative LRU cache of the same size.\nOther: first touches, and lines that another core took.")
	return err
}
