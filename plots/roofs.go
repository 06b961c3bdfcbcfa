package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// roofs are the ceilings chosen for one chart.
type roofs struct {
	threads int
	slopes  []slope // innermost level first
	others  []slope // slopes that bind a run in the place of the slope of their level
	flats   []flat  // highest first; there may be none, as there may be no slopes
	omitted []string
}

// slope is the bandwidth of one level.
type slope struct {
	level string
	op    string
	value stats.Estimate // B/s
	lines bool           // of lines that are moved, not of the bytes that a loop asks for
}

// flat is a compute ceiling, or several that are too near to each other to be drawn apart.
type flat struct {
	families []family // highest rank first
	label    string   // AVX-512 / AVX2 FMA f32
	value    stats.Estimate
	unit     string // FLOP/s, or OP/s where a ceiling of integers is among them
	theory   float64
	ids      []string
}

const (
	maxFlats  = 6
	maxOthers = 4    // of a level
	nearBy    = 1.02 // ceilings within this ratio share a line
)

// chooseRoofs picks what to draw for a thread count.
//
// Slopes: of each level the operation that binds most runs, without such runs loads, without loads the fastest; other
// operations that bind a run, and the same at another height, are drawn beside it, thinner. Flats: the ceilings that bind runs or are named as their
// roofs, those that runs without a declared one are held against, and the FMA ceilings of the runs' data types and instruction sets; without runs those of f32 and AMX.
func chooseRoofs(res *roofline.Result, rows []row, threads int, levels []string) (roofs, error) {
	rs := roofs{threads: threads}
	for _, level := range roofline.Levels {
		if len(levels) > 0 && !slices.Contains(levels, level) {
			continue
		}
		main, others, omitted := chooseSlopes(res.Ceilings, rows, threads, level)
		if main != nil {
			rs.slopes = append(rs.slopes, *main)
			rs.others = append(rs.others, others...)
		}
		if omitted != "" {
			rs.omitted = append(rs.omitted, omitted)
		}
	}
	flats, omitted := chooseFlats(res.Ceilings, rows, threads)
	rs.flats, rs.omitted = flats, append(rs.omitted, omitted...)
	if len(rs.slopes)+len(rs.flats) == 0 {
		return rs, noCeilings(res, threads)
	}
	return rs, nil
}

func noCeilings(res *roofline.Result, threads int) error {
	var have []string
	for _, c := range res.Ceilings {
		if t := fmt.Sprint(c.Threads); drawable(c) && !slices.Contains(have, t) {
			have = append(have, t)
		}
	}
	if len(have) == 0 {
		return fmt.Errorf("choose roofs: the result has no ceilings (measure them with `roofline ceilings`)")
	}
	return fmt.Errorf("choose roofs: no ceilings for %s, only for %s (measure them with `roofline ceilings --threads %d`)",
		threadsText(threads), strings.Join(have, ", "), threads)
}

func drawable(c roofline.Ceiling) bool {
	return (c.Kind == "compute" || c.Kind == "bandwidth") && c.Value.Median > 0 && !math.IsInf(c.Value.Median, 0)
}

// chooseSlopes picks the operation whose bandwidth stands for a level, and those that bind a drawn run besides it, at most maxOthers:
// omitted names the rest.
func chooseSlopes(ceilings []roofline.Ceiling, rows []row, threads int, level string) (main *slope, others []slope, omitted string) {
	type candidate struct {
		slope
		binds int
	}
	var all []candidate
	bounds := map[string][]roofline.Ceiling{} // as they bind runs, by ID
	for _, r := range rows {
		if bound, ok := r.run.BoundCeiling(ceilings); ok && r.placed() {
			bounds[bound.ID] = append(bounds[bound.ID], bound)
		}
	}
	for _, c := range ceilings {
		if c.Kind != "bandwidth" || c.Threads != threads || c.Level != level || !drawable(c) {
			continue
		}
		first := len(all)
		for _, b := range bounds[c.ID] { // one ceiling may bind runs at different heights: each mix of loads and stores at its own
			like := slices.IndexFunc(all[first:], func(o candidate) bool {
				lower, upper := min(o.value.Median, b.Value.Median), max(o.value.Median, b.Value.Median)
				return o.lines == b.InLines && upper <= nearBy*lower
			})
			if like < 0 {
				all = append(all, candidate{slope{level, b.Op, b.Value, b.InLines}, 1})
				continue
			}
			o := &all[first+like]
			if o.binds++; b.Value.Median > o.value.Median {
				o.value = b.Value
			}
		}
		if len(all) == first {
			all = append(all, candidate{slope{level, c.Op, c.Value, c.InLines}, 0})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		load := func(c candidate) int { return map[bool]int{true: 0, false: 1}[c.op == "load"] }
		return cmp.Or(b.binds-a.binds, load(a)-load(b), cmp.Compare(b.value.Median, a.value.Median))
	})
	for i := range all {
		switch {
		case i == 0:
			main = &all[0].slope
		case all[i].binds > 0:
			others = append(others, all[i].slope)
		}
	}
	if len(others) > maxOthers {
		others, omitted = others[:maxOthers], fmt.Sprintf("%s that bind other kernels", units.Count(len(others)-maxOthers, "more roof")+" of "+level)
	}
	return main, others, omitted
}

