package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// page is what the templates show.
type page struct {
	Title      string
	What       string   // "1 kernel", "14 kernels"
	Machine    string   // the processor
	Facts      []string // threads, clock, date
	Score      score
	CSP        string
	Style      template.CSS
	Starting   template.JS // the line of script in the head
	Script     template.JS
	Data       template.HTML // all entries, packed, for download
	View       template.HTML // what the script draws, packed
	Drawn      template.HTML
	Undrawn    string // why there is no chart
	Glance     []glanceRow
	More       int // kernels that the glance leaves out
	Findings   []findingRow
	Healthy    bool // analysed, and nothing was found
	Changes    *changes
	Trends     []trend
	Rows       []tableRow
	Intensity  string // its unit
	Left       int    // rows that the table leaves out
	Details    []detail
	Undetailed int
	Ceilings   []ceilingGroup
	Sweeps     []drawing // that the ceilings were found in
	Checks     []roofline.Check
	Verdicts   []verdictRow
	Host       []pair
	Warnings   []roofline.Warning
	Notes      []string
	Session    bool
}

// pair is a line of a list of facts.
type pair struct{ Name, Text string }

// score is how many conditions of a measurement were fit.
type score struct {
	OK, Of int
	Unfit  string
}

// Limits of what a page shows, so that it stays readable and quick; the data for download always has all.
const (
	glanceAll   = 14  // kernels shown in the order of measurement
	glanceWorst = 12  // beyond that, the farthest from their roofs
	tableRows   = 200 // rows of the table of kernels; the script has all
	detailed    = 40  // kernels with a section of their own
	drawnRuns   = 60  // runs of the chart that is readable without scripts
)

func newPage(in Input) (*page, error) {
	s, err := newStory(in)
	if err != nil {
		return nil, err
	}
	res := s.current
	marks := plots.Marks(res)
	p := &page{Intensity: plots.Units(res, "/byte"), Title: in.Title, What: units.Count(len(res.Runs), "kernel"), Machine: orText(strings.TrimSpace(res.Machine.CPU.Name), "unnamed processor"),
		Facts: facts(res), Score: scoreOf(res.Machine.Quality), Session: len(s.steps) > 0, Notes: s.notes}
	if p.Session {
		p.What += " in " + units.Count(len(s.entries), "measurement")
	}
	if in.Name != "" {
		p.What = "session " + in.Name + ": " + p.What
	}
	if p.Title == "" {
		p.Title = titleOf(res, p.Machine)
	}
	chart, why := drawn(res)
	p.Drawn, p.Undrawn = inline(chart, "drawn"), why
	p.Glance, p.More = glance(s, marks)
	p.Findings, p.Healthy = findings(s, marks)
	p.Changes = changesOf(s)
	p.Trends = trends(s)
	p.Rows, p.Left = table(s, marks)
	p.Details, p.Undetailed = details(s, marks)
	p.Ceilings = ceilingGroups(res.Ceilings)
	p.Checks, p.Verdicts, p.Host, p.Warnings = res.Machine.Quality, verdicts(res.Machine.PMU), host(res), res.Warnings
	if p.Data, err = dataOf(s); err != nil {
		return nil, err
	}
	if p.View, err = viewOf(s, marks); err != nil {
		return nil, err
	}
	charts := []*plots.Chart{chart}
	for i, sweep := range sweeps(res) {
		p.Sweeps = append(p.Sweeps, drawing{sweep.name, inline(sweep.chart, fmt.Sprintf("sweep-%d", i))})
		charts = append(charts, sweep.chart)
	}
	a := assetsFor(slices.DeleteFunc(charts, func(c *plots.Chart) bool { return c == nil })...)
	p.Style, p.Script, p.CSP = a.style, a.script, a.policy
	p.Starting = starting
	return p, nil
}

// titleOf names the kernels, as the chart does.
func titleOf(res *roofline.Result, machine string) string {
	var names []string
	seen := map[string]bool{}
	for _, r := range res.Runs {
		if !seen[r.Kernel] {
			seen[r.Kernel], names = true, append(names, r.Kernel)
		}
	}
	if len(names) > 4 {
		names = append(names[:3:3], units.Count(len(names)-3, "other"))
	}
	return orText(strings.Join(names, ", "), "Ceilings") + " on " + machine
}

func facts(res *roofline.Result) (list []string) {
	if len(res.Runs)+len(res.Ceilings) > 0 {
		list = append(list, units.Count(plots.UsualThreads(res), "thread"))
	}
	if types := plots.Types(res); types != "" {
		list = append(list, types)
	}
	if hz := res.Machine.CPU.CoreHz; hz > 0 {
		list = append(list, "core clock "+si(hz, "Hz")+" (measured)")
	}
	if vm := res.Machine.CPU.VM; vm != "" {
		list = append(list, "virtual machine ("+vm+")")
	}
	if t, err := time.Parse(time.RFC3339, res.Time); err == nil {
		list = append(list, t.UTC().Format("2006-01-02 15:04 UTC"))
	}
	return list
}

func scoreOf(checks []roofline.Check) score {
	s := score{Of: len(checks)}
	var unfit []string
	for _, c := range checks {
		if c.OK {
			s.OK++
		} else {
			unfit = append(unfit, c.Name)
		}
	}
	s.Unfit = strings.Join(unfit, ", ")
	return s
}
