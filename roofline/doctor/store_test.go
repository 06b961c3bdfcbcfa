package doctor

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/known"
	"github.com/roofline-go/roofline/roofline"
)

func TestStore(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ROOFLINE_CACHE", dir)
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	user, root := conditions{1, "6.1", "zen4 abc", "user"}, conditions{1, "6.1", "zen4 abc", "root"}
	v := func(s perf.SourceName, q perf.Quantity, status perf.Status) perf.Verdict {
		return perf.Verdict{Source: s, Quantity: q, Status: status, Time: now, Within: 0.1}
	}
	asUser := []perf.Verdict{v(perf.SourcePMU, perf.BytesDRAM, perf.NotThere)}
	asRoot := []perf.Verdict{v(perf.SourcePMU, perf.BytesDRAM, perf.Verified)}
	for c, list := range map[conditions][]perf.Verdict{user: asUser, root: asRoot} {
		if err := save("f1", c, list, now); err != nil {
			t.Fatal(err)
		}
	}
	entries, warnings := load("f1")
	if len(warnings) > 0 || len(entries) != 2 {
		t.Fatalf("%d entries, warnings %v", len(entries), warnings)
	}
	if got, ok := find(entries, user, now); !ok || !reflect.DeepEqual(got, asUser) {
		t.Errorf("as user: %+v", got)
	}
	if got, ok := find(entries, root, now.Add(time.Hour)); !ok || !reflect.DeepEqual(got, asRoot) {
		t.Errorf("as root: %+v", got)
	}
	for name, c := range map[string]conditions{
		"other kernels of known work": {2, "6.1", "zen4 abc", "user"}, "another operating system": {1, "6.2", "zen4 abc", "user"},
		"other tables": {1, "6.1", "zen4 abd", "user"}, "other permissions": {1, "6.1", "zen4 abc", "perfmon"},
	} {
		if _, ok := find(entries, c, now); ok {
			t.Errorf("%s: the verdicts do not hold any more", name)
		}
	}
	if _, ok := find(entries, user, now.Add(31*24*time.Hour)); ok {
		t.Error("verdicts of last month are too old")
	}
	// Verdicts of another source join those of the first; new ones of the same source replace them.
	if err := save("f1", user, []perf.Verdict{v(perf.SourceInstrumented, perf.FLOPs, perf.Verified)}, now); err != nil {
		t.Fatal(err)
	}
	entries, _ = load("f1")
	if got, _ := find(entries, user, now); len(got) != 2 {
		t.Errorf("of two sources: %+v", got)
	}
	if others, _ := load("f2"); len(others) != 0 {
		t.Error("another machine has verdicts")
	}
	for i := range 2 * mostEntries {
		if err := save("f1", conditions{Known: i}, asUser, now); err != nil {
			t.Fatal(err)
		}
	}
	if entries, _ = load("f1"); len(entries) != mostEntries {
		t.Errorf("%d entries are kept, want %d", len(entries), mostEntries)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
		t.Errorf("files %v", names)
	}
}

func TestDamagedStoreIsAWarning(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ROOFLINE_CACHE", dir)
	for name, text := range map[string]string{
		"no JSON":         "{",
		"other version":   `{"version":99,"fingerprint":"f"}`,
		"other machine":   `{"version":1,"fingerprint":"g"}`,
		"unknown verdict": `{"version":1,"fingerprint":"f","entries":[{"verdicts":[{"source":"pmu","quantity":"flops","verdict":"good"}]}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "verdicts-f.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if entries, warnings := load("f"); len(entries) > 0 || len(warnings) != 1 {
			t.Errorf("%s: %d entries, warnings %v", name, len(entries), warnings)
		}
	}
}

func FuzzDecodeVerdicts(f *testing.F) {
	f.Add([]byte(`{"version":1,"fingerprint":"f","entries":[{"time":"2026-01-02T03:04:05Z","verdicts":[{"source":"pmu","quantity":"flops","verdict":"off","error":-0.5}]}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data, "f")
		if err == nil && (s.Fingerprint != "f" || s.Version != storeVersion) {
			t.Errorf("accepted %+v", s)
		}
	})
}

