//go:build linux && amd64

package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// report is the part of the doctor's report that is looked at.
type report struct {
	Verdicts []struct {
		Quantity, Source, On, Verdict, Text string
		Expected, Counted, Error            float64
	}
	Used []struct{ Quantity, Source string }
}

func (r report) verdict(quantity string) (verdict string, err float64, text string) {
	for _, v := range r.Verdicts {
		if v.Quantity == quantity && v.Source == "pmu" && v.On == "" {
			return v.Verdict, v.Error, v.Text
		}
	}
	return "", 0, ""
}

func (r report) used(quantity string) string {
	for _, u := range r.Used {
		if u.Quantity == quantity {
			return u.Source
		}
	}
	return ""
}

// withoutFLOPs lists the microarchitectures whose cores, or some of them, count no floating-point operations.
var withoutFLOPs = map[string]bool{"haswell": true, "haswellx": true, "neoverse-n1": true}

// TestDoctorFindsTheLie lets the doctor verify a machine whose counters show the truth, but for one that shows half of it.
func TestDoctorFindsTheLie(t *testing.T) {
	needUprobes(t)
	ref, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ref.Names() {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "sapphirerapids" && name != "zen4" {
				t.Skip("one of each vendor is enough for a short test")
			}
			t.Parallel()
			u := ref[name]
			lie := "cycles"
			o := scenario.Defaults()
			o.PerCall = truth(u)
			for key := range o.PerCall {
				if _, role, _ := strings.Cut(key, ":"); strings.HasPrefix(role, "flops.") {
					lie = "flops"
					o.Lies[key] = 0.5
				}
			}
			if lie == "cycles" {
				for _, p := range u.PMUs {
					if _, ok := o.PerCall[p.Name+":cycles.core"]; ok {
						o.Lies[p.Name+":cycles.core"] = 0.5
					}
				}
			}
			if (lie == "cycles") != withoutFLOPs[name] {
				t.Errorf("the table has FLOPs: %t", lie == "flops")
			}
			s := newSession(t, name, o, cachesOfScenario(o.CPUs))
			r := s.doctor()
			if opened := s.checkClosed(); opened < 100 {
				t.Errorf("only %d events were opened", opened)
			}
			if v, e, text := r.verdict(lie); v != "off" || math.Abs(e+0.5) > 0.01 || r.used(lie) == "pmu" {
				t.Errorf("%s shows half: verdict %q, error %g, used from %q (%s)", lie, v, e, r.used(lie), text)
			}
			for _, q := range []string{"instructions", "cycles", "misses.L1"} {
				if v, e, text := r.verdict(q); v != "verified" && q != lie {
					t.Errorf("%s shows the truth: verdict %q, error %g (%s)", q, v, e, text)
				}
			}
			if u.Vendor != "arm" {
				if v, e, text := r.verdict("bytes.DRAM"); v != "verified" {
					t.Errorf("bytes.DRAM shows the truth: verdict %q, error %g (%s)", v, e, text)
				}
			}
		})
	}
}

// doctor runs the doctor's quick verification of the PMU.
func (s *session) doctor() (r report) {
	s.t.Helper()
	file := filepath.Join(filepath.Dir(s.path), "doctor.json")
	out, code := s.run("doctor", "--quick", "--source", "pmu", "--no-progress", "--json", file)
	if code != 0 {
		s.t.Fatalf("doctor: exit code %d\n%s", code, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		s.t.Fatal(err)
	}
	if s.t.Failed() || testing.Verbose() {
		s.t.Log(out)
	}
	return r
}
