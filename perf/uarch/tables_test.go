package uarch

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refEvent is an event of the reference files as plain JSON, so that nothing here is shared with the generator.
type refEvent map[string]any

func (e refEvent) text(key string) string { s, _ := e[key].(string); return s }

// refs reads the reference files: uarch → the object there.
func refs(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	files, err := filepath.Glob("_gen/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var ref struct {
			Microarchitectures map[string]map[string]any
		}
		if err := json.Unmarshal(text, &ref); err != nil {
			t.Fatal(err)
		}
		for key, u := range ref.Microarchitectures {
			all[key] = u
		}
	}
	if len(all) != 25 {
		t.Fatalf("%d microarchitectures in the reference files, want 25", len(all))
	}
	return all
}

func TestTablesSayWhatTheReferenceSays(t *testing.T) {
	events := 0
	for key, ref := range refs(t) {
		table, err := Lookup(key)
		if err != nil {
			t.Error(err)
			continue
		}
		for field, got := range map[string]string{"name": table.Name, "linux_table": table.LinuxTable, "oracle_cpuid": table.PerfCPUID,
			"libpfm_pmu": table.LibpfmPMU, "perfmon_info": table.Version} {
			if want, _ := ref[field].(string); got != want {
				t.Errorf("%s: %s is %q, want %q", key, field, got, want)
			}
		}
		if bits, _ := ref["sve_vector_bits"].(float64); table.VectorBits != int(bits) {
			t.Errorf("%s: vectors of %d bits, want %v", key, table.VectorBits, bits)
		}
		comparePMUs(t, table, ref)
		list, _ := ref["events"].([]any)
		if len(list) != len(table.Events) {
			t.Errorf("%s: %d events, want %d", key, len(table.Events), len(list))
		}
		for _, raw := range list {
			want := refEvent(raw.(map[string]any))
			i := slices.IndexFunc(table.Events, func(e Event) bool { return e.PMU == want.text("pmu") && e.Name == want.text("name") })
			if i < 0 {
				t.Errorf("%s: no event %s of %s", key, want["name"], want["pmu"])
				continue
			}
			compareEvent(t, table.Events[i], want)
			events++
		}
	}
	if events < 1300 {
		t.Errorf("compared only %d events", events)
	}
}

func comparePMUs(t *testing.T, table *Table, ref map[string]any) {
	t.Helper()
	for _, raw := range ref["pmus"].([]any) {
		want := raw.(map[string]any)
		got, ok := table.PMU(want["pmu"].(string))
		if !ok || float64(got.General) != want["gp_counters_per_thread"] || float64(got.Fixed) != want["fixed"] {
			t.Errorf("%s: PMU %+v, want %v", table.Uarch, got, want)
		}
		format := want["format"].(map[string]any)
		if len(got.Format) != len(format) {
			t.Errorf("%s: format %v, want %v", table.Uarch, got.Format, format)
		}
		for name, text := range format {
			if got.Format[name].String() != text {
				t.Errorf("%s: format of %s is %v, want %v", table.Uarch, name, got.Format[name], text)
			}
		}
	}
}

