package compare

import (
	"math"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Metric is one quantity of both sides. A count is a fact of each call and has no spread: its interval is the value
// itself. What depends on the time has the time's interval.
type Metric struct {
	Name  string         `json:"name"` // flops, bytes.L2, ai.DRAM, roof, peak_rss, allocs, error; cpu of commands
	Unit  string         `json:"unit,omitempty"`
	Base  stats.Estimate `json:"base"`
	New   stats.Estimate `json:"new"`
	Ratio stats.Estimate `json:"ratio"` // new ÷ base; NaN where base is 0 or one of them is not known
	// Why says why a side has no value; empty when both have.
	Why string `json:"why,omitempty"`
	// Declared: both sides have the value that the shape declares, which nobody has counted; it tells nothing of the code.
	Declared bool `json:"declared,omitempty"`
}

// Known says whether both sides have a value.
func (m Metric) Known() bool { return m.Why == "" }

// metrics compares all that is known of both sides beside the time.
func metrics(base, new Side, clock Clock) (list []Metric) {
	if base.Run.Kernel == "" && new.Run.Kernel == "" { // commands: the operating system knows what they used, and no more
		if len(base.CPU) > 0 && len(new.CPU) > 0 {
			list = append(list, spread("cpu", "s", base.CPU, new.CPU))
		}
		return append(list, resident(base, new)...)
	}
	count := func(q perf.Quantity, unit string) {
		b, bw := counted(base.Run, q)
		n, nw := counted(new.Run, q)
		m := metric(string(q), unit, b, n, either(bw, nw))
		m.Declared = declared(base.Run, new.Run, q)
		list = append(list, m)
	}
	operation := base.Run.Operation()
	count(perf.FLOPs, operation)
	for _, level := range roofline.Levels {
		count(roofline.Bytes(level), "B")
	}
	for _, level := range roofline.Levels {
		b, bw := intensity(base.Run, level)
		n, nw := intensity(new.Run, level)
		m := metric("ai."+level, operation+"/B", b, n, either(bw, nw))
		m.Declared = declared(base.Run, new.Run, roofline.Bytes(level))
		list = append(list, m)
	}
	b, bw := ofRoof(base, clock)
	n, nw := ofRoof(new, clock)
	list = append(list, metric("roof", "", b, n, either(bw, nw)))
	list = append(list, resident(base, new)...)
	list = append(list, metric("allocs", "", exactly(base.Run.Memory.AllocsPerCall), exactly(new.Run.Memory.AllocsPerCall), ""))
	if base.Run.Verified.Tolerance > 0 && new.Run.Verified.Tolerance > 0 {
		list = append(list, metric("error", "", exactly(base.Run.Verified.MaxError), exactly(new.Run.Verified.MaxError), ""))
	}
	return list
}

func exactly(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v, Hi: v, N: 1} }

func unknown() stats.Estimate {
	return stats.Estimate{Median: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
}

// metric makes the ratio of two estimates; why is not empty when one of them is not known.
func metric(name, unit string, base, new stats.Estimate, why string) Metric {
	m := Metric{Name: name, Unit: unit, Base: base, New: new, Ratio: unknown(), Why: why}
	if why == "" && base.Median > 0 {
		m.Ratio = stats.Estimate{Median: new.Median / base.Median, Lo: new.Lo / base.Hi, Hi: new.Hi / base.Lo, N: min(base.N, new.N)}
	}
	return m
}

// either joins the reasons why two sides have no value; both may have the same.
func either(base, new string) string {
	switch {
	case base == new || new == "":
		return base
	case base == "":
		return "new: " + new
	}
	return "base: " + base + "; new: " + new
}

// counted is the count that the points use, and why there is none.
func counted(r roofline.Run, q perf.Quantity) (stats.Estimate, string) {
	if c, ok := r.Count(q); ok {
		return exactly(c.Value), ""
	}
	if list := r.Counts[q]; len(list) > 0 {
		return unknown(), list[0].Reason
	}
	return unknown(), "not counted"
}

// declared says whether a quantity is what both runs' shapes declare.
func declared(base, new roofline.Run, q perf.Quantity) bool {
	b, known := base.Count(q)
	n, both := new.Count(q)
	return known && both && b.Source == perf.SourceAnalytic && n.Source == perf.SourceAnalytic
}

func intensity(r roofline.Run, level string) (stats.Estimate, string) {
	for _, p := range r.Points {
		if p.Level == level {
			return exactly(p.AI), ""
		}
	}
	return unknown(), "no point at " + level
}

// ofRoof is the share of the attainable performance, with the interval of the time.
func ofRoof(s Side, clock Clock) (stats.Estimate, string) {
	if s.Run.Bound == nil {
		return unknown(), "not placed"
	}
	times := stats.Summarize(s.samples(clock))
	if math.IsNaN(times.Median) {
		return unknown(), "no samples are kept"
	}
	best := s.Run.Bound.Fraction * s.Run.Time.Median // seconds that the roof allows
	return times.Over(best), ""
}

// resident compares the peak resident sets of processes.
func resident(base, new Side) []Metric {
	why := func(s Side) string {
		if len(s.PeakRSS) > 0 || len(s.Times) == 0 {
			return ""
		}
		return "not above what roofline itself had when it started the process"
	}
	switch {
	case len(base.PeakRSS) > 0 && len(new.PeakRSS) > 0:
		return []Metric{spread("peak_rss", "B", base.PeakRSS, new.PeakRSS)}
	case len(base.Times) == 0 || len(new.Times) == 0: // stored results
		return nil
	}
	m := metric("peak_rss", "B", unknown(), unknown(), either(why(base), why(new)))
	if len(base.PeakRSS) > 0 {
		m.Base = stats.Summarize(base.PeakRSS)
	}
	if len(new.PeakRSS) > 0 {
		m.New = stats.Summarize(new.PeakRSS)
	}
	return []Metric{m}
}

// spread compares what differs from process to process.
func spread(name, unit string, base, new []float64) Metric {
	c := stats.Compare(new, base) // new ÷ base
	return Metric{Name: name, Unit: unit, Base: c.New, New: c.Base, Ratio: c.Speedup}
}
