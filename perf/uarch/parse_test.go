package uarch

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const small = `source a manual
uarch  small
pmu cpu general=4 fixed=3
format event=config:0-7 umask=config:8-15
`

func TestParseTableRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"colour red":                                   "colour",
		"uarch other":                                  "second",
		"vector many":                                  "many",
		"pmu":                                          "no name",
		"pmu cpu":                                      "second",
		"pmu x general=-1":                             "general",
		"pmu x speed=1":                                "speed",
		"format event=config:0-7":                      "twice",
		"format f=config:64":                           "config:64",
		"event r N event=1":                            "meaning",
		"event r N event=0x100 | m":                    "too large",
		"event r N cmask=1 | m":                        "cmask",
		"event r N event=1 counters=odd | m":           "odd",
		"event r N event=1 flops=some | m":             "some",
		"event r N event=1 bytes=-64 | m":              "bytes",
		"event r N event=1 scale=0 | m":                "scale",
		"event r N event=1 scale=NaN | m":              "scale",
		"event r N event=1 wide=1 | m":                 "wide",
		`event r "N event=1 | m`:                       "meaning",
		"event r N event=1 | m\nevent r N event=2 | m": "line 6",
	} {
		if _, err := ParseTable(strings.NewReader(small + line + "\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not mention %q", line, err, want)
		}
	}
	for _, text := range []string{"", "source x\n", "uarch x\n", "uarch x\nevent r N event=1 | m\n", "format event=config:0-7\n"} {
		if _, err := ParseTable(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestParseEventReadsQuotesAndFlags(t *testing.T) {
	table, err := ParseTable(strings.NewReader(small + `event fp "a (b | c)" event=0x3,umask=0xf counters=pair perf=- flops=VL/128 from="x y" suspect deprecated | m | n` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := table.Events[0]
	if e.Name != "a (b | c)" || e.Meaning != "m | n" || e.Source != "x y" || !e.Suspect || !e.Deprecated || e.PerfName != "" ||
		e.Config != 0xf03 || e.Counters.Kind != CounterPair || e.FLOPs.Operations(512) != 4 || !math.IsNaN(e.FLOPs.Operations(0)) {
		t.Errorf("%+v", e)
	}
}

func TestLookupSuggests(t *testing.T) {
	for name, want := range map[string][]string{
		"zen44":          {"zen4"},
		"sapphire_rapid": {"sapphirerapids"},
		"Neoverse V1":    {"neoverse-v1"},
		"skylak":         {"skylake", "skylakex"},
		"":               nil,
		"pentium":        nil,
	} {
		var unknown *UnknownError
		_, err := Lookup(name)
		if !errors.As(err, &unknown) || !slices.Equal(unknown.Close, want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v, want suggestions %q", name, err, want)
		}
	}
	if _, err := Lookup("meteorlake"); err == nil || !strings.Contains(err.Error(), "no event table") {
		t.Errorf("a microarchitecture without a table: %v", err)
	}
}

func FuzzParseTable(f *testing.F) {
	for _, file := range []string{"tables/zen1.txt", "tables/alderlake.txt", "tables/neoverse-v1.txt", "generic.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[:min(len(text), 3000)]))
	}
	f.Add(small + `event r "N" event=1 x="` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ParseTable(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, e := range table.Events {
			pmu, ok := table.PMU(e.PMU)
			if code, err := pmu.Format.Encode(e.Fields); !ok || err != nil || code != e.Code {
				t.Fatalf("event %s: %v, %v", e.Name, code, err)
			}
		}
	})
}

func FuzzMap(f *testing.F) {
	f.Add("vendor,family,model,stepping,core,pmu,uarch,table,name\nGenuineIntel,6,0x97,0-4,core,cpu_core,adl,yes,x\n")
	f.Add("# note\nvendor\n\"x\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := readCSV(fstest.MapFS{"m": {Data: []byte(text)}}, "m", parseRow)
		if err != nil {
			return
		}
		for _, r := range rows {
			if r.Model[0] > r.Model[1] || r.Stepping[0] > r.Stepping[1] || r.Vendor == "" {
				t.Fatalf("row %+v", r)
			}
		}
		if _, err := readCSV(fstest.MapFS{"m": {Data: []byte(text)}}, "m", parseSign); err != nil {
			return
		}
	})
}

func FuzzCPUInfo(f *testing.F) {
	for _, file := range []string{"testdata/cpuinfo-zen4-vm", "../../internal/cpu/testdata/cpuinfo-biglittle"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "0x00000000410fd401")
	}
	f.Add("processor: 99999999999\nvendor_id: x\nCPU part: 0xfffffffffffff\n", "zz")
	f.Fuzz(func(t *testing.T, cpuinfo, midr string) {
		m := machine{}.file("proc/cpuinfo", cpuinfo).file("sys/devices/system/cpu/cpu0/regs/identification/midr_el1", midr)
		id, err := Identify(fstest.MapFS(m), "")
		if err != nil {
			t.Fatal(err)
		}
		if id.Uarch == "" && len(id.Notes) == 0 {
			t.Fatal("unknown without a reason")
		}
	})
}
