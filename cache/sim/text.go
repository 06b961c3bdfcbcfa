package sim

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/roofline-go/roofline/internal/units"
)

// Quantities returns the totals under the names of the result document: bytes.L1, misses.L1, …, bytes.DRAM, and
// bytes.L1.load, bytes.L1.store, bytes.DRAM.read and bytes.DRAM.write. All are since the last ResetCounts.
func (s Summary) Quantities() map[string]float64 {
	q := map[string]float64{}
	for _, l := range s.Levels {
		q["bytes."+l.Level] = float64(l.Total.Bytes)
		if l.Level != Memory {
			q["misses."+l.Level] = float64(l.Total.Misses)
		}
	}
	first, memory := s.Levels[0], s.Levels[len(s.Levels)-1]
	q["bytes."+first.Level+".load"], q["bytes."+first.Level+".store"] = float64(first.Total.BytesInwards), float64(first.Total.BytesOutwards)
	q["bytes.DRAM.read"], q["bytes.DRAM.write"] = float64(memory.Total.BytesInwards), float64(memory.Total.BytesOutwards)
	return q
}

// Write prints the summary as a table: a row for each level, and one for each array in it where there are several.
func (s Summary) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	kinds := s.Levels[0].Total.Kinds != nil
	header := "LEVEL\tARRAY\tACCESSES\tMISSES\tRATE\tWRITE-BACKS\tBYTES"
	if kinds {
		header += "\tCOMPULSORY\tCAPACITY\tCONFLICT\tINVALIDATION"
	}
	fmt.Fprintln(tw, header)
	row := func(level, array string, c Counts) {
		missed, rate := fmt.Sprint(c.Misses), "–"
		if level == Memory {
			missed = "–"
		} else if c.Accesses > 0 {
			rate = fmt.Sprintf("%.2f %%", 100*float64(c.Misses)/float64(c.Accesses))
		}
		line := fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%d\t%s", level, array, c.Accesses, missed, rate, c.WriteBacks, units.Bytes(int64(c.Bytes)))
		if kinds && c.Kinds != nil {
			line += fmt.Sprintf("\t%d\t%d\t%d\t%d", c.Kinds.Compulsory, c.Kinds.Capacity, c.Kinds.Conflict, c.Kinds.Invalidation)
		} else if kinds {
			line += strings.Repeat("\t–", 4)
		}
		fmt.Fprintln(tw, line)
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
	var caches []string
	for _, c := range s.Caches {
		caches = append(caches, c.String())
	}
	prefetcher := "no prefetcher"
	if s.Prefetcher != nil {
		prefetcher = "stream prefetcher"
	}
	_, err := fmt.Fprintf(w, "%s: %s; %s\n", s.Source, strings.Join(caches, "; "), prefetcher)
	return err
}
