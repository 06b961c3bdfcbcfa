package report

import (
	"encoding/json"
	"html/template"
	"math"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// document is the data of a report, as the page carries it for download. A report of one measurement carries its result
// document alone.
type document struct {
	Schema  string          `json:"schema"`
	Results []documentEntry `json:"results"`
}

type documentEntry struct {
	Label  string           `json:"label"`
	Result *roofline.Result `json:"result"`
}

// dataOf is JSON in which <, > and & are escaped, so that it can stand in a script element.
func dataOf(s *story) (template.JS, error) {
	d := document{Schema: "roofline/report/v1"}
	for _, e := range s.entries {
		d.Results = append(d.Results, documentEntry{e.Label, e.Record.Result})
	}
	b, err := json.Marshal(d)
	return template.JS(b), err
}

// view is what the script draws. Numbers of runs are not repeated here: From says where in the data they stand.
type view struct {
	Levels   []string          `json:"levels"`
	Threads  int               `json:"threads"` // shown first
	Lines    map[int][]line    `json:"lines"`   // by thread count
	Points   []point           `json:"points"`
	Arrows   []arrow           `json:"arrows"`
	Bounds   map[string]string `json:"bounds"` // ceilings in words
	Machine  string            `json:"machine"`
	Ceilings int               `json:"ceilings"` // entry whose ceilings the lines are of
}

// line is a roof.
type line struct {
	Level    string   `json:"level,omitempty"`
	Main     bool     `json:"main,omitempty"`
	Label    string   `json:"label"`
	Families []string `json:"families,omitempty"`
	IDs      []string `json:"ids"`
	Value    float64  `json:"v"`
	Lo       float64  `json:"lo,omitempty"`
	Hi       float64  `json:"hi,omitempty"`
	N        int      `json:"n"`
	Theory   float64  `json:"theory,omitempty"`
}

// point is a run, current or past.
type point struct {
	From       place   `json:"from"`
	Name       string  `json:"name"`
	Family     string  `json:"family"`
	Level      string  `json:"level"`
	Bound      string  `json:"bound"`
	By         string  `json:"by,omitempty"`
	Attainable float64 `json:"attainable,omitempty"`
	Fraction   float64 `json:"fraction,omitempty"`
	Provenance string  `json:"provenance"`
	Above      bool    `json:"above,omitempty"`
	Past       string  `json:"past,omitempty"` // label of its entry, if it is a past one
	Run        int     `json:"run"`            // row of the tables; −1 for a past one
}

// arrow leads from a past point to a later one.
type arrow struct {
	From    int    `json:"from"`
	To      int    `json:"to"`
	Text    string `json:"text"`
	Outcome string `json:"outcome"`
}

func viewOf(s *story, marks []plots.Mark) (template.JS, error) {
	v := view{Levels: roofline.Levels, Threads: plots.UsualThreads(s.current), Lines: map[int][]line{}, Bounds: map[string]string{},
		Machine: s.current.Machine.CPU.Name, Points: []point{}, Arrows: []arrow{}, Ceilings: len(s.entries) - 1}
	counts := map[int]bool{v.Threads: true}
	for _, r := range s.current.Runs {
		counts[r.Threads] = true
	}
	for _, c := range s.current.Ceilings {
		counts[c.Threads] = true
		v.Bounds[c.ID] = roofline.BoundName(c.ID)
	}
	for n := range counts {
		if lines, err := plots.Lines(s.current, n); err == nil {
			v.Lines[n] = linesOf(lines)
		}
	}
	for i, r := range s.current.Runs {
		v.Points = append(v.Points, pointOf(r, marks[i], s.from[i], i))
	}
	s.past(&v)
	b, err := json.Marshal(v)
	return template.JS(b), err
}

func linesOf(lines []plots.Line) (out []line) {
	for _, l := range lines {
		j := line{Level: l.Level, Main: l.Main, Label: l.Label, Families: l.Families, IDs: l.IDs, Value: l.Value.Median, N: l.Value.N, Theory: l.Theory}
		if l.Value.Known() {
			j.Lo, j.Hi = l.Value.Lo, l.Value.Hi
		}
		out = append(out, j)
	}
	return out
}

func pointOf(r roofline.Run, m plots.Mark, from place, run int) point {
	p := point{From: from, Name: m.Name, Family: m.Family, Level: m.Level, Bound: m.Bound, Provenance: m.Provenance, Above: m.Above, Run: run}
	if b := r.Bound; b != nil && !math.IsNaN(b.Fraction) {
		p.By, p.Attainable, p.Fraction = b.By, b.Attainable, b.Fraction
	}
	return p
}

// past adds the runs before the current ones, with the ways between them.
func (s *story) past(v *view) {
	if s.pair != nil {
		s.pastPair(v)
		return
	}
	const most = 12 // steps of a kernel: the first and the latest
	for _, t := range s.steps {
		steps := t.Steps
		if len(steps) > most {
			steps = append(steps[:1:1], steps[len(steps)-most+1:]...)
		}
		to := s.pointOf(v, s.place(steps[len(steps)-1]))
		if to < 0 {
			continue
		}
		before := -1
		for i, step := range steps {
			at := to
			if i < len(steps)-1 {
				if step.Host.Fingerprint != s.current.Machine.Fingerprint {
					continue
				}
				at = s.addPast(v, s.place(step), step.Run)
			}
			if before >= 0 {
				a := arrow{From: before, To: at, Outcome: "inconclusive"}
				if step.Previous != nil {
					a.Text, a.Outcome = gain(step.Previous.Time.Speedup.Median), outcomeClass(step.Previous)
				}
				v.Arrows = append(v.Arrows, a)
			}
			before = at
		}
	}
}

func (s *story) pastPair(v *view) {
	for _, c := range s.pair.Comparisons {
		to := -1
		for i, r := range s.current.Runs {
			if r.ID() == c.New.Run.ID() {
				to = i
			}
		}
		from := place{0, -1}
		for i, r := range s.entries[0].Record.Result.Runs {
			if r.ID() == c.Base.Run.ID() {
				from.Run = i
			}
		}
		if to < 0 || from.Run < 0 {
			continue
		}
		at := s.addPast(v, from, c.Base.Run)
		text := gain(c.Time.Speedup.Median)
		if sp := c.Time.Speedup; sp.Known() && text != "" {
			text += " [" + relative(sp.Lo-1) + ", " + relative(sp.Hi-1) + "]"
		}
		v.Arrows = append(v.Arrows, arrow{at, to, text, outcomeClass(&c)})
	}
}

// gain words a speed-up: "+12.4 %", from twice as fast on "2.1×".
func gain(speedup float64) string {
	switch {
	case !(speedup > 0):
		return ""
	case speedup >= 2:
		return plots.Significant(speedup, 2) + "×"
	}
	return relative(speedup - 1)
}

// pointOf is the index of the point of a run, −1 when it has none.
func (s *story) pointOf(v *view, at place) int {
	for i, p := range v.Points {
		if p.From == at {
			return i
		}
	}
	return -1
}

// addPast adds a past run as a point under the current roofs and returns its index.
func (s *story) addPast(v *view, at place, run roofline.Run) int {
	roofline.Place(&run, s.current.Ceilings)
	one := &roofline.Result{Ceilings: s.current.Ceilings, Runs: []roofline.Run{run}}
	p := pointOf(run, plots.Marks(one)[0], at, -1)
	p.Past = s.entries[at.Entry].Label
	v.Points = append(v.Points, p)
	return len(v.Points) - 1
}
