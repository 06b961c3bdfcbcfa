package plots

import (
	"fmt"
	"math"

	"slices"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Mark is a run as all renderers show it, so that a renderer of another package names and places it alike.
type Mark struct {
	Number     int    // 1-based position in the result
	Name       string // as short as it stays unique in the result
	Family     string // instruction sets of one hue: go, sse, avx2, avx512 or amx
	Level      string // of the main point: the binding level, else the outermost one that is known
	Bound      string // L1, L2, L3, DRAM, compute, or "" when unknown
	Provenance string // counted, modelled or declared: how FLOPs and bytes of the main point were come by
	Placed     bool   // it has a point
	Above      bool   // it lies above its roof by more than the intervals explain
}

// Marks returns a mark for each run of res.
func Marks(res *roofline.Result) []Mark {
	marks := make([]Mark, len(res.Runs))
	for i, r := range rowsOf(res) {
		marks[i] = Mark{Number: r.number, Name: r.name, Family: familyOf(r.run.ISA).key(), Level: r.mainLevel(), Bound: r.bound(),
			Provenance: [...]string{"counted", "modelled", "declared"}[r.provenance], Placed: r.placed(), Above: r.above(res.Ceilings)}
	}
	return marks
}

// key is a family's name in documents and style sheets.
func (f family) key() string { return [...]string{"go", "sse", "avx2", "avx512", "amx"}[f.rank] }

// Line is a roof that a chart shows: a slope (Level is not empty) or a flat, which may stand for several ceilings.
type Line struct {
	Level    string // of a slope
	Main     bool   // of a slope: it stands for its level
	Label    string // L2 load, AVX-512 / AVX2 FMA f32
	Families []string
	IDs      []string // of the ceilings
	Value    stats.Estimate
	Unit     string  // FLOP/s, OP/s or B/s
	Theory   float64 // 0: not known
}

// Lines returns the roofs that a chart of the runs with that many threads shows, slopes first. It is an error when there
// are no ceilings for them.
func Lines(res *roofline.Result, threads int) ([]Line, error) {
	var rows []row
	for _, r := range rowsOf(res) {
		if r.run.Threads == threads {
			rows = append(rows, r)
		}
	}
	rs, err := chooseRoofs(res, rows, threads, nil)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for i, s := range slices.Concat(rs.slopes, rs.others) {
		l := Line{Level: s.level, Main: i < len(rs.slopes), Label: s.name(oneLine), IDs: []string{"bandwidth." + s.op + "." + s.level}, Value: s.value, Unit: "B/s"}
		lines = append(lines, l)
	}
	for _, f := range rs.flats {
		l := Line{Label: f.label, IDs: f.ids, Value: f.value, Unit: f.unit, Theory: f.theory}
		for _, fam := range f.families {
			l.Families = append(l.Families, fam.key())
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Units is what a chart of res writes on its axis of performance (per is "/s") or of intensity ("/byte").
func Units(res *roofline.Result, per string) string { return unitsOf(rowsOf(res), per) }

// Types is the data type of all runs of res, or says which one those have whose name (Mark) gives none.
func Types(res *roofline.Result) string { return typesOf(res) }

// UsualThreads is the thread count of most runs; without runs the lowest that has ceilings.
func UsualThreads(res *roofline.Result) int { return usualThreads(res) }

// Percent prints a share: "61 %"; below 1 % with a digit, so that it is never "0 %".
func Percent(share float64) string { return percent(share) }

// PlusMinus prints half the width of an interval relative to its median, "±0.6 %", or "" without an interval.
func PlusMinus(e stats.Estimate) string { return plusMinus(relative(e)) }

// Interval prints the bounds of an estimate in one unit, with as many digits as tell them apart, or "–".
func Interval(e stats.Estimate, unit string) string {
	if !e.Known() {
		return "–"
	}
	digits := 6
	if w := e.RelHalfWidth(); w > 0 {
		digits = min(max(2+int(math.Ceil(-math.Log10(w))), 3), 6)
	}
	scale, prefix := prefixOf(e.Median)
	return fmt.Sprintf("[%s, %s] %s%s", significant(e.Lo/scale, digits), significant(e.Hi/scale, digits), prefix, unit)
}

// Significant prints v with n significant digits and no exponent.
func Significant(v float64, n int) string { return significant(v, n) }

// Sentence begins s with a capital, unless it begins with an identifier, and ends it with a full stop.
func Sentence(s string) string { return sentence(s) }
