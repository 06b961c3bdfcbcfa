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
var moved = map[string]float64{"store": 2, "copy": 3. / 2, "triad": 4. / 3}

// stream is the ceiling, by its mix of loads and stores, that r is held against at a level. What a foreign function does is not known
// from its name, but was counted. In L1 only one that loads or stores nothing else, but for a hundredth, has a ceiling of its own;
// beyond, the one that writes back as large a share of its lines as r, or the next larger one: it certainly cannot move more.
func (r Run) stream(level string) (mix string, known bool) {
	if !r.foreign() {
		mix, known = streams[r.Kernel]
		return mix, known
	}
	all, ok := r.Count(Bytes(level))
	read, counted := r.Count(reads[level])
	if !ok || !counted || all.Value <= 0 || all.Source != read.Source {
		return "", false
	}
	written := 1 - read.Value/all.Value
	switch {
	case written <= 0.01:
		return "load", true
	case level == "L1" && written >= 0.99:
		return "store", true
	case level == "L1" || level == "DRAM":
		return "", false
	case written <= 0.26: // of four lines that a triad moves one is written, of three of a copy, of two that are only stored to
		return "triad", true
	case written <= 0.34:
		return "copy", true
	}
	return "store", true
}

// reads are the parts of the levels' bytes that go towards the core.
var reads = map[string]perf.Quantity{"L1": perf.BytesLoaded, "L2": perf.BytesL2Fill, "L3": perf.BytesL3Fill, "DRAM": perf.BytesDRAMRead}

// streams says whether r's mix of loads and stores at a level is known, so that it is held against a ceiling of just that mix.
func (r Run) streams(level string) bool { _, known := r.stream(level); return known }

// foreign says that r is of a function of which only the signature is known.
func (r Run) foreign() bool { return r.Object != nil && r.Object.As == "" }

// inLines is the ceiling as it holds for r. Ceilings count the bytes that their loop asks for. Where r's bytes were seen as lines
// that cross a boundary, and r is such a loop itself, the ceiling counts lines, too. Not of DRAM: the stores of its ceilings may be
// non-temporal, which read nothing first.
func (r Run) inLines(c Ceiling) Ceiling {
	factor := moved[c.Op]
	if mix, _ := r.stream(c.Level); factor == 0 || mix != c.Op || c.Level != "L2" && c.Level != "L3" {
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
	mix, known := r.stream(level)
	matched := false
	for _, c := range ceilings {
		if c.Kind != "bandwidth" || c.Level != level || c.Threads != r.Threads || !usable(c) {
			continue
		}
		c = r.inLines(c)
		match := known && (c.Op == mix || strings.HasPrefix(c.Op, mix+"_") || strings.HasPrefix(c.Op, mix+"-"))
		if matched && !match || !match && strings.Contains(c.Op, "store") {
			continue // a kernel that only stores is no kernel of ours
		}
		if match && !matched || !ok || c.Value.Median > best.Value.Median {
			best, ok, matched = c, true, match
		}
	}
	return best, ok
}

// usable says whether the ceiling has a value to compare with.
func usable(c Ceiling) bool { return c.Value.Median > 0 && !math.IsInf(c.Value.Median, 0) }
