package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/perftest"
	"github.com/roofline-go/roofline/roofline"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// guest is a virtual machine that is bad in every respect.
func guest() *Report {
	r := &Report{
		Machine: roofline.Machine{
			Fingerprint: "0123456789ab",
			CPU: cpu.Info{
				Vendor: "GenuineIntel", Name: "Intel(R) Xeon(R) Processor @ 2.60GHz", Family: 6, Model: 167, Stepping: 1, Arch: "amd64",
				VM: "KVM", Hybrid: true, TSCHz: 2.6e9, CPUs: []int{0, 1},
			},
			Caches: []cache.Level{
				{Level: 1, Type: "data", Bytes: 48 << 10, Ways: 12, Line: 64, Shared: "0"},
				{Level: 2, Type: "unified", Bytes: 2 << 20, Ways: 16, Line: 64, Shared: "0"},
				{Level: 3, Type: "unified", Bytes: 480 << 20, Line: 64, Shared: "0-1"},
			},
			PMU:         roofline.PMU{Reason: "this virtual machine exposes no PMU", Cure: "use bare metal"},
			Environment: roofline.Environment{OS: "6.1.0-42-amd64", NUMANodes: 2, SMT: true, CPUQuota: 1.5, MemoryBytes: 8 << 30},
			Quality: []roofline.Check{
				{Name: "pinning", OK: true, Text: "threads can be pinned to CPUs 0-1"},
				{Name: "load", Text: "others keep 1.0 of 2 CPUs busy (load average 1.20)", Cure: "stop other programs"},
				{Name: "smt", Text: "cores are shared with CPUs 2-3, busy 40 % of the time", Cure: "keep them idle, or switch SMT off: echo off | sudo tee /sys/devices/system/cpu/smt/control"},
			},
		},
		CacheNotes: []string{"L2 has 2 MiB according to the kernel, 1 MiB according to CPUID"},
		Warnings:   []roofline.Warning{{Text: "theoretical lines are left out: measure core clock: the timer gave an impossible result"}},
		ISAs: examineISAs(func(i cpu.ISA) error {
			if i == cpu.AMXBF16 {
				return &cpu.UnavailableError{ISA: i, Missing: []string{"amx_tile", "amx_bf16"}, Cause: "the processor lacks amx_tile, amx_bf16"}
			}
			if i == cpu.AMXINT8 {
				return errors.New("could not tell")
			}
			return nil
		}),
	}
	pmu := &perftest.Source{As: perf.SourcePMU, Counts: map[perf.Quantity]perf.Count{}}
	for _, q := range perf.Known {
		pmu.Counts[q] = perf.NotCounted(perf.SourcePMU, r.Machine.PMU.Reason)
	}
	system := perftest.Values(perf.SourceOS, map[perf.Quantity]float64{perf.ContextSwitches: 1, perf.InvoluntarySwitches: 0, perf.PageFaults: 0})
	system.Counts[perf.Migrations] = perf.NotCounted(perf.SourceOS, "kernel.perf_event_paranoid is 2")
	if err := r.examineCounters(context.Background(), pmu, perf.AnalyticSource{}, system); err != nil {
		panic(err)
	}
	r.conclude()
	return r
}

// metal is a fit machine on which every generic event counts.
func metal() *Report {
	r := guest()
	m := &r.Machine
	m.CPU.VM, m.CPU.Hybrid, m.CPU.CoreHz, m.PMU = "", false, 4.1e9, roofline.PMU{Available: true}
	m.CPU.Name, m.CPU.Vendor, m.Caches, r.CacheNotes = "", "", nil, nil
	m.Environment.SMT, m.Environment.CPUQuota, m.Environment.NUMANodes, m.Environment.OS, m.Environment.MemoryBytes = false, 0, 1, "", 0
	m.Quality = m.Quality[:1]
	r.Warnings, r.Sources, r.Counters, r.Used = nil, nil, nil, nil
	pmu := perftest.Values(perf.SourcePMU, map[perf.Quantity]float64{perf.Instructions: 1, perf.Cycles: 1})
	pmu.Counts[perf.MissesL1] = perf.Count{Value: 1, Source: perf.SourcePMU, Quality: perf.Scaled, Running: 0.5}
	for _, q := range []perf.Quantity{perf.FLOPs, perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM, perf.MissesL2} {
		pmu.Counts[q] = perf.NotCounted(perf.SourcePMU, "needs raw events of this microarchitecture")
	}
	pmu.Counts[perf.MissesL3] = perf.NotCounted(perf.SourcePMU, "LLC-load-misses: the kernel has no such event for this CPU (ENOENT)")
	system := &perftest.Source{As: perf.SourceOS, Err: errors.New("the source broke down")}
	if err := r.examineCounters(context.Background(), pmu, system); err != nil {
		panic(err)
	}
	for i := range r.Counters { // a broken source is nobody's cure
		r.Counters[i].Cure = ""
	}
	r.Verdicts = goldenVerdicts()
	r.LeftOut = []Untested{{"tile.bf16.amx", "amx-bf16 is not available here: the processor lacks amx_tile"}}
	r.conclude()
	return r
}

