package plots

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func commandResult() *roofline.Result {
	once := func(v float64) roofline.Timing {
		return roofline.Timing{Unit: "s", Estimate: stats.Estimate{Median: v, Lo: math.NaN(), Hi: math.NaN(), N: 1}}
	}
	count := func(v float64, s perf.SourceName) []perf.Count {
		return []perf.Count{{Value: v, Source: s, Quality: perf.Exact}}
	}
	res := roofline.NewResult(roofline.Machine{})
	res.Runs = []roofline.Run{
		{Kernel: "command", Variant: "solve", Threads: 1, Time: once(2), Counts: map[perf.Quantity][]perf.Count{
			perf.FLOPs:        {{Value: 4e9, Source: perf.SourcePMU, Quality: perf.Scaled, Running: 0.5, Note: "without those of tiles"}},
			perf.Instructions: count(6e9, perf.SourcePMU), perf.Cycles: count(3e9, perf.SourcePMU),
			perf.MissesL2: {perf.NotCounted(perf.SourcePMU, "no such event")}, perf.MissesL3: {perf.NotCounted(perf.SourcePMU, "no such event")},
			perf.FLOPsOf("f16", ""): count(0, perf.SourcePMU), perf.FLOPsOf("f64", ""): count(4e9, perf.SourcePMU),
			perf.UserTime: count(1.5, perf.SourceOS), perf.SystemTime: count(0.5, perf.SourceOS), perf.PageFaults: count(12, perf.SourceOS),
			perf.PeakRSS: {perf.NotCounted(perf.SourceOS, "no more than 3 MiB")},
		}, Command: &roofline.Command{Args: []string{"./solve", "a b", "it's\x1b[31m"}, Exit: 137, Signal: "SIGKILL", Runs: 1, Passes: 1, CPU: 2}},
		{Kernel: "assemble", Variant: "region", Threads: 2, Time: once(1), Region: &roofline.Region{Name: "assemble", Calls: 3, Threads: 2, Parallelism: 2, ThreadTime: 2, SelfTime: 1.5}},
		{Kernel: "command", Variant: "(unmarked)", Threads: 1, Time: once(0.5), Region: &roofline.Region{Name: "(unmarked)", Threads: 1, Parallelism: 1, ThreadTime: 0.5, SelfTime: 0.5}},
	}
	res.Warnings = []roofline.Warning{{Text: "the command was killed", Cure: "do not kill it"}}
	return res
}

// Means of several runs: two page faults from disk in three runs are 0.667 of them, not 667 of their thousandths.
func TestMeanCounts(t *testing.T) {
	for _, c := range []struct {
		mean float64
		want string
	}{{0, "0"}, {2. / 3, "0.667"}, {0.5, "0.5"}, {44.25, "44.2"}, {9797, "9797"}, {16469. / 2, "8.23 k"}} {
		if got := plain(c.mean); got != c.want {
			t.Errorf("%g: %q, want %q", c.mean, got, c.want)
		}
	}
}

func TestTextOfCommand(t *testing.T) {
	var b strings.Builder
	if err := Table(&b, commandResult(), TableOptions{}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, part := range []string{
		`./solve 'a b' 'it'\''s [31m': killed by SIGKILL (exit code 137)`, "time         2.00000 s\n", "1.50 s user + 500 ms system = 1.00 CPUs",
		"peak memory  no more than 3 MiB", "migrations not counted", "12, 0 of them from disk", "4.00 GFLOP", "2.00 GFLOP/s", "scaled, ran 50 %",
		"note on flops: Without those of tiles.", "2.00 per cycle", "1.50 GHz", "not counted: misses.L2, misses.L3: No such event.",
		"assemble        3        2", "75.0 %", "(unmarked)", "25.0 %", "! The command was killed. Cure: do not kill it.", "flops.f64",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	if strings.Contains(text, "flops.f16") || strings.ContainsAny(text, "\x1b") {
		t.Errorf("a detail that is 0, or an escape, in\n%s", text)
	}
	for line := range strings.Lines(text) {
		if width(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%d columns: %s", width(line), line)
		}
	}
}

func TestTextOfManyRegions(t *testing.T) {
	res := commandResult()
	for range 100 {
		res.Runs = append(res.Runs[:2:2], append([]roofline.Run{res.Runs[1]}, res.Runs[2:]...)...)
	}
	var b strings.Builder
	if err := Table(&b, res, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Count(text, "assemble ") != mostRegions || !strings.Contains(text, "and 71 more") || !strings.Contains(text, "(unmarked)") {
		t.Errorf("%s", text)
	}
}
