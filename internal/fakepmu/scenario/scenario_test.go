package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

func tablesOf(t *testing.T) Reference {
	t.Helper()
	dir, err := FindReference()
	if err != nil {
		t.Fatal(err)
	}
	ref, err := ReadReference(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// TestEveryMicroarchitecture makes a scenario of each table in which every role counts, and loads it again.
func TestEveryMicroarchitecture(t *testing.T) {
	ref := tablesOf(t)
	if len(ref) < 25 {
		t.Fatalf("only %d microarchitectures", len(ref))
	}
	for _, name := range ref.Names() {
		u := ref[name]
		o := Defaults()
		o.CPUs, o.Channels, o.Packages = 4, 3, 2
		for _, e := range u.Events {
			o.Values[e.Role] = 1200
		}
		dir := filepath.Join(t.TempDir(), name)
		s, err := Make(u, dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.Load(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		total := map[string]float64{}
		for _, e := range s.Events {
			instances := 1.0
			if s.PMUs[e.PMU].Uncore {
				instances = 2 // opened on a CPU of either socket
			}
			total[strings.TrimRight(e.PMU, "0123456789")+" "+e.Name+e.Config+e.Config1] += e.Value * instances
			if _, ok := s.PMUs[e.PMU]; !ok || strings.Contains(e.PMU, "<") {
				t.Errorf("%s: %s counts on %s, which is not there", name, e.Name, e.PMU)
			}
			if _, err := os.Stat(filepath.Join(dir, devicesDir, e.PMU, "type")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for key, v := range total {
			if v < 1199.999 || v > 1200.001 {
				t.Errorf("%s: the instances of %s count %g together, want 1200", name, key, v)
			}
		}
		if _, err := Make(u, dir, Options{CPUs: 1, Values: map[string]float64{"no.such.role": 1}}); err == nil {
			t.Errorf("%s: a role that is not there was promised", name)
		}
	}
}

func TestWriteSparesOtherDirectories(t *testing.T) {
	dir := t.TempDir()
	keep := filepath.Join(dir, "keep")
	if err := os.WriteFile(keep, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, map[string]string{"scenario.json": "{}"}); err == nil {
		t.Error("a directory that is no scenario was replaced")
	}
	if _, err := os.Stat(keep); err != nil {
		t.Error(err)
	}
}

func TestCountersOfCores(t *testing.T) {
	ref := tablesOf(t)
	for _, test := range []struct {
		uarch, pmu string
		change     func(*Options)
		gp         int
	}{
		{"skylakex", "cpu", func(*Options) {}, 4},
		{"skylakex", "cpu", func(o *Options) { o.SMTOff = true }, 8},
		{"sapphirerapids", "cpu", func(o *Options) { o.SMTOff = true }, 8},
		{"zen4", "cpu", func(*Options) {}, 6},
		{"zen4", "cpu", func(o *Options) { o.NMIWatchdog = true }, 5},
		{"alderlake", "cpu_atom", func(*Options) {}, 6},
		{"tigerlake", "uncore_imc_free_running_0", func(*Options) {}, 0},
		{"sapphirerapids", "uncore_imc_1", func(*Options) {}, 4},
	} {
		o := Defaults()
		test.change(&o)
		s, err := Make(ref[test.uarch], filepath.Join(t.TempDir(), "s"), o)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := s.PMUs[test.pmu]
		if !ok || p.GP != test.gp {
			t.Errorf("%s: %s has %d general counters (there: %t), want %d", test.uarch, test.pmu, p.GP, ok, test.gp)
		}
	}
	o := Defaults()
	o.NoUncore = true
	s, err := Make(ref["sapphirerapids"], filepath.Join(t.TempDir(), "s"), o)
	if err != nil || len(s.PMUs) != 1 {
		t.Errorf("without uncore PMUs: %v, %v", s.PMUs, err)
	}
}
