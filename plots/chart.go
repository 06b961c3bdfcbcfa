package plots

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Options says what of a result to draw. The zero value draws what the runs used.
type Options struct {
	Title   string   // "": made from the kernels and the processor
	Threads int      // whose ceilings and runs; 0: the thread count of most runs, without runs the lowest measured
	Levels  []string // of the hierarchy, e.g. L2, DRAM; none: all

	// Steps, if not empty, are labels of the runs, which are then steps of one story: base and new, or the iterations of a
	// tuning session. Arrows lead from each to the next, and what is not the last is hollow.
	Steps []string

	// Speedups are, for each step but the first, how much faster than the step before it is, with the interval; arrows are
	// then labelled with them instead of with the ratio of the two performances.
	Speedups []stats.Estimate
}

// Chart is a drawn roofline, ready to be written in several formats. Its texts never overlap.
type Chart struct{ scene scene }

// TextBoxes returns where every text of the chart stands, in pixels of the Width × Height drawing.
func (c *Chart) TextBoxes() []TextBox { return c.scene.boxes() }

// drawing is the state while a chart is composed.
type drawing struct {
	scene
	res    *roofline.Result
	opt    Options
	roofs  roofs
	rows   []row // all runs
	drawn  []row // those with a point and the chart's thread count
	frame  frame
	placer placer
	notes  []string
	footer []string // notes, wrapped
}

// Margins of the plotting area.
const (
	frameLeft  = 86
	frameTop   = 92
	frameRight = 1092
	panelLeft  = 1116
	panelRight = Width - 22
)

// Roofline draws a result as a roofline chart: its ceilings for one thread count and the runs with that thread count.
// A result without runs gives the ceilings alone; one without ceilings for the thread count is an error.
func Roofline(res *roofline.Result, opt Options) (*Chart, error) {
	if res == nil {
		return nil, errors.New("draw roofline: no result")
	}
	for _, l := range opt.Levels {
		if !slices.Contains(roofline.Levels, l) {
			return nil, fmt.Errorf("draw roofline: unknown level %q (levels are %s)", l, strings.Join(roofline.Levels, ", "))
		}
	}
	d := &drawing{res: res, opt: opt, rows: rowsOf(res)}
	if err := d.labelSteps(); err != nil {
		return nil, fmt.Errorf("draw roofline: %w", err)
	}
	threads := opt.Threads
	if threads == 0 {
		threads = usualThreads(res)
	}
	for i := range d.rows {
		if len(opt.Levels) > 0 {
			for l := range d.rows[i].ai {
				if !slices.Contains(opt.Levels, l) {
					delete(d.rows[i].ai, l)
				}
			}
		}
		if r := d.rows[i]; r.placed() && r.run.Threads == threads {
			d.drawn = append(d.drawn, r)
		}
	}
	var err error
	if d.roofs, err = chooseRoofs(res, d.ofThreads(threads), threads, opt.Levels); err != nil {
		return nil, fmt.Errorf("draw roofline: %w", err)
	}
	d.notes = d.collectNotes()
	d.footer = wrapPixels(d.notes, footerSize, Width-2*24, 4)
	d.frame = fitFrame(d.roofs, d.drawn, frameLeft, frameTop, frameRight, float64(Height-96-len(d.footer)*footerLine))
	d.placer = placer{frame: d.frame}
	d.compose()
	return &Chart{d.scene}, nil
}

// compose draws from back to front. Texts that have little choice of place come before those that have more.
func (d *drawing) compose() {
	d.drawRegions()
	d.drawGrid()
	d.drawRoofs()
	d.drawTrails()
	d.drawArrows()
	d.reserveMarkers()
	d.labelRoofs()
	d.drawMarkers()
	d.labelArrows()
	d.labelLevels()
	d.labelRegions()
	d.drawAxes()
	d.drawHeading()
	d.drawPanel()
	d.drawFooter()
}

func (d *drawing) ofThreads(n int) (out []row) {
	for _, r := range d.rows {
		if r.run.Threads == n {
			out = append(out, r)
		}
	}
	return out
}

// usualThreads is the thread count of most runs; without runs the lowest that has ceilings.
func usualThreads(res *roofline.Result) int {
	count, best := map[int]int{}, 0
	for _, r := range res.Runs {
		count[r.Threads]++
		if n := count[r.Threads]; n > count[best] || n == count[best] && r.Threads < best {
			best = r.Threads
		}
	}
	if len(res.Runs) > 0 {
		return best
	}
	for _, c := range res.Ceilings {
		if drawable(c) && (best == 0 || c.Threads < best) {
			best = c.Threads
		}
	}
	return best
}
