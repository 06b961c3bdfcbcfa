package uarch

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// machine is a made-up root file system: cpuinfo, PMUs and MIDRs.
type machine fstest.MapFS

func (m machine) file(name, text string) machine {
	m[name] = &fstest.MapFile{Data: []byte(text)}
	return m
}

// pmu adds a PMU directory; cpus may be empty.
func (m machine) pmu(name, pmuName, cpus string) machine {
	m.file(devices+"/"+name+"/type", "4\n")
	if pmuName != "" {
		m.file(devices+"/"+name+"/caps/pmu_name", pmuName+"\n")
	}
	if cpus != "" {
		m.file(devices+"/"+name+"/cpus", cpus+"\n")
	}
	return m
}

// x86 is a machine whose cpuinfo has the lines that a kernel prints, for two CPUs.
func x86(vendor string, family, model, stepping int, flags string) machine {
	var b strings.Builder
	for n := range 2 {
		fmt.Fprintf(&b, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: Some CPU @ 2.00GHz\nstepping\t: %d\n"+
			"microcode\t: 0x2b0004b1\nflags\t\t: fpu sse sse2 %s\nbugs\t\t: spectre_v1\n\n", n, vendor, family, model, stepping, flags)
	}
	return machine{}.file("proc/cpuinfo", b.String())
}

// arm is a machine with one CPU per part.
func arm(implementer int, parts ...int) machine {
	var b strings.Builder
	for n, part := range parts {
		fmt.Fprintf(&b, "processor\t: %d\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd\nCPU implementer\t: %#x\nCPU architecture: 8\nCPU variant\t: 0x1\n"+
			"CPU part\t: %#x\nCPU revision\t: 1\n\n", n, implementer, part)
	}
	return machine{}.file("proc/cpuinfo", b.String())
}