func compareEvent(t *testing.T, got Event, want refEvent) {
	t.Helper()
	differs := func(field string, g any) {
		t.Errorf("%s: %s of %s is %v, want %v", got.Uarch, field, got.Name, g, want[field])
	}
	for field, g := range map[string]string{"role": got.Role, "perf_name": got.PerfName, "meaning": got.Meaning, "source": got.Source,
		"precision": got.Precision, "sysfs_event": got.SysfsEvent, "unit": got.Unit, "vendor_event": got.VendorCode} {
		if g != want.text(field) {
			differs(field, g)
		}
	}
	for field, g := range map[string]string{"event": hex(got.Field("event")), "umask": hex(got.Field("umask")), "config": hex(got.Config),
		"config1": hex(got.Config1), "rdwrmask": hex(got.Field("rdwrmask"))} {
		if w := want.text(field); g != w && (w != "" || g != "0x0") {
			differs(field, g)
		}
	}
	if got.Config2 != 0 {
		differs("config2", got.Config2)
	}
	for field, g := range map[string]int{"width_bits": got.WidthBits, "elements": got.Elements, "cmask": int(got.Field("cmask"))} {
		if w, _ := want[field].(float64); g != int(w) {
			differs(field, g)
		}
	}
	if w := want.text("field_config1"); w != "" && got.Field(w) != got.Config1 {
		differs("field_config1", got.Fields)
	}
	if w, ok := want["bytes_per_count"].(float64); ok != !math.IsNaN(got.BytesPerCount) || ok && got.BytesPerCount != w {
		differs("bytes_per_count", got.BytesPerCount)
	}
	switch w := want["flops_per_count"].(type) {
	case float64:
		if got.FLOPs.Operations(0) != w || got.FLOPs.PerVector() {
			differs("flops_per_count", got.FLOPs)
		}
	case string:
		if !got.FLOPs.PerVector() || w != "VL/128" || got.FLOPs.Operations(256) != 2 {
			differs("flops_per_count", got.FLOPs)
		}
	default:
		if got.FLOPs.Stated() || !math.IsNaN(got.FLOPs.Operations(128)) {
			differs("flops_per_count", got.FLOPs)
		}
	}
	if w := want.text("scale"); w != "" && fmt.Sprintf("%.22e", got.Scale) != "2.3283064365386962890625e-10" {
		differs("scale", got.Scale)
	}
	for field, g := range map[string]bool{"suspect": got.Suspect, "deprecated": got.Deprecated} {
		if w, _ := want[field].(bool); g != w {
			differs(field, g)
		}
	}
	var caveats []string
	if list, ok := want["caveats"].([]any); ok {
		for _, c := range list {
			caveats = append(caveats, c.(string))
		}
	}
	if !slices.Equal(got.Caveats, caveats) {
		differs("caveats", got.Caveats)
	}
	for _, c := range got.Caveats {
		if Caveat(c) == "" {
			t.Errorf("%s: %s: no text for caveat %s", got.Uarch, got.Name, c)
		}
	}
	if w := strings.ReplaceAll(want.text("errata"), " ", ""); strings.Join(got.Errata, ",") != w {
		differs("errata", got.Errata)
	}
	if w := strings.ReplaceAll(want.text("alt_event"), " ", ""); got.Alternative != w {
		differs("alt_event", got.Alternative)
	}
	if g := inWords(got.Counters); g != want.text("counters") && (g != "any" || want.text("counters") != "any of 6") {
		differs("counters", got.Counters)
	}
}

// inWords writes a constraint as the reference files do.
func inWords(c Counters) string {
	switch c.Kind {
	case SomeCounters:
		var list []string
		for n := range 64 {
			if c.Mask>>n&1 != 0 {
				list = append(list, fmt.Sprint(n))
			}
		}
		return strings.Join(list, ",")
	case FixedCounter:
		return fmt.Sprintf("Fixed counter %d", c.Fixed)
	}
	return map[CounterKind]string{AnyCounter: "any", CounterPair: "even counter of a pair", CycleCounter: "cycle counter or any",
		PerfMetrics: "PERF_METRICS", FreeRunning: "free running", OwnCounter: "FIXED"}[c.Kind]
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

func TestGenericTableIsTheKernels(t *testing.T) {
	table, err := Lookup(Generic)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(Names(), Generic) {
		t.Error("generic is listed as a microarchitecture")
	}
	// include/uapi/linux/perf_event.h: config of PERF_TYPE_HW_CACHE is cache | op<<8 | result<<16.
	for name, want := range map[string]uint64{"cpu-cycles": 0, "instructions": 1, "ref-cycles": 9, "L1-dcache-load-misses": 0x10000,
		"LLC-stores": 0x102, "dTLB-load-misses": 0x10003} {
		i := slices.IndexFunc(table.Events, func(e Event) bool { return e.Name == name })
		if i < 0 || table.Events[i].Config != want {
			t.Errorf("generic event %s: want config %#x", name, want)
		}
	}
}

func TestEveryEventOfEveryTableHasItsPMU(t *testing.T) {
	for _, name := range Names() {
		table, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		core := 0
		for _, e := range table.Events {
			if IsCorePMU(e.PMU) {
				core++
			}
			if _, ok := table.PMU(e.PMU); !ok || e.Uarch != name {
				t.Errorf("%s: event %s of %s/%s", name, e.Name, e.Uarch, e.PMU)
			}
		}
		if core == 0 {
			t.Errorf("%s: no event of a core", name)
		}
	}
}
