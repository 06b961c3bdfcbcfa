package plots

import (
	"fmt"
	"io"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
)

// Explain writes why one run takes the time it takes, in so many columns (0: 80; at least 40, at most 100): every roof with its formula and the numbers in it, the time
// divided into causes, what to do, how well it was measured, and the raw counts with their sources. The run has an analysis
// (analysis.Fill).
func Explain(w io.Writer, run *roofline.Run, ceilings []roofline.Ceiling, columns int) error {
	e := &explanation{run: run, ceilings: ceilings, columns: explainColumns(columns)}
	e.head()
	e.roofs()
	e.time()
	e.findings()
	e.hot()
	e.counts()
	e.derived()
	e.quality()
	_, err := io.WriteString(w, e.out.String())
	return err
}

// explanation is the text so far.
type explanation struct {
	run      *roofline.Run
	ceilings []roofline.Ceiling
	columns  int
	out      strings.Builder
}

// explainColumns is the width of an explanation for so many columns.
func explainColumns(n int) int {
	const widest = 100 // to be read with ease
	return min(TableOptions{Width: n}.width(), widest)
}

// line prints a line as it is, where it fits; else it is wrapped, and indented by four more.
func (e *explanation) line(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	if width(text) > e.columns {
		words := strings.TrimLeft(text, " ")
		indent := strings.Repeat(" ", width(text)-width(words))
		for i, l := range wrap(words, e.columns-len(indent)-4) {
			if i == 1 {
				indent += "    "
			}
			e.out.WriteString(indent + l + "\n")
		}
		return
	}
	e.out.WriteString(text + "\n")
}

func (e *explanation) title(s string) {
	e.line("")
	e.line("%s", s)
}

func (e *explanation) hang(label, s string) {
	if width(label) > e.columns/2 && !strings.Contains(label, "█") { // a long name: below it is more room
		e.line("%s", label)
		label = "      "
	}
	e.out.WriteString(hang(label, oneLine(s), e.columns))
}

// head names the run, its performance, and how far it is from its bounds.
func (e *explanation) head() {
	r := e.run
	fit, all := analysis.Score(r.Analysis.Quality)
	name := oneLine(r.ID())
	score := fmt.Sprintf("quality [%d/%d]", fit, all)
	if pad := e.columns - width(name) - width(score); pad > 0 {
		e.line("%s", name+strings.Repeat(" ", pad)+score)
	} else {
		e.hang("", name)
		e.line("%s", score)
	}
	rate, unit := r.Rate()
	text := fmt.Sprintf("%s a call", units.SI(r.Time.Median, "s"))
	if r.Time.Known() {
		text += " " + plusMinus(r.Time.RelHalfWidth())
	}
	if rate.Median > 0 {
		text = units.SI(rate.Median, unit) + ", " + text
	}
	if g := r.Analysis.Gap; g != nil {
		text += fmt.Sprintf("; %s of what this code can reach here", percent(g.Composed/g.Measured))
		if g.Ideal > 0 { // 0: no ceiling tells what the algorithm needs
			text += fmt.Sprintf(", %s of what the algorithm can", percent(g.Ideal/g.Measured))
		}
	}
	e.hang("", text)
	if b := r.Bound; b != nil {
		e.hang("", sentence(b.Why))
		if text := heldBy(r); text != "" {
			e.hang("", text)
		}
	}
}

// roofs opens the bound: AI, roof and what it allows, for each level, and the compute ceiling.
func (e *explanation) roofs() {
	r := e.run
	flops := r.FLOPs()
	bound := ""
	if r.Bound != nil {
		bound = r.Bound.By
	}
	mark := func(id string) string {
		if id == bound {
			return "  <=="
		}
		return ""
	}
	e.title("Roofs: the time that each asks for, and its share of the measured one")
	if c, ok := r.ComputeRoof(e.ceilings); ok && flops > 0 {
		e.line("  %-27s %s / %s = %s, %s%s", c.ID, units.SI(flops, r.Operation()), units.SI(c.Value.Median, r.Operation()+"/s"),
			units.SI(flops/c.Value.Median, "s"), percent(flops/c.Value.Median/r.Time.Median), mark(c.ID))
		if _, differs := r.AtClock.Lower(c); differs && r.AtClock.Fraction != nil {
			e.line("  %-27s %s / %s = %s, %s", "  its loop right behind", units.SI(flops, r.Operation()), units.SI(r.AtClock.Value.Median, r.Operation()+"/s"),
				units.SI(flops/r.AtClock.Value.Median, "s"), percent(r.AtClock.Fraction.Median))
		}
	}
	for _, level := range roofline.Levels {
		bytes, ok := r.Count(roofline.Bytes(level))
		c, found := r.BandwidthRoof(e.ceilings, level)
		if !ok || !found || bytes.Value <= 0 {
			continue
		}
		seconds := bytes.Value / c.Value.Median
		lines := ""
		if c.InLines {
			lines = " in lines"
		}
		e.line("  %-27s %s / %s%s = %s, %s%s", c.ID, units.SI(bytes.Value, "B"), units.SI(c.Value.Median, c.Unit), lines,
			units.SI(seconds, "s"), percent(seconds/r.Time.Median), mark(c.ID))
		if flops > 0 {
			kind := "hierarchical"
			if level == "L1" {
				kind = "cache-aware"
			}
			ai := flops / bytes.Value
			e.line("      AI %s / %s = %.3g %s/B: %s (%s)", units.SI(flops, r.Operation()), units.SI(bytes.Value, "B"), ai, r.Operation(),
				units.SI(ai*c.Value.Median, r.Operation()+"/s"), kind)
		}
	}
}

