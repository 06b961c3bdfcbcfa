package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// isCommand says whether the result is of a command.
func isCommand(res *roofline.Result) bool {
	return slices.ContainsFunc(res.Runs, func(r roofline.Run) bool { return r.Command != nil })
}

// textCommand reports on a command: how it ended, time and usage, what was counted, its regions, what binds it and what to
// know about it. It prints at most o.Width columns.
func textCommand(res *roofline.Result, o TableOptions) string {
	var out strings.Builder
	limit := o.width()
	line := func(format string, args ...any) {
		out.WriteString(strings.Join(wrap(oneLine(fmt.Sprintf(format, args...)), limit-4), "\n    ") + "\n")
	}
	for i := range res.Runs {
		r := &res.Runs[i]
		if r.Command == nil {
			continue
		}
		line("%s: %s", shellWords(r.Command.Args), ending(r.Command))
		out.WriteString(usageLines(r))
		out.WriteString(countLines(r))
	}
	out.WriteString(regionLines(res, limit))
	out.WriteString(boundLines(res, limit))
	for i, w := range res.Warnings {
		if i == 0 {
			out.WriteString("\n")
		}
		out.WriteString(strings.Join(wrap("! "+oneLine(withCure(sentence(w.Text), w.Cure)), limit-2), "\n  ") + "\n")
	}
	return out.String()
}

// shellWords shows arguments as one would type them; what a terminal could not show is escaped.
func shellWords(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = oneLine(a)
		if a == "" || strings.ContainsAny(a, " \t\n'\"\\$&|;<>()*?[]#~`!{}") {
			words[i] = "'" + strings.ReplaceAll(words[i], "'", `'\''`) + "'"
		}
	}
	const most = 200
	text := []rune(strings.Join(words, " "))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

func ending(c *roofline.Command) string {
	how := fmt.Sprintf("exit code %d", c.Exit)
	if c.Signal != "" {
		how = fmt.Sprintf("killed by %s (exit code %d)", c.Signal, c.Exit)
	}
	if c.Runs > 1 {
		how += fmt.Sprintf(", %d runs", c.Runs)
	}
	if c.Passes > 1 {
		how += fmt.Sprintf(" for %d passes of counting", c.Passes)
	}
	return how
}

// usageLines are the lines that need no counter.
func usageLines(r *roofline.Run) string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	if t := r.Time; t.Known() {
		row("time", "%s, 95 %% interval %s of the median of %d", precise(t.Median, "s"), interval(t.Estimate, "s"), t.N)
	} else if t.N > 1 {
		row("time", "%s, median of %d (an interval needs 6)", precise(t.Median, "s"), t.N)
	} else {
		row("time", "%s", precise(t.Median, "s"))
	}
	value := func(q perf.Quantity) float64 { c, _ := r.Count(q); return c.Value }
	row("CPU time", "%s user + %s system = %s CPUs", units.SI(value(perf.UserTime), "s"), units.SI(value(perf.SystemTime), "s"),
		significant(r.Command.CPU/r.Time.Median, 3))
	if c, ok := r.Count(perf.PeakRSS); ok {
		row("peak memory", "%s", units.Bytes(int64(c.Value)))
	} else if list := r.Counts[perf.PeakRSS]; len(list) > 0 {
		row("peak memory", "%s", strings.Join(wrap(list[0].Reason, 80-15), "\n"+strings.Repeat(" ", 15)))
	}
	migrations := "migrations not counted"
	if c, ok := r.Count(perf.Migrations); ok {
		migrations = plain(c.Value) + " migrations"
	}
	row("switches", "%s, %s of them involuntary; %s", plain(value(perf.ContextSwitches)), plain(value(perf.InvoluntarySwitches)), migrations)
	row("page faults", "%s, %s of them from disk", plain(value(perf.PageFaults)), plain(value(perf.MajorFaults)))
	return b.String()
}

// plain prints a count as a whole number where it is one; the mean of several runs may not be.
func plain(v float64) string {
	if v < 1e6 && v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	if v > 0 && v < 1 {
		return fmt.Sprintf("%.3g", v)
	}
	return units.SI(v, "")
}

// countLines are the counters' quantities: those that were counted, notes on them, and the wanted ones that were not, each
// note and reason once. Details that are 0 or that nobody asked for are left to the result document.
func countLines(r *roofline.Run) string {
	var b strings.Builder
	notes, reasons := &grouped{}, &grouped{}
	for _, q := range quantities(r) {
		wanted := slices.Contains(perf.Known, q)
		c, ok := r.Count(q)
		if !ok {
			if wanted {
				reasons.add(reasonOf(row{run: r}, q), q)
			}
			continue
		}
		if c.Value == 0 && !wanted {
			continue
		}
		quality := string(c.Quality)
		if c.Quality == perf.Scaled {
			quality = fmt.Sprintf("scaled, ran %.0f %%", 100*c.Running)
		}
		if c.Note != "" {
			notes.add(sentence(c.Note), q)
		}
		fmt.Fprintf(&b, "  %-20s %12s  %-14s %s (%s)\n", q, units.SI(c.Value, unitOf(q)), rateOf(r, q, c.Value), c.Source, quality)
	}
	text := b.String() + notes.lines("note on") + reasons.lines("not counted:")
	if text != "" {
		text = "\n" + text
	}
	return text
}

