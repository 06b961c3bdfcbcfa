package gobench

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/bench/metric"
	"github.com/roofline-go/roofline/roofline/stats"
)

// read makes a run of what one benchmark printed, once or repeatedly in one process. Of repetitions the lower quartile of the time
// stands for the process, since whatever disturbs one makes it longer; all are samples.
func read(text string, t Target) (*roofline.Run, error) {
	reader := benchfmt.NewReader(strings.NewReader(text), t.Name)
	var found []*benchfmt.Result
	var names []string
	for reader.Scan() {
		if res, ok := reader.Result().(*benchfmt.Result); ok {
			found = append(found, res.Clone())
			names = append(names, string(res.Name.Full()))
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read benchmark output: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("run %s: %s", t.Name, noResult(text, t))
	}
	first := names[0]
	slices.Sort(names)
	if distinct := slices.Compact(names); len(distinct) > 1 {
		return nil, fmt.Errorf("run %s: it has %d sub-benchmarks; choose one, e.g. %s", t.Name, len(distinct), Target{t.Package, withoutProcs(first)})
	}
	var samples []float64
	for _, res := range found {
		seconds, ok := res.Value("sec/op")
		if !ok || !(seconds > 0) || math.IsInf(seconds, 0) {
			return nil, fmt.Errorf("run %s: it reports no time per operation", t.Name)
		}
		if seconds < shortest {
			return nil, fmt.Errorf("run %s: %g s an operation are less than anything takes (does it loop: for b.Loop() {…}?)", t.Name, seconds)
		}
		samples = append(samples, seconds)
	}
	quartile := slices.Sorted(slices.Values(samples))[(len(samples)-1)/4]
	res, seconds := found[slices.Index(samples, quartile)], quartile
	run := &roofline.Run{Kernel: withoutProcs(first), Variant: "go", Threads: 1, Counts: map[perf.Quantity][]perf.Count{}}
	run.Time = roofline.Timing{Unit: "s", Estimate: stats.Estimate{Median: seconds, Lo: math.NaN(), Hi: math.NaN(), N: len(samples)}, Samples: samples, Batch: max(res.Iters, 1)}
	run.Memory.AllocsPerCall, _ = res.Value("allocs/op")
	declared(run, res, seconds)
	return run, nil
}

// shortest is the time below which no iteration of a loop can be: a tenth of a cycle of the fastest clock.
const shortest = 1e-11

// noResult says why what a benchmark printed has no result in it.
func noResult(text string, t Target) string {
	top, _, _ := strings.Cut(t.Name, "/")
	switch {
	case regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(top) + `\b`).MatchString(text):
		return "the line of its result cannot be read; what it writes to standard output may stand in the middle of it (write to standard error, or nothing):\n" + telling(text, 4)
	case strings.TrimSpace(text) == "":
		return "the test binary printed nothing, not even PASS (does a TestMain of the package not call m.Run, or the benchmark os.Exit?)"
	}
	return fmt.Sprintf("the package has no such benchmark, or it was skipped (go test -v -run '^$' -bench '%s' %s says which)", t.pattern(), t.Package)
}

// declared takes over what bench.Report has reported: FLOPs, bytes and the share of the roof.
func declared(run *roofline.Run, res *benchfmt.Result, seconds float64) {
	flops, ok := res.Value(metric.FLOPs)
	if !ok || !(flops > 0) {
		return
	}
	count := func(v float64) []perf.Count {
		return []perf.Count{{Value: v, Source: perf.SourceAnalytic, Quality: perf.Analytic, Note: "declared by the benchmark"}}
	}
	run.Counts[perf.FLOPs] = count(flops)
	if share, ok := res.Value(metric.Roof); ok && share > 0 {
		run.Bound = &roofline.Bound{By: "the roof that bench.Report chose", Attainable: flops / seconds / (share / 100), Unit: "FLOP/s", Fraction: share / 100}
	}
}

// withoutProcs cuts the -8 off that a benchmark's name ends in where GOMAXPROCS is not 1.
func withoutProcs(name string) string {
	name = "Benchmark" + strings.TrimPrefix(name, "Benchmark")
	if at := strings.LastIndexByte(name, '-'); at > 0 && !slices.Contains([]byte(name[at:]), '/') {
		if _, err := strconv.Atoi(name[at+1:]); err == nil {
			return name[:at]
		}
	}
	return name
}