// goldenVerdicts are one of each kind.
func goldenVerdicts() []perf.Verdict {
	at := time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)
	v := func(q perf.Quantity, on string, status perf.Status, kernel string, expected, counted, err, others float64, text string) perf.Verdict {
		return perf.Verdict{
			Source: perf.SourcePMU, Quantity: q, On: on, Status: status, Kernel: kernel, Expected: expected, Counted: counted, Error: err,
			Within: tolerance(q), Kernels: 3, Others: others, Text: text, Time: at, Effort: full,
		}
	}
	return []perf.Verdict{
		v(perf.FLOPs, "bf16", perf.NotThere, "dot.bf16.512", 10240000, 0, -1, 0, "the event opens but reads 0, even for known work"),
		v(perf.Instructions, "", perf.Verified, "fma.f64.scalar", 176026, 176071, 0.000256, 0, ""),
		v(perf.Cycles, "", perf.Off, "chain", 200000, 100000, -0.5, 0, "off by -50 %"),
		v(perf.MissesL1, "", perf.Undecided, "chase.L2", 20000, 20000, 0, 0, "no kernel of known work has any of it here"),
		v(perf.BytesDRAMRead, "", perf.Verified, "load.16.DRAM", 1048576, 1058576, 0.0095, 0, ""),
		v(perf.Loads, "", perf.Verified, "load.16.L1", 131072, 131072, 0, 0, ""),
		v(perf.BytesDRAMWrite, "", perf.Verified, "update.16.DRAM", 1048576, 1058576, 0.0095, 0.031, ""),
		v(perf.FLOPsOf("f32", perf.Bits512), "", perf.Off, "update.16.DRAM", 0, 1e9, 123.4, 0, "counts 1e+09 under update.16.DRAM, which has none of it"),
	}
}

func TestText(t *testing.T) {
	reports := map[string]*Report{"guest": guest(), "metal": metal()}
	for _, c := range []struct {
		name, golden string
		width        int
	}{{"guest", "guest", 80}, {"metal", "metal", 80}, {"guest", "guest-60", 60}, {"metal", "metal-60", 60}} {
		name, r := c.name, reports[c.name]
		var got bytes.Buffer
		if err := r.WriteText(&got, c.width); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(got.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > c.width || strings.HasSuffix(line, " ") {
				t.Errorf("%s, line %d: %d columns or space at its end: %q", name, i+1, n, line)
			}
		}
		golden := "testdata/" + c.golden + ".txt"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s differs from %s (run with -update to accept):\n%s", name, golden, got.String())
		}
	}
}

func TestEveryAbsenceHasItsCause(t *testing.T) {
	for _, r := range []*Report{guest(), metal()} {
		for _, c := range r.Counters {
			if c.Available != (c.Reason == "") {
				t.Errorf("%s from %s: available = %t, reason %q", c.Quantity, c.Source, c.Available, c.Reason)
			}
		}
		for _, g := range r.ISAs {
			if g.Usable != (g.Cause == "") {
				t.Errorf("%s: usable = %t, cause %q", g.Name, g.Usable, g.Cause)
			}
		}
	}
}

func TestSteps(t *testing.T) {
	var does []string
	for _, s := range guest().Next {
		does = append(does, s.Do)
	}
	want := []string{"use bare metal", event.SoftwareCure, "stop other programs", guest().Machine.Quality[2].Cure}
	if !reflect.DeepEqual(does, want) {
		t.Errorf("steps %q, want %q", does, want)
	}
	if steps := metal().Next; len(steps) != 0 {
		t.Errorf("steps for a fit machine: %v", steps)
	}
}

