package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Significance is the chance of a false discovery that a comparison of however many kernels accepts.
const Significance = 0.05

// Comparison is one kernel or command, base against new.
type Comparison struct {
	ID       string           `json:"id"`
	Base     Side             `json:"base"`
	New      Side             `json:"new"`
	Time     stats.Comparison `json:"time"`
	Clock    Clock            `json:"clock"`           // that Time is of
	Looks    int              `json:"looks"`           // how often the pairs might have been judged while they were taken
	Adjusted float64          `json:"p_adjusted"`      // Time.P, adjusted for the looks and for all comparisons of the report
	Floor    float64          `json:"floor"`           // the noise floor it is held against; 0: none is known
	Alone    float64          `json:"alone,omitempty"` // what processes may differ by where a side is a single one; 0 where both were repeated
	Metrics  []Metric         `json:"metrics"`
	Verdict  Verdict          `json:"verdict"`

	busy string // that the machine was; "" when it was not
}

// Report is a set of comparisons made together.
type Report struct {
	Comparisons []Comparison   `json:"comparisons"`
	GeoMean     stats.Estimate `json:"geomean"` // of the speed-ups; meaningful for more than one
	Unmatched   []string       `json:"unmatched,omitempty"`
	Lost        []string       `json:"lost,omitempty"`     // of the base, and nothing in new to compare it with
	Machines    string         `json:"machines,omitempty"` // why the times are not comparable: they are of different machines
	Warnings    []string       `json:"warnings,omitempty"`
	Gate        *Judgement     `json:"gate,omitempty"` // where it was asked for
}

// Pair is what is to be compared.
type Pair struct {
	ID        string
	Base, New Side
	Looks     int // how often the pairs may be judged while they are taken, by an Effort; 0 is 1
}

// Compare compares the pairs and judges each against the noise floor, the relative difference that identical code may
// show (0: not known). Sides with as many processes each are taken as interleaved pairs.
func Compare(pairs []Pair, floor float64) *Report {
	r := &Report{}
	var times []stats.Comparison
	var p []float64
	for _, pair := range pairs {
		c := pair.compare(floor)
		times, p = append(times, c.Time), append(p, min(1, float64(c.Looks)*c.Time.P))
		r.Comparisons = append(r.Comparisons, c)
	}
	for i, adjusted := range stats.Holm(p) {
		r.Comparisons[i].conclude(adjusted)
	}
	r.GeoMean = stats.GeoMean(times)
	r.warn()
	return r
}

// Judge is the comparison of one pair as it stands, as one of so many that are made together.
func Judge(pair Pair, floor float64, among int) Comparison {
	c := pair.compare(floor)
	c.conclude(min(1, float64(c.Looks*max(among, 1))*c.Time.P))
	return c
}

// compare makes all of a comparison but its conclusion.
func (p Pair) compare(floor float64) Comparison {
	c := Comparison{ID: p.ID, Base: p.Base, New: p.New, Floor: floor, Alone: p.alone(), Clock: p.clock(), Looks: max(p.Looks, 1)}
	c.busy = p.busyNote(c.Clock)
	base, new := p.Base.samples(c.Clock), p.New.samples(c.Clock)
	if n := len(p.Base.Times); n > 0 && n == len(p.New.Times) {
		c.Time = stats.ComparePairs(base, new, c.Looks)
	} else {
		c.Time = stats.Compare(base, new)
	}
	c.Metrics = metrics(p.Base, p.New, c.Clock)
	return c
}

// Samples are the times that were compared, in seconds.
func (c *Comparison) Samples() (base, new []float64) {
	return c.Base.samples(c.Clock), c.New.samples(c.Clock)
}

// conclude judges with the adjusted p; NaN says that no test could be made: no evidence.
func (c *Comparison) conclude(adjusted float64) {
	if c.Adjusted = adjusted; math.IsNaN(adjusted) {
		c.Adjusted = 1
	}
	c.Verdict = c.judge()
}

// warn says once what limits all of the comparisons.
func (r *Report) warn() {
	single, unknown, what := false, false, "KERNEL"
	for _, c := range r.Comparisons {
		if c.Base.Run.Kernel == "" {
			what = "-- CMD"
		}
		single = single || c.Alone > 0
		unknown = unknown || c.Floor == 0
	}
	for _, c := range r.Comparisons {
		if c.busy != "" {
			r.Warnings = append(r.Warnings, c.busy)
			break
		}
	}
	if single {
		r.Warnings = append(r.Warnings, "the stored results are of one process each, which says nothing of how much processes differ; "+
			"compare live for a verdict that includes it: roofline compare KERNEL-A KERNEL-B")
	}
	if unknown {
		r.Warnings = append(r.Warnings, "no noise floor of this machine is known, so small differences may be noise: roofline compare --aa "+what+" measures it")
	}
}

// Match pairs the runs of two results by kernel, type, shape or arguments, and threads; the variants may differ where only one pair is
// possible. What stands alone is named.
func Match(base, new []Side) (pairs []Pair, unmatched []string) {
	same := func(a, b roofline.Run) bool {
		return a.Kernel == b.Kernel && a.DType == b.DType && a.Shape == b.Shape && a.Threads == b.Threads && a.Arguments() == b.Arguments()
	}
	matched, used := map[int]int{}, map[int]bool{}
	for i, b := range base {
		for j, n := range new {
			if !used[j] && same(b.Run, n.Run) && b.Run.Variant == n.Run.Variant {
				matched[i], used[j] = j, true
				break
			}
		}
	}
	free := func(sides []Side, of roofline.Run, taken func(int) bool) (list []int) {
		for i, s := range sides {
			if !taken(i) && same(s.Run, of) {
				list = append(list, i)
			}
		}
		return list
	}
	isMatched := func(i int) bool { _, done := matched[i]; return done }
	for _, b := range base {
		left, right := free(base, b.Run, isMatched), free(new, b.Run, func(j int) bool { return used[j] })
		if len(left) == 1 && len(right) == 1 {
			matched[left[0]], used[right[0]] = right[0], true
		}
	}
	var gone, added []string
	for i, b := range base {
		j, ok := matched[i]
		if !ok {
			gone = append(gone, b.Run.ID())
			continue
		}
		id := b.Run.ID()
		if n := new[j].Run; n.Variant != b.Run.Variant {
			id = fmt.Sprintf("%s → %s", id, n.Variant)
		}
		pairs = append(pairs, Pair{ID: id, Base: b, New: new[j]})
	}
	for j, n := range new {
		if !used[j] {
			added = append(added, n.Run.ID())
		}
	}
	if len(gone) > 0 {
		unmatched = append(unmatched, fmt.Sprintf("only in %s: %s", base[0].Label, strings.Join(gone, ", ")))
	}
	if len(added) > 0 {
		unmatched = append(unmatched, fmt.Sprintf("only in %s: %s", new[0].Label, strings.Join(added, ", ")))
	}
	return pairs, unmatched
}

// change is the relative change of the time that a speed-up stands for: −0.04 is 4 % less time.
func change(speedup float64) float64 { return 1/speedup - 1 }

// beyond says whether a speed-up differs from 1 by more than the floor, in either direction.
func beyond(speedup, floor float64) bool { return math.Abs(math.Log(speedup)) > math.Log1p(floor) }

// Lost names the sides of the base that are in none of the pairs.
func Lost(base []Side, pairs []Pair) (list []string) {
	found := map[string]bool{}
	for _, p := range pairs {
		found[p.Base.Run.ID()] = true
	}
	for _, s := range base {
		if id := s.Run.ID(); !found[id] {
			list = append(list, id)
		}
	}
	return list
}