func identified(t *testing.T, m machine, override string) Identity {
	t.Helper()
	id, err := Identify(fstest.MapFS(m), override)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

const (
	v512 = "avx2 fma avx512f avx512_vnni avx512_vbmi2 "
	amx  = v512 + "avx512_bf16 avx512_fp16 avx_vnni amx_tile amx_bf16 amx_int8 "
)

func TestIdentifiesEachFamily(t *testing.T) {
	const intel, amd = "GenuineIntel", "AuthenticAMD"
	for _, tt := range []struct {
		name string
		m    machine
		want string
	}{
		{"Haswell", x86(intel, 6, 0x3c, 3, "avx2 fma"), "haswell"},
		{"Haswell-EP", x86(intel, 6, 0x3f, 2, "avx2 fma"), "haswellx"},
		{"Broadwell", x86(intel, 6, 0x3d, 4, "avx2 fma"), "broadwell"},
		{"Broadwell-EP", x86(intel, 6, 0x4f, 1, "avx2 fma"), "broadwellx"},
		{"Skylake", x86(intel, 6, 0x5e, 3, "avx2 fma"), "skylake"},
		{"Coffee Lake", x86(intel, 6, 0x9e, 10, "avx2 fma"), "skylake"},
		{"Comet Lake", x86(intel, 6, 0xa5, 2, "avx2 fma"), "skylake"},
		{"Skylake-SP", x86(intel, 6, 0x55, 4, "avx2 fma avx512f"), "skylakex"},
		{"Cascade Lake", x86(intel, 6, 0x55, 7, "avx2 fma avx512f avx512_vnni"), "cascadelakex"},
		{"Cooper Lake", x86(intel, 6, 0x55, 11, "avx2 fma avx512f avx512_vnni avx512_bf16"), "cascadelakex"},
		{"Ice Lake", x86(intel, 6, 0x7e, 5, v512), "icelake"},
		{"Ice Lake-SP", x86(intel, 6, 0x6a, 6, v512), "icelakex"},
		{"Ice Lake-D", x86(intel, 6, 0x6c, 1, v512), "icelakex"},
		{"Tiger Lake", x86(intel, 6, 0x8c, 1, v512+"avx512_vp2intersect"), "tigerlake"},
		{"Rocket Lake", x86(intel, 6, 167, 1, v512), "rocketlake"},
		{"Sapphire Rapids", x86(intel, 6, 0x8f, 8, amx), "sapphirerapids"},
		{"Emerald Rapids", x86(intel, 6, 0xcf, 2, amx), "emeraldrapids"},
		{"Granite Rapids", x86(intel, 6, 0xad, 1, amx), "graniterapids"},
		{"Sierra Forest", x86(intel, 6, 0xaf, 3, "avx2 fma avx_vnni"), "sierraforest"},
		{"Alder Lake", x86(intel, 6, 0x97, 2, "avx2 fma avx_vnni"), "alderlake"},
		{"Raptor Lake", x86(intel, 6, 0xb7, 1, "avx2 fma avx_vnni"), "alderlake"},
		{"Zen", x86(amd, 0x17, 0x01, 2, "avx2 fma sha_ni"), "zen1"},
		{"Zen+", x86(amd, 0x17, 0x18, 1, "avx2 fma sha_ni"), "zen1"},
		{"Rome", x86(amd, 0x17, 0x31, 0, "avx2 fma sha_ni"), "zen2"},
		{"Zen 2 mobile", x86(amd, 0x17, 0x60, 1, "avx2 fma sha_ni"), "zen2"},
		{"Milan", x86(amd, 0x19, 0x01, 1, "avx2 fma vaes"), "zen3"},
		{"Zen 3 mobile", x86(amd, 0x19, 0x50, 0, "avx2 fma vaes"), "zen3"},
		{"Genoa", x86(amd, 0x19, 0x11, 1, v512+"avx512_bf16"), "zen4"},
		{"Raphael", x86(amd, 0x19, 0x61, 2, v512+"avx512_bf16"), "zen4"},
		{"Turin", x86(amd, 0x1a, 0x02, 1, v512+"avx512_bf16 avx_vnni avx512_vp2intersect"), "zen5"},
		{"Granite Ridge", x86(amd, 0x1a, 0x44, 0, v512+"avx512_bf16 avx_vnni"), "zen5"},
		{"Dhyana", x86("HygonGenuine", 0x18, 0x00, 2, "avx2 fma"), "zen1"},
		{"Graviton 2", arm(0x41, 0xd0c, 0xd0c), "neoverse-n1"},
		{"Graviton 3", arm(0x41, 0xd40, 0xd40), "neoverse-v1"},
		{"Cobalt 100", arm(0x41, 0xd49), "neoverse-n2"},
		{"Graviton 4", arm(0x41, 0xd4f), "neoverse-v2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := identified(t, tt.m, "")
			if id.Uarch != tt.want || len(id.Notes) > 0 || len(id.Cores) == 0 {
				t.Fatalf("identified as %q with %d cores and notes %q, want %q without", id.Uarch, len(id.Cores), id.Notes, tt.want)
			}
			if len(id.Cores[0].ByRole("inst.retired")) != 1 || len(id.Cores[0].ByRole("cycles.core")) != 1 {
				t.Error("no instructions or no cycles can be counted")
			}
		})
	}
}

func TestIdentifiesCapturedMachines(t *testing.T) {
	for file, want := range map[string]string{
		"testdata/cpuinfo-zen4-vm":                      "zen4",
		"testdata/cpuinfo-zen5-vm":                      "zen5",
		"../../internal/cpu/testdata/cpuinfo-graviton3": "neoverse-v1",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if id := identified(t, machine{}.file("proc/cpuinfo", string(text)), ""); id.Uarch != want || len(id.Notes) > 0 {
			t.Errorf("%s: %q, notes %q; want %s", file, id.Uarch, id.Notes, want)
		}
	}
}