// name is what the slope is called on a chart.
func (s slope) name(op func(string) string) string {
	name := s.level
	if s.op != "" {
		name += " " + op(s.op)
	}
	if s.lines {
		name += " in lines"
	}
	return name
}

func chooseFlats(ceilings []roofline.Ceiling, rows []row, threads int) (flats []flat, omitted []string) {
	type candidate struct {
		roofline.Ceiling
		weight int // how much it matters
	}
	var all []candidate
	held := heldAgainst(ceilings, rows)
	for _, c := range ceilings {
		if c.Kind != "compute" || c.Threads != threads || !drawable(c) {
			continue
		}
		weight := relevance(c, rows)
		if held[c.ID] {
			weight = max(weight, 3)
		}
		all = append(all, candidate{c, weight})
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(b.weight-a.weight, cmp.Compare(b.Value.Median, a.Value.Median), cmp.Compare(a.ID, b.ID))
	})
	var chosen []roofline.Ceiling
	for _, c := range all {
		if c.weight > 0 {
			chosen = append(chosen, c.Ceiling)
		}
	}
	if len(chosen) == 0 { // no run has a place under them: show what a chart without runs shows
		for _, c := range all {
			if relevance(c.Ceiling, nil) > 0 {
				chosen = append(chosen, c.Ceiling)
			}
		}
	}
	if len(chosen) == 0 && len(all) > 0 { // nothing of that was measured: show the highest
		chosen = append(chosen, all[0].Ceiling)
	}
	for n := len(chosen); n > 0; n-- { // the longest prefix that merges into few enough lines
		if flats = merge(chosen[:n]); len(flats) <= maxFlats {
			return flats, tallest(flats, ceilings, threads)
		}
	}
	return nil, nil
}

// heldAgainst are the compute ceilings up to which runs may rise that declare none: without their lines such runs would stand, and
// their distance to the roof would end, above all that is drawn.
func heldAgainst(ceilings []roofline.Ceiling, rows []row) map[string]bool {
	ids := map[string]bool{}
	for _, r := range rows {
		if c, ok := r.run.ComputeRoof(ceilings); ok && r.run.Roof == "" && r.run.FLOPs() > 0 && r.placed() {
			ids[c.ID] = true
		}
	}
	return ids
}

// tallest names the highest compute ceiling when it is not among the flats, so that a reader knows what else there is.
func tallest(flats []flat, ceilings []roofline.Ceiling, threads int) []string {
	var top roofline.Ceiling
	for _, c := range ceilings {
		if c.Kind == "compute" && c.Threads == threads && drawable(c) && c.Unit == "FLOP/s" && c.Value.Median > top.Value.Median {
			top = c
		}
	}
	if top.ID == "" || len(flats) == 0 || top.Value.Median <= nearBy*flats[0].value.Median {
		return nil
	}
	width, work := flatLabel(top)
	return []string{fmt.Sprintf("%s %s, %s (no kernel here uses it)", width, work, units.SI(top.Value.Median, top.Unit))}
}