func TestConditions(t *testing.T) {
	root := func(caps, paranoid string) fstest.MapFS {
		return fstest.MapFS{
			"proc/self/status":                    {Data: []byte("Name:\tx\nCapEff:\t" + caps + "\nSeccomp:\t2\n")},
			"proc/sys/kernel/perf_event_paranoid": {Data: []byte(paranoid + "\n")},
			"proc/sys/kernel/nmi_watchdog":        {Data: []byte("1\n")},
		}
	}
	if got, want := access(root("0000004000000000", "2"), 1000), "root=false admin=0 perfmon=1 paranoid=2 watchdog=1 seccomp=2"; got != want {
		t.Errorf("access %q, want %q", got, want)
	}
	if got, want := access(fstest.MapFS{}, 0), "root=true admin=0 perfmon=0 paranoid=? watchdog=? seccomp=?"; got != want {
		t.Errorf("access %q, want %q", got, want)
	}
	a, b := currentConditions(root("0", "2"), "6.1", 0, ""), currentConditions(root("0", "1"), "6.1", 0, "")
	if a == b || a.Known != known.Version || a.Kernel != "6.1" {
		t.Errorf("conditions %+v and %+v", a, b)
	}
	if tables(fstest.MapFS{}, "zen4") == tables(fstest.MapFS{}, "zen5") {
		t.Error("the tables of two microarchitectures are the same condition")
	}
	if one, two := tables(os.DirFS("/"), ""), tables(os.DirFS("/"), ""); one != two || one == "unknown" {
		t.Errorf("tables %q and %q", one, two)
	}
}

// TestEnsure verifies once, keeps the verdicts, and asks nobody where there is no PMU.
func TestEnsure(t *testing.T) {
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	host, _, err := machine.Describe()
	if err != nil {
		t.Fatal(err)
	}
	host.Caches, host.PMU = caches, roofline.PMU{}
	c := &counter{as: perf.SourcePMU, runs: map[string]int{}, count: func(_ *known.Kernel, q perf.Quantity, v float64) perf.Count {
		if q == perf.BytesL2 {
			v /= 2
		}
		return exact(v)
	}}
	sources := []perf.Source{c, perf.AnalyticSource{}}
	if v, w := Ensure(t.Context(), host, Options{Sources: sources}); len(v) > 0 || len(w) > 0 || len(c.runs) > 0 {
		t.Errorf("without a PMU: verdicts %v, warnings %v, runs %v", v, w, c.runs)
	}
	host.PMU.Available = true
	if v, w := Ensure(t.Context(), host, Options{Sources: sources[1:]}); len(v) > 0 || len(w) > 0 {
		t.Errorf("without asking the PMU: verdicts %v, warnings %v", v, w)
	}
	first, w := Ensure(t.Context(), host, Options{Sources: sources})
	if len(c.runs) == 0 && len(w) > 0 && strings.Contains(w[0].Text, "no kernels for this architecture") {
		return // it said so
	}
	if len(w) > 0 || len(c.runs) == 0 {
		t.Fatalf("warnings %v, runs %v", w, c.runs)
	}
	status := map[perf.Quantity]perf.Status{}
	for _, v := range first {
		status[v.Quantity] = v.Status
		if v.Effort != quick {
			t.Errorf("effort %q", v.Effort)
		}
	}
	if status[perf.Instructions] != perf.Verified || status[perf.BytesL2] != perf.Off || status[perf.BytesL3] != perf.Verified {
		t.Errorf("verdicts %v", status)
	}
	before := len(c.runs)
	clear(c.runs)
	again, w := Ensure(t.Context(), host, Options{Sources: sources})
	if len(c.runs) > 0 || !reflect.DeepEqual(again, first) || len(w) > 0 {
		t.Errorf("stored verdicts of %d kernels are not used: runs %v, warnings %v", before, c.runs, w)
	}
	if list := Warnings(perf.Choice{Sources: []perf.SourceName{perf.SourcePMU}, Verdicts: first}); len(list) != 1 || !strings.Contains(list[0].Text, "bytes.L2") || !strings.Contains(list[0].Cure, "--trust") {
		t.Errorf("warnings %+v", list)
	}
	if list := Warnings(perf.Choice{Sources: []perf.SourceName{perf.SourcePMU}, Verdicts: first, Trust: []perf.Quantity{perf.BytesL2}}); len(list) != 0 {
		t.Errorf("warnings about what is trusted: %+v", list)
	}
}
