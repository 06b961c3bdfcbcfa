package plots

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// drawHeading writes the title block: what, on which machine, under which conditions, and how fit they were.
func (d *drawing) drawHeading() {
	title, where := d.heading(), d.conditions()
	if types := typesOf(d.res); types != "" {
		where = types + "  ·  " + where
	}
	d.title = title
	d.desc = d.describe(where)
	d.put(text{at: Point{24, 42}, str: fit(title, 27, true, Width-48), size: 27, bold: true, color: black})
	d.put(text{at: Point{24, 71}, str: fit(where, 15, false, Width-48), size: 15, color: grey})
}

func (d *drawing) heading() string {
	if d.opt.Title != "" {
		return oneLine(d.opt.Title)
	}
	var ops []string
	for _, r := range d.rows {
		if k := oneLine(r.run.Kernel); r.run.Threads == d.roofs.threads && !slices.Contains(ops, k) {
			ops = append(ops, k)
		}
	}
	what := "Roofline"
	if len(ops) > 5 {
		ops = append(ops[:4:4], fmt.Sprintf("%d more", len(ops)-4))
	}
	if len(ops) > 0 {
		what += ": " + strings.Join(ops, ", ")
	}
	cpu := strings.TrimSpace(oneLine(d.res.Machine.CPU.Name))
	if cpu == "" {
		cpu = "unnamed processor"
	}
	return what + " · " + cpu + " · " + threadsText(d.roofs.threads)
}

// conditions is the second line of the title block.
func (d *drawing) conditions() string { return conditionsOf(d.res) }

// conditionsOf says under which conditions a result was measured.
func conditionsOf(res *roofline.Result) string {
	m := res.Machine
	var parts []string
	if m.CPU.CoreHz > 0 {
		parts = append(parts, fmt.Sprintf("core clock %s (measured)", units.SI(m.CPU.CoreHz, "Hz")))
	}
	if m.CPU.TSCHz > 0 {
		parts = append(parts, "TSC "+units.SI(m.CPU.TSCHz, "Hz"))
	}
	if m.CPU.VM != "" {
		parts = append(parts, "virtual machine ("+oneLine(m.CPU.VM)+")")
	}
	if m.Environment.Governor != "" {
		parts = append(parts, "governor "+oneLine(m.Environment.Governor))
	}
	if when, err := time.Parse(time.RFC3339, res.Time); err == nil {
		parts = append(parts, when.Format("2006-01-02 15:04 MST"))
	} else if res.Time != "" {
		parts = append(parts, oneLine(res.Time))
	}
	if q := quality(m.Quality); q != "" {
		parts = append(parts, q)
	}
	return strings.Join(parts, "  ·  ")
}

// quality is the score of the environment, with the names of what was unfit.
func quality(checks []roofline.Check) string {
	var failed []string
	for _, c := range checks {
		if !c.OK {
			failed = append(failed, oneLine(c.Name))
		}
	}
	switch {
	case len(checks) == 0:
		return ""
	case len(failed) == 0:
		return fmt.Sprintf("quality [%d/%d]", len(checks), len(checks))
	}
	return fmt.Sprintf("quality [%d/%d], unfit: %s", len(checks)-len(failed), len(checks), strings.Join(failed, ", "))
}

// describe puts the chart into words for readers who cannot see it.
func (d *drawing) describe(where string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Roofline chart: performance in %s over arithmetic intensity in %s, both logarithmic. %s.", unitsOf(d.drawn, "/s"), unitsOf(d.drawn, "/byte"), where)
	for _, s := range d.roofs.slopes {
		fmt.Fprintf(&b, " %s bandwidth %s.", s.level, giga(s.value.Median, "B/s"))
	}
	for _, f := range d.roofs.flats {
		fmt.Fprintf(&b, " %s %s.", f.label, units.SI(f.value.Median, f.unit))
	}
	for i, r := range d.drawn {
		if i == 30 {
			fmt.Fprintf(&b, " And %d more.", len(d.drawn)-i)
			break
		}
		fmt.Fprintf(&b, " %s.", r.tip())
	}
	return b.String()
}
