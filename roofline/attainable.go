package roofline

import (
	"math"
	"slices"
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

// mix is what the loop of a bandwidth ceiling does.
type mix struct {
	op      string
	written float64 // share of the lines that it moves which it writes back
	moved   float64 // bytes that cross the boundary of a cache for each that it asks for
}

// mixes are those that a run may have, by the share that they write back. A line is read before it is stored to, and written back later: a copy
// asks for two arrays and moves three, a triad asks for three and moves four.
var mixes = []mix{{"load", 0, 1}, {"triad", 1. / 4, 4. / 3}, {"copy", 1. / 3, 3. / 2}, {"store", 1. / 2, 2}}

// stream is the ceiling, by its mix of loads and stores, that r is held against at a level. What a foreign function does is not known
// from its name, but was counted. In L1 only one that loads or stores nothing else, but for a hundredth, has a ceiling of its own;
// beyond, the one that writes back as large a share of its lines as r, or the next larger one, of which inLines takes a part.
func (r Run) stream(level string) (op string, known bool) {
	if !r.foreign() {
		op, known = streams[r.Kernel]
		return op, known
	}
	written, ok := r.written(level)
	switch {
	case !ok:
		return "", false
	case written <= 0.01:
		return "load", true
	case level == "L1" && written >= 0.99:
		return "store", true
	case level == "L1" || level == "DRAM":
		return "", false
	}
	for _, m := range mixes {
		if written <= m.written+0.01 {
			return m.op, true
		}
	}
	return "store", true
}

// written is the share of the bytes of a level that goes away from the core, where both directions were counted.
func (r Run) written(level string) (share float64, ok bool) {
	all, ok := r.Count(Bytes(level))
	read, counted := r.Count(reads[level])
	if !ok || !counted || all.Value <= 0 || all.Source != read.Source {
		return 0, false
	}
	return 1 - read.Value/all.Value, true
}

// reads are the parts of the levels' bytes that go towards the core.
var reads = map[string]perf.Quantity{"L1": perf.BytesLoaded, "L2": perf.BytesL2Fill, "L3": perf.BytesL3Fill, "DRAM": perf.BytesDRAMRead}

// streams says whether r's mix of loads and stores at a level is known, so that it is held against a ceiling of just that mix.
func (r Run) streams(level string) bool { _, known := r.stream(level); return known }

// foreign says that r is of a function of which only the signature is known.
func (r Run) foreign() bool { return r.Object != nil && r.Object.As == "" }

// inLines is the ceiling, one of those given, as it holds for r. Ceilings count the bytes that their loop asks for. Where r's bytes were
// seen as lines that cross a boundary, and r is such a loop itself, the ceiling counts lines, too. Not of DRAM: the stores of its
// ceilings may be non-temporal, which read nothing first. A foreign function that writes less back than the loop, and more than that of
// the mix before it, takes as long as a part of each: nearly all of one that hardly writes are loads.
func (r Run) inLines(c Ceiling, ceilings []Ceiling) Ceiling {
	i := slices.IndexFunc(mixes, func(m mix) bool { return m.op == c.Op })
	if op, _ := r.stream(c.Level); i <= 0 || op != c.Op || c.Level != "L2" && c.Level != "L3" {
		return c
	}
	if bytes, ok := r.Count(Bytes(c.Level)); !ok || bytes.Quality == perf.Analytic {
		return c
	}
	c.Value, c.InLines = c.Value.Scale(mixes[i].moved), true
	if !r.foreign() {
		return c
	}
	written, _ := r.written(c.Level)
	before := mixes[i-1]
	part := min((written-before.written)/(mixes[i].written-before.written), 1)
	for _, b := range ceilings {
		if b.Kind == c.Kind && b.Op == before.op && b.Level == c.Level && b.Threads == c.Threads && usable(b) {
			seconds := part + (1-part)*c.Value.Median/(b.Value.Median*before.moved) // relative to those of c
			c.Value = c.Value.Scale(1 / seconds)
		}
	}
	return c
}

// BoundCeiling is the ceiling that binds r, as BandwidthRoof gives it.
func (r Run) BoundCeiling(ceilings []Ceiling) (Ceiling, bool) {
	for _, c := range ceilings {
		if r.Bound != nil && c.ID == r.Bound.By && c.Threads == r.Threads && usable(c) {
			return r.inLines(c, ceilings), true
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
		c = r.inLines(c, ceilings)
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
