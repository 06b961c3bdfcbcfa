package doctor

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/known"
)

// Largest errors of a verified counter, by what it counts; docs/doctor.md says why.
const (
	withinRetired = 0.001 // instructions, operations, loads, stores: counted when they retire
	withinCycles  = 0.01
	withinDRAM    = 0.02
	withinLines   = 0.05 // lines between caches
	mostOthers    = 0.25 // share of others beyond which nothing can be told
)

func tolerance(q perf.Quantity) float64 {
	switch {
	case q == perf.Cycles:
		return withinCycles
	case strings.HasPrefix(string(q), string(perf.BytesDRAM)):
		return withinDRAM
	case q == perf.BytesL2, q == perf.BytesL3, strings.HasPrefix(string(q), "misses."):
		return withinLines
	}
	return withinRetired
}

// finding is one kernel's evidence about one counter.
type finding struct {
	kernel  *known.Kernel
	expect  known.Expect
	raw     float64 // as counted
	counted float64 // others' share taken off
	others  float64 // their share
	err     float64
}

// judge turns observations of one source into verdicts: one for each quantity and, of FLOPs, each type of operations that is
// judged apart. Counts name their source themselves: one run may give instrumented and simulated ones.
func judge(asked perf.SourceName, seen []observation) (verdicts []perf.Verdict) {
	type key struct {
		source perf.SourceName
		q      perf.Quantity
		on     string
	}
	found := map[key][]finding{}
	absent, lost := map[key]string{}, map[key]string{} // why it is missing; why it is under work of its kind
	noise := background(seen)
	for _, o := range seen {
		for q, e := range o.kernel.Expected() {
			c, ok := o.counts[q]
			if !ok {
				continue
			}
			k := key{cmp.Or(c.Source, asked), q, perf.JudgedOn(q, o.kernel.DType)}
			if c.Quality == perf.Missing {
				absent[k] = c.Reason
				if e.Lo > 0 {
					lost[k] = c.Reason
				}
				continue
			}
			f := finding{kernel: o.kernel, expect: e, raw: c.Value, counted: c.Value}
			if rate, ok := noise[q]; ok && c.Value > 0 && c.Value > e.Lo*(1-tolerance(q)) { // others can only add
				theirs := min(rate*o.call.Seconds(), c.Value)
				f.others = theirs / c.Value
				f.counted -= theirs
			}
			f.err = e.Error(f.counted)
			found[k] = append(found[k], f)
		}
	}
	for k, why := range absent {
		if _, counted := found[k]; !counted && slices.Contains(perf.Known, k.q) && meantFor(k.source, k.q) {
			verdicts = append(verdicts, perf.Verdict{Source: k.source, Quantity: k.q, On: k.on, Status: perf.NotThere, Within: tolerance(k.q), Text: why})
		}
	}
	for k, list := range found {
		if v, ok := decide(k.q, list, lost[k]); ok {
			v.Source, v.Quantity, v.On, v.Within, v.Kernels = k.source, k.q, k.on, tolerance(k.q), len(list)
			verdicts = append(verdicts, v)
		}
	}
	slices.SortFunc(verdicts, func(a, b perf.Verdict) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(rank(a.Quantity), rank(b.Quantity)),
			cmp.Compare(a.Quantity, b.Quantity), cmp.Compare(a.On, b.On))
	})
	return verdicts
}

// rank is the place of a quantity in tables: the known ones in their order, each followed by its details.
func rank(q perf.Quantity) int {
	if i := slices.Index(perf.Known, q); i >= 0 {
		return 2 * i
	}
	for i, k := range perf.Known {
		if strings.HasPrefix(string(q), string(k)+".") {
			return 2*i + 1
		}
	}
	return 2 * len(perf.Known)
}

// background is the traffic of others per second, seen while a kernel without memory ran.
func background(seen []observation) map[perf.Quantity]float64 {
	rates := map[perf.Quantity]float64{}
	for _, o := range seen {
		if o.kernel.Name != idle {
			continue
		}
		for _, q := range []perf.Quantity{perf.BytesDRAM, perf.BytesDRAMRead, perf.BytesDRAMWrite} {
			if c, ok := o.counts[q]; ok && c.Quality != perf.Missing {
				rates[q] = c.Value / o.call.Seconds()
			}
		}
	}
	return rates
}

// decide judges one counter. It is not ok when the counter was right to count nothing but never had anything to count, and
// nobody would miss it. lost says why it was missing under work of its kind; "" if it was not.
func decide(q perf.Quantity, list []finding, lost string) (v perf.Verdict, ok bool) {
	slices.SortFunc(list, func(a, b finding) int { return cmp.Compare(a.kernel.Name, b.kernel.Name) })
	worst := slices.MaxFunc(list, worse)
	own := slices.DeleteFunc(slices.Clone(list), func(f finding) bool { return f.expect.Lo == 0 }) // work of its kind
	if abs(worst.err) <= tolerance(q) && len(own) > 0 {
		worst = slices.MaxFunc(own, worse)
	}
	v = perf.Verdict{Kernel: worst.kernel.Name, Expected: nearest(worst), Counted: worst.counted, Error: worst.err, Others: worst.others}
	zero := len(own) > 0
	for _, f := range own {
		zero = zero && f.raw == 0
	}
	others := 0.0
	for _, f := range list {
		others = max(others, f.others)
	}
	switch {
	case len(own) == 0 && lost != "":
		v.Status, v.Text = perf.NotThere, lost
	case zero:
		v.Status, v.Text = perf.NotThere, "the event opens but reads 0, even for known work"
	case others > mostOthers:
		v.Status = perf.Undecided
		v.Text = fmt.Sprintf("other processes move %.0f %% of what was counted: repeat on an idle machine", 100*others)
	case abs(worst.err) > tolerance(q):
		v.Status, v.Text = perf.Off, offBy(list, own, worst)
	case len(own) == 0:
		v.Status, v.Text = perf.Undecided, "no kernel of known work has any of it here"
		return v, slices.Contains(perf.Known, q)
	default:
		v.Status = perf.Verified
	}
	return v, true
}

// worse orders findings by error, and equal ones by how much there was to count.
func worse(a, b finding) int {
	return cmp.Or(cmp.Compare(abs(a.err), abs(b.err)), cmp.Compare(a.expect.Hi, b.expect.Hi))
}

// nearest is the bound of the expected range that is nearer to what was counted.
func nearest(f finding) float64 {
	return math.Min(math.Max(f.counted, f.expect.Lo), f.expect.Hi)
}

// offBy says in words how far off a counter is: by one factor, by different ones, or by counting what is not its own.
func offBy(all, own []finding, worst finding) string {
	if worst.expect.Hi == 0 {
		return fmt.Sprintf("counts %.3g under %s, which has none of it", worst.counted, worst.kernel.Name)
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, f := range own {
		lo, hi = math.Min(lo, f.err), math.Max(hi, f.err)
	}
	if hi-lo < 0.01 || len(own) < 2 {
		return "off by " + signed(worst.err)
	}
	return fmt.Sprintf("off by %s (%s)", signed(worst.err), worst.kernel.Name)
}

func abs(x float64) float64 { return math.Abs(x) }

// signed is a relative error in percent.
func signed(x float64) string {
	switch {
	case abs(x) >= 10:
		return fmt.Sprintf("a factor of %.3g", 1+x)
	case abs(x) >= 0.1:
		return fmt.Sprintf("%+.0f %%", 100*x)
	}
	return fmt.Sprintf("%+.2g %%", 100*x)
}
