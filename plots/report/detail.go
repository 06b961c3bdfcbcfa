package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// detail is the section of one kernel.
type detail struct {
	Run      int
	Name     string
	ID       string
	Family   string
	Rate     quantity
	Share    string
	Bar      bar
	Why      string
	Advice   []string
	Command  string // of a run of a command
	Library  string // of a run of another library
	Findings []findingRow
	Warnings []roofline.Warning
	Numbers  []number
	Traffic  []trafficRow
	Gap      *gapView
	Caches   []cacheView
	Idle     string // levels without traffic
	Mix      []mixRow
	Rare     int // classes that the mix leaves out
	Workers  string
	Blocks   []blockRow
	Samples  *samplesView
	Counts   []countRow
	Missing  []string
	Quality  []roofline.Check
}

// details makes a section for as many kernels as a page can hold, those farthest from their roofs where there are more.
func details(s *story, marks []plots.Mark) (list []detail, left int) {
	for i, has := range inDetail(s.current) {
		if has {
			list = append(list, detailOf(s.current, i, marks[i]))
		}
	}
	return list, len(s.current.Runs) - len(list)
}

// inDetail says of each run whether it has a section of its own.
func inDetail(res *roofline.Result) []bool {
	order := make([]int, len(res.Runs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ofRoof(res.Runs[a]), ofRoof(res.Runs[b])) })
	has := make([]bool, len(order))
	for _, i := range order[:min(detailed, len(order))] {
		has[i] = true
	}
	return has
}

// ofRoof is the share of its roof that a run reaches; beyond all of it where the roof is not known.
func ofRoof(r roofline.Run) float64 {
	if r.Bound == nil {
		return math.Inf(1)
	}
	return r.Bound.Fraction
}

func detailOf(res *roofline.Result, i int, mark plots.Mark) detail {
	r := res.Runs[i]
	rate, unit := r.Rate()
	d := detail{Run: i, Name: mark.Name, ID: r.ID(), Family: mark.Family, Rate: quantityOf(rate, unit), Numbers: numbers(r, res.Ceilings),
		Traffic: traffic(r, res.Ceilings), Samples: samples(r.Time), Counts: countRows(r), Missing: missing(r)}
	if rate.Median == 0 {
		d.Rate = quantityOf(r.Time.Estimate, "s")
	}
	if b := r.Bound; b != nil {
		d.Why, d.Share, d.Bar = plots.Sentence(b.Why), plots.Percent(b.Fraction), share(b.Fraction, "of-roof")
		if r.Analysis == nil || len(r.Analysis.Findings) == 0 { // they say more
			for _, a := range b.Advice {
				d.Advice = append(d.Advice, plots.Sentence(a))
			}
		}
	}
	if r.Command != nil {
		d.Command = strings.Join(r.Command.Args, " ")
	}
	if p := r.Peer; p != nil {
		d.Library = strings.TrimSpace(p.Library+" "+p.Version) + ", function " + p.Function
		if p.Kernel != "" {
			d.Library += ", its kernel " + p.Kernel
		}
	}
	for _, w := range res.Warnings {
		if w.About == d.ID {
			d.Warnings = append(d.Warnings, w)
		}
	}
	if a := r.Analysis; a != nil {
		for _, f := range a.Findings {
			d.Findings = append(d.Findings, findingOf(f))
		}
		d.Gap, d.Workers, d.Blocks, d.Quality = gap(a.Gap, r.Operation()), workers(a.Workers), blocks(a.Blocks, r.Operation()), a.Quality
		d.Mix, d.Rare = mix(a.Mix)
		d.Caches, d.Idle = caches(a.Caches)
	}
	return d
}