// grouped lists quantities by what is to be said of them.
type grouped struct {
	order []string
	by    map[string][]string
}

func (g *grouped) add(text string, q perf.Quantity) {
	if g.by == nil {
		g.by = map[string][]string{}
	}
	if g.by[text] == nil {
		g.order = append(g.order, text)
	}
	g.by[text] = append(g.by[text], string(q))
}

func (g *grouped) lines(head string) (text string) {
	for _, t := range g.order {
		text += "  " + strings.Join(wrap(fmt.Sprintf("%s %s: %s", head, strings.Join(g.by[t], ", "), oneLine(t)), 74), "\n    ") + "\n"
	}
	return text
}

// quantities lists what the counters were asked for and what they gave beside it, known ones first.
func quantities(r *roofline.Run) []perf.Quantity {
	var known, rest []perf.Quantity
	for _, q := range perf.Known {
		if len(r.Counts[q]) > 0 && !q.OfSystem() {
			known = append(known, q)
		}
	}
	for q := range r.Counts {
		if !q.OfSystem() && !slices.Contains(known, q) {
			rest = append(rest, q)
		}
	}
	slices.Sort(rest)
	return append(known, rest...)
}

func unitOf(q perf.Quantity) string {
	switch {
	case strings.HasPrefix(string(q), "flops"):
		return "FLOP"
	case strings.HasPrefix(string(q), "bytes"):
		return "B"
	case strings.HasPrefix(string(q), "energy"):
		return "J"
	}
	return ""
}

// rateOf is a quantity per second, and for instructions per cycle.
func rateOf(r *roofline.Run, q perf.Quantity, v float64) string {
	if q == perf.Instructions {
		if c, ok := r.Count(perf.Cycles); ok && c.Value > 0 {
			return significant(v/c.Value, 3) + " per cycle"
		}
	}
	unit := map[string]string{"FLOP": "FLOP/s", "B": "B/s", "J": "W", "": "/s"}[unitOf(q)]
	if q == perf.Cycles || q == perf.ReferenceCycles {
		unit = "Hz"
	}
	return units.SI(v/r.Time.Median, unit)
}

// mostRegions is how many regions the text shows; the result document has all.
const mostRegions = 30

// regionLines is the table of regions.
func regionLines(res *roofline.Result, limit int) string {
	g := &grid{left: []bool{true, false, false, false, false, false, false, false}, gap: []int{0, 2, 2, 2, 2, 2, 2, 2}}
	rows := rowsOf(res)
	g.rows = append(g.rows, []string{"region", "calls", "threads", "time", "self", "share", "G" + operationOf(rows) + "/s", "AI"})
	total, several := 0.0, false
	regions := 0
	for _, r := range rows {
		if r.run.Region != nil {
			total += r.run.Region.SelfTime
		}
	}
	for _, r := range rows {
		region := r.run.Region
		if region == nil {
			continue
		}
		if regions++; regions > mostRegions && r.run.Variant == roofline.RegionVariant {
			continue
		}
		several = several || region.Threads > 1
		cells := []string{oneLine(region.Name), plain(region.Calls), fmt.Sprint(region.Threads), units.SI(r.run.Time.Median, "s"),
			units.SI(region.SelfTime, "s"), fmt.Sprintf("%.1f %%", 100*region.SelfTime/total), "–", "–"}
		if r.run.Variant == roofline.UnmarkedVariant {
			cells[1], cells[2] = "", ""
		}
		if r.computes() {
			cells[6] = digits3(r.rate.Median / 1e9)
		}
		if ai := r.ai[r.mainLevel()]; ai > 0 {
			cells[7] = significant(ai, 3) + " " + r.mainLevel()
		}
		g.rows = append(g.rows, cells)
	}
	if len(g.rows) == 1 {
		return ""
	}
	g.shrink(0, 12, limit, cutName)
	text := "\n" + g.render(limit)
	if several {
		text += hang("", "time: on the clock; self: of all threads together, without nested regions.", limit)
	}
	if left := regions - (len(g.rows) - 1); left > 0 {
		text += fmt.Sprintf("and %d more: see the result document\n", left)
	}
	return text
}

// boundLines say of each placed run what binds it.
func boundLines(res *roofline.Result, limit int) string {
	var b strings.Builder
	for i, r := range rowsOf(res) {
		if why := r.why(); why != "" && i <= mostRegions {
			b.WriteString("\n" + strings.Join(wrap(oneLine(r.run.Kernel+" "+r.run.Variant+": "+why), limit-2), "\n  ") + "\n")
		}
	}
	return b.String()
}