// relevance ranks a compute ceiling: 4 binds a run, 3 is a run's declared roof, 2 is the FMA ceiling of a run's data type
// and instruction set (or, without runs, of f32), 1 is AMX without runs, 0 does not matter.
func relevance(c roofline.Ceiling, rows []row) int {
	if c.Unit != "FLOP/s" && !slices.ContainsFunc(rows, func(r row) bool { return r.placed() && under(*r.run, c) }) {
		return 0
	}
	if len(rows) == 0 {
		switch {
		case strings.HasPrefix(c.ISA, "amx"):
			return 1
		case isFMA(c) && c.DType == "f32":
			return 2
		}
		return 0
	}
	best := 0
	for _, r := range rows {
		switch {
		case r.run.Bound != nil && r.run.Bound.By == c.ID:
			best = max(best, 4)
		case r.run.Roof == c.ID:
			best = max(best, 3)
		case isFMA(c) && c.DType == r.run.DType && r.placed() && familyOf(c.ISA) == familyOf(r.run.ISA):
			best = max(best, 2)
		}
	}
	return best
}

// under says whether a run is bound by a ceiling or declares it as its roof.
func under(r roofline.Run, c roofline.Ceiling) bool {
	return r.Bound != nil && r.Bound.By == c.ID || r.Roof == c.ID
}

// isFMA says whether the ceiling is of fused multiply-adds, or of the scalar operations of code without them.
func isFMA(c roofline.Ceiling) bool { return strings.HasPrefix(c.ID, "compute.fma.") }

// merge turns ceilings into lines, highest first; near ones of different instruction sets or data types share a line.
func merge(cs []roofline.Ceiling) (flats []flat) {
	cs = slices.Clone(cs)
	slices.SortStableFunc(cs, func(a, b roofline.Ceiling) int {
		return cmp.Or(cmp.Compare(b.Value.Median, a.Value.Median), cmp.Compare(a.ID, b.ID))
	})
	for i := 0; i < len(cs); {
		j := i + 1
		for j < len(cs) && cs[i].Value.Median <= nearBy*cs[j].Value.Median {
			j++
		}
		flats = append(flats, newFlat(cs[i:j]))
		i = j
	}
	return flats
}

func newFlat(cs []roofline.Ceiling) flat {
	f := flat{value: cs[0].Value, unit: cs[0].Unit, theory: cs[0].Theory}
	slices.SortStableFunc(cs, func(a, b roofline.Ceiling) int { return familyOf(b.ISA).rank - familyOf(a.ISA).rank })
	var widths [][]string // of each operation and data type
	var works []string
	for _, c := range cs {
		if fam := familyOf(c.ISA); !slices.Contains(f.families, fam) {
			f.families = append(f.families, fam)
		}
		width, work := flatLabel(c)
		i := slices.Index(works, work)
		if i < 0 {
			works, widths, i = append(works, work), append(widths, nil), len(works)
		}
		widths[i] = append(widths[i], width)
		f.ids = append(f.ids, c.ID)
		if c.Unit != f.unit {
			f.unit = roofline.OP + "/s"
		}
	}
	for i, work := range works {
		works[i] = strings.Join(slices.Compact(widths[i]), " / ") + " " + work
	}
	f.label = listed(works)
	return f
}

// flatLabel names a compute ceiling for people: AVX-512 and FMA f32, AMX and bf16.
func flatLabel(c roofline.Ceiling) (width, work string) {
	width = map[string]string{"go": "scalar", "scalar": "scalar", "sse": "128-bit", "avx2": "AVX2", "avx512": "AVX-512",
		"avx512fp16": "AVX-512", "avx512bf16": "AVX-512", "avx512vnni": "AVX-512", "amx-bf16": "AMX", "amx-int8": "AMX"}[c.ISA]
	if width == "" {
		width = oneLine(c.ISA)
	}
	op := c.Op
	if op == "" {
		if parts := strings.Split(c.ID, "."); len(parts) > 2 {
			op = parts[1]
		}
	}
	names := map[string]string{"fma": "FMA ", "fmaadd": "FMA+ADD ", "amx": "", "amxload": "with tile loads ", "": ""}
	name, ok := names[op]
	if !ok {
		name = oneLine(op) + " "
	}
	return width, name + oneLine(c.DType)
}

func threadsText(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}
