package bench

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/stats"
)

// recorder is a benchmark that keeps what is reported.
type recorder struct {
	metrics map[string]float64
	errors  string
}

func (r *recorder) Helper()                             {}
func (r *recorder) Errorf(format string, args ...any)   { r.errors += fmt.Sprintf(format, args...) }
func (r *recorder) ReportMetric(n float64, unit string) { r.metrics[unit] = n }
func record(w Work, seconds float64) (*recorder, string) {
	r, notes := &recorder{metrics: map[string]float64{}}, &bytes.Buffer{}
	report(r, w, seconds, notes)
	return r, notes.String()
}

// With ceilings of 100 GFLOP/s and 10 GB/s (DRAM and all levels), two kernels whose share is known by hand.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		panic(err)
	}
	os.Setenv(cachedir.Env, dir)
	host, _, err := machine.Identify()
	if err != nil {
		panic(err)
	}
	value := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v, Hi: v, N: 9} }
	list := []roofline.Ceiling{{ID: "compute.fma.avx2.f32", Kind: "compute", Op: "fma", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: value(100e9)}}
	for _, level := range roofline.Levels {
		list = append(list, roofline.Ceiling{ID: "bandwidth.load." + level, Kind: "bandwidth", Op: "load", Level: level, Threads: 1, Unit: "B/s", Value: value(10e9)})
	}
	if err := ceilings.Save(host.Fingerprint, list); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestReport(t *testing.T) {
	near := func(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Abs(want) }
	// 2e6 FLOPs in 50 µs are 40 GFLOP/s; at AI 1000 the compute ceiling binds: 40 %.
	r, notes := record(Work{FLOPs: 2e6, Bytes: 2e3, DType: "f32"}, 50e-6)
	if m := r.metrics; !near(m["GFLOP/s"], 40) || !near(m["FLOP/B"], 1000) || !near(m["%roof"], 40) || !near(m["FLOP/op"], 2e6) || notes != "" {
		t.Errorf("%v %s", m, notes)
	}
	// 2e3 FLOPs on 16e3 bytes: 10 GB/s allow 1.25 GFLOP/s; 0.5 GFLOP/s are 40 %.
	r, _ = record(Work{FLOPs: 2e3, Bytes: 16e3, DType: "f32"}, 4e-6)
	if m := r.metrics; !near(m["GFLOP/s"], 0.5) || !near(m["%roof"], 40) {
		t.Errorf("%v", m)
	}
	// A copy has no FLOPs: 5 of 10 GB/s.
	r, _ = record(Work{Bytes: 1e6, DType: "f32"}, 200e-6)
	if m := r.metrics; !near(m["GB/s"], 5) || !near(m["%roof"], 50) || len(m) != 2 {
		t.Errorf("%v", m)
	}
}

// Without ceilings of the type there is no share of the roof, and the way to get it is said once.
func TestReportWithoutCeilings(t *testing.T) {
	once.Clear() // of what other tests, or this one before, have said
	w := Work{FLOPs: 2e6, Bytes: 2e3, DType: "f64"}
	r, notes := record(w, 50e-6)
	if _, has := r.metrics["%roof"]; has || r.metrics["GFLOP/s"] == 0 || !strings.Contains(notes, "roofline ceilings") {
		t.Errorf("%v %q", r.metrics, notes)
	}
	if _, notes := record(w, 50e-6); notes != "" {
		t.Errorf("said again: %s", notes)
	}
}

func TestReportRefuses(t *testing.T) {
	for want, w := range map[string]Work{
		"FLOPs is -1": {FLOPs: -1}, "Bytes is NaN": {FLOPs: 1, Bytes: math.NaN()}, "neither": {}, "Threads is -2": {FLOPs: 1, Threads: -2},
	} {
		if r, _ := record(w, 1); !strings.Contains(r.errors, want) || len(r.metrics) > 0 {
			t.Errorf("%+v: %q, %v", w, r.errors, r.metrics)
		}
	}
}

// BenchmarkTriad is the example of the documentation.
func BenchmarkTriad(b *testing.B) {
	const n = 1024
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	for b.Loop() {
		for i := range x {
			x[i] = y[i] + 3*z[i]
		}
	}
	Report(b, Work{FLOPs: 2 * n, Bytes: 12 * n, DType: "f32"})
}

// The line of a real benchmark carries the metrics.
func TestLineOfABenchmark(t *testing.T) {
	testkit.NeedSelf(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, "-test.run=^$", "-test.bench=Triad", "-test.benchtime=5ms").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, unit := range []string{" GFLOP/s", " FLOP/B", " %roof", "2048 FLOP/op"} {
		if !strings.Contains(string(out), unit) {
			t.Errorf("no %q in\n%s", unit, out)
		}
	}
}
