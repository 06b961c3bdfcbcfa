package main

import (
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/uarch"
)

func TestParseAttrs(t *testing.T) {
	text, err := os.ReadFile("testdata/perf-stat-vv.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseAttrs(string(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []attr{
		{4, uarch.Code{Config: 0x1c7}},
		{4, uarch.Code{Config: 0x12a, Config1: 0x73c004477}},
		{21, uarch.Code{Config: 0x304}},
	}
	if len(got) != len(want) {
		t.Fatalf("%d events %+v, want %d", len(got), got, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d: %#x, want %#x", i, got[i], want[i])
		}
	}
	if got, err := parseAttrs("event syntax error: 'cpu/nothing/'\n  config  0x1\n"); err != nil || len(got) != 0 {
		t.Errorf("a complaint has no events: %v, %v", got, err)
	}
	// perf 6.12 names the type in words too.
	newer := "------\nperf_event_attr:\n  type                             4 (PERF_TYPE_RAW)\n  config                           0x1c7 (x)\n------\n"
	if got, err := parseAttrs(newer); err != nil || len(got) != 1 || got[0] != want[0] {
		t.Errorf("newer perf: %+v, %v", got, err)
	}
}

func TestParseList(t *testing.T) {
	got := parseList("cpu-cycles l1d.replacement cpu/inst_retired.any/ \nunc_m_cas_count.rd\n")
	for _, name := range []string{"l1d.replacement", "inst_retired.any", "unc_m_cas_count.rd"} {
		if !got[name] {
			t.Errorf("%s is not listed", name)
		}
	}
	if got[""] || got["l1d"] {
		t.Errorf("listed %v", got)
	}
}

func TestParsePfm(t *testing.T) {
	got, err := parsePfm("skx::L2_LINES_IN:ALL\t0x1ff1\t0\nspr::OCR:X\t0x12a\t0x73c004477\nspr::GONE\terror\tevent not found\n")
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if a := got["spr::OCR:X"]; a.unknown != "" || a.code != (uarch.Code{Config: 0x12a, Config1: 0x73c004477}) {
		t.Errorf("an event with config1: %+v", a)
	}
	if a := got["spr::GONE"]; a.unknown != "event not found" {
		t.Errorf("an event that it does not know: %+v", a)
	}
	for _, text := range []string{"a\t0x1\n", "a\tx\t0\n", "garbage\n"} {
		if _, err := parsePfm(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestNamesForLibpfm(t *testing.T) {
	names, err := readNames()
	if err != nil {
		t.Fatal(err)
	}
	p := &libpfm{names: names}
	for _, tt := range []struct{ uarch, pmu, name, want string }{
		{"skylakex", "cpu", "L2_LINES_IN.ALL", "skx::L2_LINES_IN:ALL"},
		{"sapphirerapids", "cpu", "OCR.READS_TO_CORE.DRAM", "spr::OCR:READS_TO_CORE_DRAM"},
		{"alderlake", "cpu_atom", "L2_REQUEST.MISS", "adl_grt::L2_REQUEST:MISS"},
		{"skylakex", "uncore_imc_<n>", "UNC_M_CAS_COUNT.RD", "skx_unc_imc0::UNC_M_CAS_COUNT:RD"},
		{"zen3", "power", "energy-pkg", "rapl::RAPL_ENERGY_PKG"},
		{"zen2", "cpu", "fp_ret_sse_avx_ops.mac_flops", "amd64_fam17h_zen2::RETIRED_SSE_AVX_FLOPS:MAC_FLOPS"},
		{"zen4", "amd_umc_<n>", "umc_cas_cmd.rd", ""},
		{"sierraforest", "cpu", "INST_RETIRED.ANY", ""},
	} {
		table, err := uarch.Lookup(tt.uarch)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.name(table, uarch.Event{Uarch: tt.uarch, PMU: tt.pmu, Name: tt.name}); got != tt.want {
			t.Errorf("%s %s of %s: %q, want %q", tt.uarch, tt.name, tt.pmu, got, tt.want)
		}
	}
}

// TestOnlyTheKnownDifferenceIsExcused: another code, event, table or oracle is not.
func TestOnlyTheKnownDifferenceIsExcused(t *testing.T) {
	known, err := readKnown()
	if err != nil || len(known) == 0 {
		t.Fatal(known, err)
	}
	e := uarch.Event{Uarch: "zen4", PMU: "cpu", Name: "fp_ret_sse_avx_ops.all", Code: uarch.Code{Config: 0x1f03}}
	nothing := answer{unknown: "not asked"}
	for _, tt := range []struct {
		name      string
		perf, pfm answer
		uarch     string
		explained bool
	}{
		{"as known", answer{code: uarch.Code{Config: 0xff03}}, nothing, "zen4", true},
		{"another code", answer{code: uarch.Code{Config: 0xfe03}}, nothing, "zen4", false},
		{"config1", answer{code: uarch.Code{Config: 0xff03, Config1: 1}}, nothing, "zen4", false},
		{"another table", answer{code: uarch.Code{Config: 0xff03}}, nothing, "zen5", false},
		{"another oracle", nothing, answer{code: uarch.Code{Config: 0xff03}}, "zen4", false},
	} {
		r := report{known: known}
		e.Uarch = tt.uarch
		r.add(e, tt.perf, tt.pfm, answer{code: e.Code})
		if explained := len(r.explained) == 1 && len(r.unexplained) == 0; explained != tt.explained || len(r.explained)+len(r.unexplained) != 1 {
			t.Errorf("%s: explained %q, unexplained %q", tt.name, r.explained, r.unexplained)
		}
	}
}

func TestAReportWithADifferenceFails(t *testing.T) {
	r := report{}
	e := uarch.Event{Uarch: "zen4", PMU: "cpu", Name: "x", Code: uarch.Code{Config: 1}}
	r.add(e, answer{code: e.Code}, answer{unknown: "no"}, answer{code: e.Code})
	var out strings.Builder
	if err := r.write(&out, "perf", true); err != nil {
		t.Errorf("without a difference: %v", err)
	}
	r.add(e, answer{code: uarch.Code{Config: 2}}, answer{unknown: "no"}, answer{code: e.Code})
	if err := r.write(&out, "perf", true); err == nil || !strings.Contains(out.String(), "DIFFERS: zen4 cpu/x/") {
		t.Errorf("with a difference: %v\n%s", err, out.String())
	}
	if err := (&report{}).write(&out, "perf", true); err == nil {
		t.Error("a report about nothing is no success")
	}
}
