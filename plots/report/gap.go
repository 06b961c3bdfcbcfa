package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// gapView is where the time of a call goes, from the ideal to the measured.
type gapView struct {
	Steps     []gapStep
	None      string // causes that take no time
	Rule      string
	Resources []resourceRow
	Phases    []phaseRow
}

// phaseRow is a phase of the code and the least time that it takes.
type phaseRow struct {
	Name, Work, Time, Share, By string
	Bar                         bar
}

// gapStep is a line of the waterfall.
type gapStep struct {
	Name  string
	Time  string
	Share string // of the measured time
	Bar   bar
	Text  string
	Total bool // a time by itself, not a part

	Down, On float64 // where the line from the step before comes in and where that to the next leaves, in percent; 0: none
}

// resourceRow is a pipe or level and the time it needs for what was executed.
type resourceRow struct {
	Name   string
	Work   string
	Time   string
	Share  string
	Bar    bar
	Binds  bool
	second float64
}

// capitalized begins a name with a capital letter.
func capitalized(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + name[size:]
}

func gap(g *roofline.Gap, operation string) *gapView {
	if g == nil || !(g.Measured > 0) {
		return nil
	}
	of := func(s float64) string { return plots.Percent(s / g.Measured) }
	v := &gapView{Steps: []gapStep{{"Ideal", si(g.Ideal, "s"), of(g.Ideal), share(g.Ideal/g.Measured, "ideal"),
		"the least time for the algorithm's work: " + roofline.BoundName(g.IdealBy), true, 0, tenths(g.Ideal / g.Measured)}}}
	if g.Ideal == 0 {
		v.Steps[0] = gapStep{Name: "Ideal", Time: "unknown", Text: plots.NoIdeal, Total: true}
	}
	at := g.Ideal
	var none []string
	for _, p := range g.Parts {
		name := plots.CauseName(p.Cause)
		if !(p.Seconds > 0) {
			none = append(none, name)
			continue
		}
		class := "lost"
		if p.Cause == roofline.CauseOther {
			class = "unexplained"
		}
		v.Steps = append(v.Steps, gapStep{capitalized(name), si(p.Seconds, "s"), of(p.Seconds), piece(at/g.Measured, (at+p.Seconds)/g.Measured, class), plots.Sentence(p.Text), false,
			tenths(at / g.Measured), tenths((at + p.Seconds) / g.Measured)})
		at += p.Seconds
	}
	v.None = strings.Join(none, ", ")
	v.Steps = append(v.Steps, gapStep{"Measured", si(g.Measured, "s"), "100 %", share(1, "measured"), "median of a call", true, 100, 0})
	v.Rule = "they work side by side, so the slowest of them decides"
	if g.Rule == "sum" {
		v.Rule = "they take turns, so their times add up"
	}
	v.Resources = resources(g)
	at = 0
	for _, p := range g.Phases {
		v.Phases = append(v.Phases, phaseRow{p.Name, plots.PhaseWork(p, operation), si(p.Seconds, "s"), of(p.Seconds), plots.PhaseBy(p), piece(at/g.Measured, (at+p.Seconds)/g.Measured, "ideal")})
		at += p.Seconds
	}
	return v
}

func resources(g *roofline.Gap) (rows []resourceRow) {
	for _, r := range g.Resources {
		rows = append(rows, resourceRow{Name: roofline.BoundName(r.Ceiling), Work: si(r.Work, r.Unit), Time: si(r.Seconds, "s"),
			Share: plots.Percent(r.Seconds / g.Measured), Bar: share(r.Seconds/g.Measured, ""), second: r.Seconds})
	}
	slices.SortStableFunc(rows, func(a, b resourceRow) int { return cmp.Compare(b.second, a.second) })
	if len(rows) > 0 {
		rows[0].Binds = g.Rule != "sum"
	}
	return rows
}
