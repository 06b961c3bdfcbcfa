package uarch

import (
	"slices"
	"strings"
	"testing"
)

func hybrid() machine { return x86("GenuineIntel", 6, 0x97, 2, "avx2 fma avx_vnni") }

func TestHybridCoresHaveTheirOwnEvents(t *testing.T) {
	id := identified(t, hybrid().pmu("cpu_core", "alderlake_hybrid", "0-15").pmu("cpu_atom", "alderlake_hybrid", "16-23"), "")
	if len(id.Cores) != 2 || len(id.Tables()) != 1 {
		t.Fatalf("cores %+v", id.Cores)
	}
	p, e := id.Cores[0], id.Cores[1]
	if p.Kind != "core" || p.Device != "cpu_core" || len(p.CPUs) != 16 || e.Kind != "atom" || e.Device != "cpu_atom" || e.CPUs[0] != 16 {
		t.Errorf("P cores %s %s %v, E cores %s %s %v", p.Kind, p.Device, p.CPUs, e.Kind, e.Device, e.CPUs)
	}
	if len(p.ByRole("flops.dp.256")) != 1 || len(e.ByRole("flops.dp.256")) != 0 {
		t.Error("want FLOPs of P cores, and none of E cores: they have no such counter")
	}
	for _, c := range id.Cores {
		if slices.ContainsFunc(c.Events, func(e Event) bool { return e.Role == "dram.rd" }) {
			t.Errorf("DRAM reads belong to no core, but are among the events of %s", c.Kind)
		}
	}
	if !slices.ContainsFunc(id.Tables()[0].Events, func(e Event) bool { return e.Role == "dram.rd" }) {
		t.Error("no DRAM reads in the table")
	}
}

func TestHybridWithOneKindOfCore(t *testing.T) {
	for name, tt := range map[string]struct {
		m            machine
		kind, device string
	}{
		"E cores switched off":    {hybrid().pmu("cpu_core", "alderlake_hybrid", "0-7"), "core", "cpu_core"},
		"virtual, one PMU":        {hybrid().pmu("cpu", "alderlake_hybrid", ""), "core", "cpu"},
		"Alder Lake-N":            {x86("GenuineIntel", 6, 0xbe, 0, "avx2 fma avx_vnni").pmu("cpu", "gracemont", ""), "atom", "cpu"},
		"Alder Lake-N, no PMU":    {x86("GenuineIntel", 6, 0xbe, 0, "avx2 fma avx_vnni"), "atom", ""},
		"E cores by the PMU only": {hybrid().pmu("cpu", "gracemont", ""), "atom", "cpu"},
	} {
		id := identified(t, tt.m, "")
		if id.Uarch != "alderlake" || len(id.Cores) != 1 || id.Cores[0].Kind != tt.kind || id.Cores[0].Device != tt.device {
			t.Errorf("%s: %s, cores %d %+v", name, id.Uarch, len(id.Cores), id.Cores[0].Device)
		}
	}
	if id := identified(t, hybrid(), ""); len(id.Cores) != 2 || id.Cores[0].Device != "" {
		t.Errorf("without any PMU: %d cores", len(id.Cores))
	}
}

func TestArmCoresByMIDR(t *testing.T) {
	// A firmware that describes the cores by device tree names the PMU after them; with ACPI it is armv8_pmuv3_0.
	for _, pmu := range []string{"armv8_neoverse_v1", "armv8_pmuv3_0"} {
		id := identified(t, arm(0x41, 0xd40, 0xd40).pmu(pmu, "", "0-1"), "")
		if len(id.Cores) != 1 || id.Cores[0].Device != pmu || id.By != "midr" {
			t.Errorf("%s: cores %+v", pmu, id.Cores)
		}
	}
	// cpuinfo that names no part, as in some containers: the registers in sysfs say it.
	m := machine{}.file("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n").
		file("sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x00000000410fd4f1\n")
	if id := identified(t, m, ""); id.Uarch != "neoverse-v2" {
		t.Errorf("by MIDR: %q, notes %q", id.Uarch, id.Notes)
	}
}

func TestArmCoresOfTwoKinds(t *testing.T) {
	m := arm(0x41, 0xd0c, 0xd08, 0xd0c, 0xd4f).pmu("armv8_neoverse_n1", "", "0,2").pmu("armv8_cortex_a72", "", "1").pmu("armv8_neoverse_v2", "", "3")
	id := identified(t, m, "")
	if len(id.Cores) != 2 || id.Uarch != "neoverse-n1" {
		t.Fatalf("%q with cores %+v", id.Uarch, id.Cores)
	}
	for i, want := range []struct {
		device string
		cpus   []int
		uarch  string
	}{{"armv8_neoverse_n1", []int{0, 2}, "neoverse-n1"}, {"armv8_neoverse_v2", []int{3}, "neoverse-v2"}} {
		if c := id.Cores[i]; c.Device != want.device || !slices.Equal(c.CPUs, want.cpus) || c.Table.Uarch != want.uarch {
			t.Errorf("cores %d: %s %v of %s, want %+v", i, c.Device, c.CPUs, c.Table.Uarch, want)
		}
	}
	if text := strings.Join(id.Notes, " "); !strings.Contains(text, "Cortex-A72") {
		t.Errorf("notes %q do not mention the cores without a table", id.Notes)
	}
}
