// Package bench lets a Go benchmark report how close it comes to the machine's roofline:
//
//	func BenchmarkDot(b *testing.B) {
//		x, y := make([]float64, n), make([]float64, n)
//		for b.Loop() {
//			dot(x, y)
//		}
//		bench.Report(b, bench.Work{FLOPs: 2 * n, Bytes: 16 * n, DType: "f64"})
//	}
//
// adds to the line of the benchmark
//
//	GFLOP/s  performance
//	FLOP/B   arithmetic intensity, from the bytes that are declared
//	%roof    share of what the measured ceilings of this machine allow
//	FLOP/op  the declared work, so that a tool that reads the line knows it
//
// The ceilings are those that `roofline ceilings` has measured and stored on this machine. Without them the share of the roof
// is left out, and said once how to get it. The package measures no ceilings itself: a benchmark is no place for it.
package bench

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/bench/metric"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Work is what one operation of a benchmark (one of b.N) must do at least.
type Work struct {
	FLOPs      float64 // floating-point operations
	Bytes      float64 // every input element read once, every output element written once
	DType      string  // f64, f32, f16, bf16 or int8: whose compute ceiling applies; "" is f64
	WorkingSet int64   // bytes of all operands, where that is more than Bytes; it decides which level serves the bytes
	Threads    int     // that share an operation; 0 is 1
}

// known is the machine with its ceilings, looked up once.
var known = sync.OnceValue(func() (m struct {
	machine  roofline.Machine
	ceilings []roofline.Ceiling
	why      string
}) {
	var err error
	if m.machine, _, err = machine.Identify(); err != nil {
		m.why = err.Error()
		return m
	}
	m.ceilings, _ = ceilings.Load(m.machine.Fingerprint)
	return m
})

// Report adds the metrics to a benchmark. Call it after the loop.
func Report(b *testing.B, w Work) {
	report(b, w, b.Elapsed().Seconds()/float64(max(b.N, 1)), os.Stderr)
}

// reporter is what Report needs of a benchmark.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	ReportMetric(n float64, unit string)
}

func report(b reporter, w Work, seconds float64, notes io.Writer) {
	b.Helper()
	if bad := w.check(); bad != "" {
		b.Errorf("bench.Report: %s", bad)
		return
	}
	if !(seconds > 0) {
		return // an empty loop: testing runs it again, longer
	}
	if w.FLOPs > 0 {
		b.ReportMetric(w.FLOPs/seconds/1e9, metric.Perf)
		b.ReportMetric(w.FLOPs, metric.FLOPs)
		if w.Bytes > 0 {
			b.ReportMetric(w.FLOPs/w.Bytes, metric.AI)
		}
	} else {
		b.ReportMetric(w.Bytes/seconds/1e9, metric.Bandwidth)
	}
	if share, ok := w.ofRoof(seconds, notes); ok {
		b.ReportMetric(100*share, metric.Roof)
	}
}

// check says what is wrong with a declaration.
func (w Work) check() string {
	for name, v := range map[string]float64{"FLOPs": w.FLOPs, "Bytes": w.Bytes, "WorkingSet": float64(w.WorkingSet), "Threads": float64(w.Threads)} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Sprintf("%s is %g", name, v)
		}
	}
	if w.FLOPs == 0 && w.Bytes == 0 {
		return "neither FLOPs nor Bytes are declared"
	}
	return ""
}

// once keeps notes from being repeated for every benchmark.
var once sync.Map

func say(w io.Writer, text string) {
	if _, said := once.LoadOrStore(text, true); !said {
		fmt.Fprintln(w, text)
	}
}

// ofRoof places one operation under the ceilings.
func (w Work) ofRoof(seconds float64, notes io.Writer) (share float64, ok bool) {
	m := known()
	if m.why != "" {
		say(notes, "bench: the share of the roof is not known: "+m.why)
		return 0, false
	}
	run := roofline.Run{Kernel: "benchmark", DType: w.DType, Threads: max(w.Threads, 1), Counts: map[perf.Quantity][]perf.Count{}}
	if run.DType == "" {
		run.DType = "f64"
	}
	run.Time = roofline.Timing{Unit: "s", Estimate: stats.Summarize([]float64{seconds}), Samples: []float64{seconds}, Batch: 1}
	add := func(q perf.Quantity, v float64) {
		run.Counts[q] = []perf.Count{{Value: v, Source: perf.SourceAnalytic, Quality: perf.Analytic}}
	}
	if w.FLOPs > 0 {
		add(perf.FLOPs, w.FLOPs)
	}
	if w.Bytes > 0 {
		served, _ := roofline.Compulsory(w.Bytes, max(w.WorkingSet, int64(w.Bytes)), m.machine.Caches, run.Threads)
		for q, v := range served {
			add(q, v)
		}
	}
	roofline.Place(&run, m.ceilings)
	if run.Bound == nil {
		say(notes, fmt.Sprintf("bench: no ceilings for %s on %d threads are stored here, so the share of the roof is left out; measure them once: roofline ceilings --threads %d", run.DType, run.Threads, run.Threads))
		return 0, false
	}
	return run.Bound.Fraction, true
}
