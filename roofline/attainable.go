package roofline

import (
	"math"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// Attainable is the roofline itself: the performance that a compute ceiling (FLOP/s) and a bandwidth ceiling (B/s) allow at
// an arithmetic intensity (FLOP/byte). Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009.
func Attainable(ai, compute, bandwidth float64) float64 { return math.Min(compute, ai*bandwidth) }

// streams tells the bandwidth ceiling with the same mix of loads and stores as a kernel that touches each of its bytes
// once. Kernels that are not listed reuse their operands, so that their mix is not known from the shape: for them the
// fastest ceiling of the level that loads counts, which is the one they certainly cannot exceed.
var streams = map[string]string{
	"copy":   "copy",
	"triad":  "triad",
	"dot":    "load",
	"gemv":   "load",
	"decode": "load",
}

// moved tells how many bytes cross the boundary of a cache for each that the loop of a bandwidth ceiling asks for. A line is read
// before it is stored to, and written back later: a copy asks for two arrays and moves three, a triad asks for three and moves four.
var moved = map[string]float64{"copy": 3. / 2, "triad": 4. / 3}

// inLines is the ceiling as it holds for r. Ceilings count the bytes that their loop asks for. Where r's bytes were seen as lines
// that cross a boundary, and r is such a loop itself, the ceiling counts lines, too. Not of DRAM: the stores of its ceilings may be
// non-temporal, which read nothing first.
func (r Run) inLines(c Ceiling) Ceiling {
	factor := moved[c.Op]
	if factor == 0 || streams[r.Kernel] != c.Op || c.Level != "L2" && c.Level != "L3" {
		return c
	}
	if bytes, ok := r.Count(Bytes(c.Level)); ok && bytes.Quality != perf.Analytic {
		c.Value, c.InLines = c.Value.Scale(factor), true
	}
	return c
}

// BoundCeiling is the ceiling that binds r, as BandwidthRoof gives it.
func (r Run) BoundCeiling(ceilings []Ceiling) (Ceiling, bool) {
	for _, c := range ceilings {
		if r.Bound != nil && c.ID == r.Bound.By && c.Threads == r.Threads && usable(c) {
			return r.inLines(c), true
		}
	}
	return Ceiling{}, false
}

// ComputeRoof picks the compute ceiling of r: the one its kernel names, or where it names none the highest of its data
// type; for r's thread count in either case. Mixes of FMA and ADD count only where a kernel names them: products and sums
// come in pairs in the kernels of this field.
func (r Run) ComputeRoof(ceilings []Ceiling) (best Ceiling, ok bool) {
	for _, c := range ceilings {
		if c.Kind != "compute" || c.Threads != r.Threads || !usable(c) {
			continue
		}
		if r.Roof != "" && c.ID != r.Roof || r.Roof == "" && (c.DType != r.DType || c.Op == "fmaadd") {
			continue
		}
		if !ok || c.Value.Median > best.Value.Median {
			best, ok = c, true
		}
	}
	return best, ok
}

// BandwidthRoof picks the bandwidth ceiling of r at a level, for r's thread count: that of r's own mix of loads and stores
// (its non-temporal form included), in lines where its bytes are, else the fastest one.
func (r Run) BandwidthRoof(ceilings []Ceiling, level string) (best Ceiling, ok bool) {
	mix, known := streams[r.Kernel]
	matched := false
	for _, c := range ceilings {
		if c.Kind != "bandwidth" || c.Level != level || c.Threads != r.Threads || !usable(c) {
			continue
		}
		match := known && (c.Op == mix || strings.HasPrefix(c.Op, mix+"_") || strings.HasPrefix(c.Op, mix+"-"))
		if matched && !match || !match && strings.Contains(c.Op, "store") {
			continue // a kernel that only stores is no kernel of ours
		}
		if match && !matched || !ok || c.Value.Median > best.Value.Median {
			best, ok, matched = c, true, match
		}
	}
	return r.inLines(best), ok
}

// usable says whether the ceiling has a value to compare with.
func usable(c Ceiling) bool { return c.Value.Median > 0 && !math.IsInf(c.Value.Median, 0) }