// NoIdeal is said in the place of an ideal time that is not known: nothing was declared, and no FLOPs were counted.
const NoIdeal = "what the algorithm needs at least was not declared"

// time is the gap as a waterfall: a bar of each part, where it begins and ends.
func (e *explanation) time() {
	g := e.run.Analysis.Gap
	if g == nil {
		return
	}
	bars := max(min(28, e.columns-52), 8) // what stands beside them needs the rest
	e.title("Where the time goes")
	bar := func(from, to float64) string {
		a, b := int(from/g.Measured*float64(bars)+0.5), int(to/g.Measured*float64(bars)+0.5)
		if b == a {
			b = min(a+1, bars)
			a = b - 1
		}
		return strings.Repeat(" ", a) + strings.Repeat("█", b-a) + strings.Repeat(" ", bars-b)
	}
	row := func(name string, from, to float64, text string) {
		e.hang(fmt.Sprintf("  %-9s %7s %s ", name, units.SI(to-from, "s"), bar(from, to)), text)
	}
	by := "the algorithm at its best"
	if g.IdealBy != "" {
		by = g.IdealBy
	}
	if g.Ideal > 0 {
		row("ideal", 0, g.Ideal, by)
	} else {
		e.hang(fmt.Sprintf("  %-9s %7s ", "ideal", "unknown"), NoIdeal)
	}
	at := g.Ideal
	for _, p := range g.Parts {
		row(p.Cause, at, at+p.Seconds, p.Text)
		at += p.Seconds
	}
	e.line("  %-9s %7s %s", "measured", units.SI(g.Measured, "s"), bar(0, g.Measured))
	rule := "all resources side by side: the longest counts"
	if g.Rule == "sum" {
		rule = "in each phase the longest resource counts, and phases add up; traffic beyond L1 runs beside them"
	}
	e.hang("  ", fmt.Sprintf("This code cannot take less than %s (%s).", units.SI(g.Composed, "s"), rule))
	for i, r := range g.Resources {
		if i == 6 || r.Seconds < 0.001*g.Measured {
			break
		}
		e.line("    %-27s %12s %10s", r.Ceiling, units.SI(r.Work, r.Unit), units.SI(r.Seconds, "s"))
	}
	e.phases(g)
}

// phases lists the parts of the code that take turns, each with the least time it can take and what asks for that.
func (e *explanation) phases(g *roofline.Gap) {
	if len(g.Phases) == 0 {
		return
	}
	e.hang("  ", "Its phases, one after the other, each at least:")
	for _, p := range g.Phases {
		e.hang(fmt.Sprintf("    %7s  ", units.SI(p.Seconds, "s")), PhaseText(p, e.run.Operation()))
	}
}

func (e *explanation) findings() {
	list := e.run.Analysis.Findings
	e.title("What to do")
	if len(list) == 0 {
		e.hang("  ", "Nothing known to be wrong was found in the executed code.")
	}
	for i, f := range list {
		e.hang(fmt.Sprintf("  %d. ", i+1), sentence(f.Cause)+" ["+f.ID+"]")
		for _, x := range f.Evidence {
			e.hang("     - ", x)
		}
		e.hang("     ", sentence(f.Next))
		if gain := analysis.Gain(f); gain != "" {
			e.hang("     ", "Expected: "+gain+".")
		}
	}
	if try := analysis.Suggest(e.run, e.ceilings); try != "" {
		e.hang("  ", "To estimate a change before making it, add for example: --what-if "+try)
	}
}