func TestRunHere(t *testing.T) {
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	r, err := Run(t.Context(), Options{Sources: []perf.Source{event.NewPMU(), perf.AnalyticSource{}}, Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.WriteText(&text, 80); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(text.String(), "\n"); !strings.HasPrefix(first, "This machine: ") {
		t.Errorf("the first line is no summary: %q", first)
	}
	for _, head := range []string{"Machine", "Instruction sets", "Caches", "Clock", "Counters", "Environment", "Next steps"} {
		if !strings.Contains("\n"+text.String(), "\n"+head+"\n") {
			t.Errorf("no section %q", head)
		}
	}
	ok, reason, _ := event.Available()
	for _, c := range r.Counters {
		if c.Source == perf.SourcePMU && !ok && c.Reason != reason {
			t.Errorf("%s: %q, want the reason of the PMU, %q", c.Quantity, c.Reason, reason)
		}
		if c.Source == perf.SourceAnalytic && !c.Available {
			t.Errorf("%s: the known work declares it, got %q", c.Quantity, c.Reason)
		}
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back.Counters, r.Counters) {
		t.Errorf("JSON does not come back: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(cancelled, Options{Sources: []perf.Source{event.NewPMU()}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCures gives every refusal of a single counter its own cure, and none where there is none.
func TestCures(t *testing.T) {
	r := &Report{Machine: roofline.Machine{CPU: cpu.Info{Vendor: "GenuineIntel"}}}
	for reason, want := range map[string]string{
		"uncore_imc_0 counts for the whole machine, which needs kernel.perf_event_paranoid ≤ 0 or CAP_PERFMON (EACCES)": "paranoid=0",
		"cycles: never got onto the PMU; another profiler or the NMI watchdog may hold its counters":                    "nmi_watchdog=0",
		"cycles: counted only 12 % of the time, too little to scale up":                                                 "nmi_watchdog=0",
		"cpu: too many open files (EMFILE)":                                                                             "ulimit",
		"cycles: another program holds the PMU (EBUSY)":                                                                 "stop other profilers",
		"the kernel shows no PMU of the memory controllers":                                                             "uncore",
		"hardware counts loads and stores but not their widths":                                                         "",
		"cpu: no event of this microarchitecture counts it":                                                             "",
		"LLC-load-misses: the kernel has no such event (ENOENT)":                                                        "",
	} {
		got := r.cure(perf.NotCounted(perf.SourcePMU, reason))
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: cure %q, want %q", reason, got, want)
		}
	}
	r.Machine.CPU.VM = "KVM"
	if got := r.cure(perf.NotCounted(perf.SourcePMU, "the kernel shows no PMU of the memory controllers")); got != "" {
		t.Errorf("a virtual machine has no memory controllers to show: %q", got)
	}
	if got := r.cure(perf.NotCounted(perf.SourceInstrumented, "too many open files")); got != "" {
		t.Errorf("the cures of the PMU do not help other sources: %q", got)
	}
}

func TestTextOfMeasuredCaches(t *testing.T) {
	r := guest()
	l := &r.Machine.Caches[2]
	l.Bytes, l.Source = 3<<20, cache.Measured
	var got bytes.Buffer
	if err := r.WriteText(&got, 80); err != nil {
		t.Fatal(err)
	}
	text := got.String()
	if !strings.Contains(text, "64-byte lines  measured\n") || !strings.Contains(text, "Nothing describes L3") || !strings.Contains(text, "3 MiB") || strings.Contains(text, "As the hypervisor tells it") {
		t.Errorf("L3 is not said to be measured:\n%s", text)
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(line); n > 81 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

// With every source, and words as long as they get, nothing is wider than the page but a word that is longer than it; every cell is
// printed once.
func TestTextOfFourSources(t *testing.T) {
	sources := []perf.SourceName{perf.SourcePMU, perf.SourceInstrumented, perf.SourceSimulated, perf.SourceAnalytic}
	r := metal()
	r.Sources, r.Counters = sources, nil
	for i, q := range perf.Known {
		for j, s := range sources {
			c := Counter{Quantity: q, Source: s, Available: true}
			if j == 1 || j == 2 {
				c.Verdict = &perf.Verdict{Source: s, Quantity: q, Status: perf.Undecided, Text: fmt.Sprintf("for reason %d", 10*j+i)}
			}
			r.Counters = append(r.Counters, c)
		}
	}
	for width := 40; width <= 80; width++ {
		var got bytes.Buffer
		if err := r.WriteText(&got, width); err != nil {
			t.Fatal(err)
		}
		var other bytes.Buffer
		if err := guest().WriteText(&other, width); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(got.String()+other.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > width && len(strings.Fields(line)) > 1 || strings.HasSuffix(line, " ") {
				t.Errorf("%d columns, line %d: %d columns or space at its end: %q", width, i+1, n, line)
			}
		}
		_, table, _ := strings.Cut(got.String(), "Counters\n")
		table, _, _ = strings.Cut(table, "\n  os  ")
		for _, word := range []string{"unverified", string(perf.Undecided) + " [", "yes"} {
			want := 0
			for _, q := range perf.Known {
				if !q.OfSystem() {
					want++
				}
			}
			if word[len(word)-1] == '[' {
				want *= 2
			}
			if n := strings.Count(table, word); n != want {
				t.Errorf("%d columns: %q %d times, want %d\n%s", width, word, n, want, table)
			}
		}
	}
}
