package report

import (
	"math"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// point is a run, current or past.
type point struct {
	Name       string      `json:"name"`
	ID         string      `json:"id"`
	Kernel     int         `json:"kernel"` // a word
	ISA        int         `json:"isa"`    // a word
	Threads    int         `json:"threads"`
	Family     string      `json:"family"`
	Level      string      `json:"level"`
	Bound      string      `json:"bound"`
	By         string      `json:"by,omitempty"`
	Roof       int         `json:"roof"` // −1: not known
	Attainable short       `json:"attainable,omitempty"`
	Fraction   short       `json:"fraction,omitempty"`
	Provenance string      `json:"provenance"`
	Above      bool        `json:"above,omitempty"`
	Past       string      `json:"past,omitempty"` // label of its entry, if it is a past one
	Run        int         `json:"run"`            // row of the tables; −1 for a past one
	Time       [4]short    `json:"time"`           // median, its interval (0: none), number of samples
	Rate       short       `json:"rate,omitempty"`
	Unit       string      `json:"unit,omitempty"` // of the rate, where it is not FLOP/s
	Counts     [][]tallied `json:"counts"`         // FLOPs, then the bytes of each level
}

// tallied is a count from one source: its value (null: missing), and as words the source, and how good it is or why it is
// missing.
type tallied [3]any

func (v *view) pointOf(ceilings []roofline.Ceiling, r roofline.Run, m plots.Mark, run int) point {
	p := point{Name: m.Name, ID: r.ID(), Kernel: v.word(r.Kernel), ISA: v.word(r.ISA), Threads: r.Threads, Family: m.Family, Level: m.Level,
		Bound: m.Bound, Roof: -1, Provenance: m.Provenance, Above: m.Above, Run: run}
	if b := r.Bound; b != nil && !math.IsNaN(b.Fraction) {
		p.By, p.Attainable, p.Fraction = b.By, short(b.Attainable), short(b.Fraction)
		p.Roof = v.roof(ceilings, r)
	}
	p.Time = [4]short{short(r.Time.Median), 0, 0, short(r.Time.N)}
	if r.Time.Known() {
		p.Time[1], p.Time[2] = short(r.Time.Lo), short(r.Time.Hi)
	}
	rate, unit := r.Rate()
	if rate.Median > 0 && !math.IsInf(rate.Median, 0) {
		p.Rate = short(rate.Median)
	}
	if unit != "FLOP/s" {
		p.Unit = unit
	}
	p.Counts = append(p.Counts, v.tally(r.Counts[perf.FLOPs]))
	for _, level := range v.Levels {
		p.Counts = append(p.Counts, v.tally(r.Counts[roofline.Bytes(level)]))
	}
	return p
}

func (v *view) tally(counts []perf.Count) []tallied {
	list := []tallied{}
	for _, c := range counts {
		if c.Quality == perf.Missing {
			list = append(list, tallied{nil, v.word(string(c.Source)), v.word(c.Reason)})
			continue
		}
		list = append(list, tallied{short(c.Value), v.word(string(c.Source)), v.word(sourceText(c))})
	}
	return list
}
