package roofline

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Levels are the levels of the hierarchy, innermost first; bytes.X of perf is the traffic that level X serves.
var Levels = []string{"L1", "L2", "L3", "DRAM"}

// Bytes returns the quantity that counts the traffic of a level, e.g. bytes.L2.
func Bytes(level string) perf.Quantity { return perf.Quantity("bytes." + level) }

// ID names the run within its result, e.g. "matmul/avx512/f32 512x512x512", and with " t4" where 4 threads ran. What a function of a
// shared object was called with takes the place of a shape: "f/libk.so/f64 (f64[1000], i64=1000)".
func (r Run) ID() string {
	id := fmt.Sprintf("%s/%s/%s", r.Kernel, r.Variant, r.DType)
	if size := r.Shape.String(); size != "" {
		id += " " + size
	}
	if args := r.Arguments(); args != "" {
		id += " (" + args + ")"
	}
	if r.Threads > 1 {
		id += fmt.Sprintf(" t%d", r.Threads)
	}
	return id
}

// Arguments are what a function of a shared object was called with, where no name of a signature says it, however they were typed:
// "f64[1000], i64=1000"; else "".
func (r Run) Arguments() string {
	if r.Object == nil || r.Object.Signature == "" {
		return ""
	}
	list := strings.Split(r.Object.Signature, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return strings.Join(list, ", ")
}

// Count returns the count that the points use: the first of q's list. It is not ok when there is none or it is missing.
func (r Run) Count(q perf.Quantity) (c perf.Count, ok bool) {
	if list := r.Counts[q]; len(list) > 0 && list[0].Quality != perf.Missing {
		return list[0], true
	}
	return perf.Count{}, false
}

// FLOPs per call, 0 when the kernel has none or they were not counted.
func (r Run) FLOPs() float64 {
	c, _ := r.Count(perf.FLOPs)
	return c.Value
}

// Perf is the performance in FLOP/s or OP/s (see Operation), with its interval; all zero for a kernel without FLOPs.
func (r Run) Perf() stats.Estimate {
	return r.rate(r.FLOPs())
}

// BytesPerS is the rate of the traffic of a level, with its interval; all zero when its bytes are not known.
func (r Run) BytesPerS(level string) stats.Estimate {
	c, _ := r.Count(Bytes(level))
	return r.rate(c.Value)
}

// Rate is the performance of the run and its unit: FLOP/s or OP/s, or for a kernel without FLOPs B/s of Traffic's level.
func (r Run) Rate() (stats.Estimate, string) {
	if r.FLOPs() == 0 && r.Traffic != nil {
		return r.BytesPerS(r.Traffic.Level), "B/s"
	}
	return r.Perf(), r.Operation() + "/s"
}

func (r Run) rate(work float64) stats.Estimate {
	if work == 0 {
		return stats.Estimate{N: r.Time.N}
	}
	return r.Time.Over(work)
}

// MarshalJSON writes empty lists as [] and no counts as {}, never as null.
func (r Run) MarshalJSON() ([]byte, error) {
	type plain Run // without this method
	r.Points = list(r.Points)
	if r.Counts == nil {
		r.Counts = map[perf.Quantity][]perf.Count{}
	}
	return json.Marshal(plain(r))
}