// TestAModelThatCannotBeTrue: the notes must name what contradicts, and say what is used instead.
func TestAModelThatCannotBeTrue(t *testing.T) {
	const intel = "GenuineIntel"
	for _, tt := range []struct {
		name     string
		m        machine
		want, by string
		notes    []string
	}{
		{"Rocket Lake with AMX", x86(intel, 6, 167, 1, "hypervisor "+amx), "", "",
			[]string{"rocketlake", "amx_tile", "virtual machine", "features of sapphirerapids", "generic events", "--uarch"}},
		{"Rocket Lake with AMX whose kernel counts Sapphire Rapids events",
			x86(intel, 6, 167, 1, "hypervisor "+amx).pmu("cpu", "sapphire_rapids", ""), "sapphirerapids", "pmu_name",
			[]string{"amx_tile", "sapphire_rapids", "emeraldrapids"}},
		{"Ice Lake server whose kernel counts Skylake events", x86(intel, 6, 0x6a, 6, "avx2 fma avx512f avx512_vnni").pmu("cpu", "skylake", ""),
			"cascadelakex", "pmu_name", []string{"icelakex", `"skylake"`, "cascadelakex"}},
		{"Skylake-SP whose kernel counts hybrid events", x86(intel, 6, 0x55, 4, "avx2 fma").pmu("cpu_core", "alderlake_hybrid", "0").
			pmu("cpu_atom", "alderlake_hybrid", "1"), "alderlake", "pmu_name", []string{"skylakex", "alderlake_hybrid"}},
		{"Zen 3 with AVX-512", x86("AuthenticAMD", 0x19, 0x01, 1, "avx2 fma avx512f"), "", "", []string{"zen3", "avx512f", "generic events"}},
		{"a new model whose kernel counts Ice Lake events", x86(intel, 6, 0xff, 1, v512).pmu("cpu", "icelake", ""),
			"icelake", "pmu_name", []string{"unknown", `"icelake"`, "icelakex"}},
		{"Cascade Lake whose AVX-512 is hidden", x86(intel, 6, 0x55, 7, "hypervisor avx2 fma"), "cascadelakex", "model",
			[]string{"avx512f", "hidden", "virtual machine"}},
		{"a kernel older than the CPU", x86(intel, 6, 0x8f, 8, amx).pmu("cpu", "generic_arch_v5+", ""), "sapphirerapids", "model",
			[]string{"older", "generic_arch_v5+"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := identified(t, tt.m, "")
			if id.Uarch != tt.want || id.By != tt.by {
				t.Errorf("used %q by %q, want %q by %q; notes %q", id.Uarch, id.By, tt.want, tt.by, id.Notes)
			}
			text := strings.Join(id.Notes, "\n")
			for _, part := range tt.notes {
				if !strings.Contains(text, part) {
					t.Errorf("notes %q do not mention %q", id.Notes, part)
				}
			}
		})
	}
}

func TestUnknownCPUsHaveGenericEventsOnly(t *testing.T) {
	for name, m := range map[string]machine{
		"no such model":    x86("GenuineIntel", 6, 0x01, 1, ""),
		"no such vendor":   x86("CentaurHauls", 6, 0x8f, 8, amx),
		"known, no table":  x86("GenuineIntel", 6, 0xaa, 4, "avx2"),
		"Zen 6":            x86("AuthenticAMD", 0x1a, 0x50, 0, v512),
		"no such family":   x86("AuthenticAMD", 0x1b, 0x01, 0, v512),
		"no cpuinfo":       {},
		"empty cpuinfo":    machine{}.file("proc/cpuinfo", ""),
		"cpuinfo of riscv": machine{}.file("proc/cpuinfo", "processor\t: 0\nhart\t: 0\nisa\t: rv64imafdc\n"),
		"Arm, no table":    arm(0x41, 0xd08),
		"not by Arm":       arm(0x61, 0xd40),
	} {
		id := identified(t, m, "")
		if id.Uarch != "" || len(id.Cores) > 0 || len(id.Tables()) > 0 || !strings.Contains(strings.Join(id.Notes, "\n"), "generic events") {
			t.Errorf("%s: %q, %d cores, notes %q", name, id.Uarch, len(id.Cores), id.Notes)
		}
	}
}

func TestOverride(t *testing.T) {
	liar := x86("GenuineIntel", 6, 167, 1, amx)
	id := identified(t, liar, "sapphirerapids")
	if id.Uarch != "sapphirerapids" || id.By != "override" || len(id.Cores) != 1 || !strings.Contains(strings.Join(id.Notes, " "), "asked for") {
		t.Errorf("override: %+v", id)
	}
	if id := identified(t, x86("GenuineIntel", 6, 0x8f, 8, amx), "sapphirerapids"); len(id.Notes) > 0 {
		t.Errorf("an override by what it is anyway has notes: %q", id.Notes)
	}
	if id := identified(t, x86("GenuineIntel", 6, 0x8f, 8, amx), Generic); id.Uarch != "" || len(id.Notes) != 1 {
		t.Errorf("override by generic: %q, notes %q", id.Uarch, id.Notes)
	}
	var unknown *UnknownError
	_, err := Identify(fstest.MapFS(liar), "sapphire-rapid")
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Close, []string{"sapphirerapids"}) {
		t.Errorf("override by an unknown name: %v", err)
	}
}