// hot are the hottest block and the mix.
func (e *explanation) hot() {
	a := e.run.Analysis
	if len(a.Mix) == 0 {
		return
	}
	var parts []string
	for i, m := range a.Mix {
		if i == 8 || m.Share < 0.005 {
			break
		}
		name := m.Class
		if m.Width != "" {
			name += " " + m.Width
		}
		if m.DType != "" {
			name += " " + m.DType
		}
		parts = append(parts, fmt.Sprintf("%s %s", name, percent(m.Share)))
	}
	e.title("Executed instructions (roofline disasm shows all)")
	e.hang("  ", strings.Join(parts, ", "))
	for i, b := range a.Blocks {
		if i == 3 || b.Share < 0.05 {
			break
		}
		text := fmt.Sprintf("%s of the instructions, %s times, %s", percent(b.Share), units.SI(b.Executions, ""), units.SI(b.FLOPs, e.run.Operation()))
		if b.Loop != nil && b.Loop.Cycles > 1 {
			text += fmt.Sprintf("; its chain takes %.3g cycles an iteration", b.Loop.Cycles)
		}
		e.hang(fmt.Sprintf("  %s+%#x: ", oneLine(b.Function[strings.LastIndexByte(b.Function, '.')+1:]), b.Offset), text)
	}
}

// counts are the raw counts, of every source.
func (e *explanation) counts() {
	e.title("Counts of one call, the first one is used")
	for _, q := range []perf.Quantity{perf.FLOPs, perf.Instructions, perf.Cycles, perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM, perf.MissesL1, perf.MissesL2, perf.MissesL3, perf.PageFaults} {
		var texts []string
		for _, c := range e.run.Counts[q] {
			switch c.Quality {
			case perf.Missing:
				continue
			case perf.Scaled:
				texts = append(texts, fmt.Sprintf("%.10g %s (%.0f %% of the time)", c.Value, c.Source, 100*c.Running))
			default:
				texts = append(texts, fmt.Sprintf("%.10g %s", c.Value, c.Source))
			}
		}
		if len(texts) == 0 {
			texts = append(texts, "not counted"+whyNot(e.run.Counts[q]))
		}
		e.hang(fmt.Sprintf("  %-14s ", q), strings.Join(texts, ", "))
	}
}

// derived are ratios of what hardware counted, which takes counters that ran together or were all scaled.
func (e *explanation) derived() {
	counted := map[perf.Quantity]perf.Count{}
	for q, list := range e.run.Counts {
		for _, c := range list {
			if c.Source == perf.SourcePMU && c.Quality != perf.Missing {
				counted[q] = c
			}
		}
	}
	ratios := perf.Ratios(counted)
	if len(ratios) == 0 {
		return
	}
	e.title("Derived from hardware counts")
	running := 1.0
	for _, r := range ratios {
		if r.Running > 0 {
			running = min(running, r.Running)
		}
		e.hang(fmt.Sprintf("  %-26s %6s  ", r.Name, significant(r.Value, 3)), r.Formula)
	}
	if running < 1 {
		e.hang("  ", fmt.Sprintf("Some were counted %s of the time only, and scaled up.", percent(running)))
	}
}

func whyNot(list []perf.Count) string {
	for _, c := range list {
		if c.Reason != "" {
			return ": " + c.Reason
		}
	}
	return ""
}

func (e *explanation) quality() {
	fit, all := analysis.Score(e.run.Analysis.Quality)
	e.title(fmt.Sprintf("How well it was measured [%d/%d]", fit, all))
	for _, k := range e.run.Analysis.Quality {
		sign, text := "✓", k.Text
		if !k.OK {
			sign = "✗"
			if k.Cure != "" {
				text += "; " + k.Cure
			}
		}
		e.hang(fmt.Sprintf("  %s %-11s ", sign, k.Name), text)
	}
}

// WhatIf writes an estimate under assumptions beside the one without them, in as many columns as Explain.
func WhatIf(w io.Writer, assumptions string, run *roofline.Run, e *analysis.Estimate, columns int) error {
	columns = explainColumns(columns)
	var out strings.Builder
	out.WriteString(fmt.Sprintf("\nWhat if %s?\n", oneLine(assumptions)))
	row := func(name string, x analysis.Estimate, time float64) {
		text := fmt.Sprintf("at least %s a call", units.SI(x.Bound, "s"))
		if x.Rate > 0 {
			text += ", at most " + units.SI(x.Rate, x.Unit)
		}
		text += " (" + x.By + ")"
		if time > 0 {
			text += "; " + units.SI(time, "s")
		}
		out.WriteString(hang("  "+name, text, columns))
	}
	row("as it is: ", *e.Before, 0)
	row("then:     ", *e, 0)
	text := fmt.Sprintf("The bound moves by a factor of %.3g.", e.Before.Bound/e.Bound)
	if e.Time > 0 {
		text += fmt.Sprintf(" At the same distance from it, a call would take %s instead of %s.", units.SI(e.Time, "s"), units.SI(run.Time.Median, "s"))
	}
	out.WriteString(hang("  ", text, columns))
	_, err := io.WriteString(w, out.String())
	return err
}
