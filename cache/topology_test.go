package cache

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// tree builds a sysfs with the caches of CPU 0: "level type size ways line shared" each.
func tree(indexes ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i, text := range indexes {
		f := strings.Fields(text)
		for k, name := range []string{"level", "type", "size", "ways_of_associativity", "coherency_line_size", "shared_cpu_list"} {
			if k < len(f) && f[k] != "-" {
				m[fmt.Sprintf("devices/system/cpu/cpu0/cache/index%d/%s", i, name)] = &fstest.MapFile{Data: []byte(f[k] + "\n")}
			}
		}
	}
	return m
}

// capture reads a testdata file of "path:value" lines, as grep -r prints them, into a sysfs.
func capture(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	m := fstest.MapFS{}
	for line := range strings.Lines(string(text)) {
		if path, value, ok := strings.Cut(line, ":"); ok && line[0] != '#' {
			m[path] = &fstest.MapFile{Data: []byte(value)}
		}
	}
	return m
}

func TestFromSysfs(t *testing.T) {
	for _, tt := range []struct {
		name string
		cpu  int
		want []Level
	}{
		{"sapphire-rapids-guest", 0, []Level{{1, "data", 48 << 10, 12, 64, "0", ""}, {2, "unified", 2 << 20, 16, 64, "0", ""}, {3, "unified", 480 << 20, 15, 64, "0-1", ""}}},
		{"zen4-guest", 1, []Level{{1, "data", 32 << 10, 8, 64, "1", ""}, {2, "unified", 1 << 20, 8, 64, "1", ""}, {3, "unified", 32 << 20, 16, 64, "0-1", ""}}},
		{"graviton3", 0, []Level{{1, "data", 64 << 10, 4, 64, "0", ""}, {2, "unified", 1 << 20, 8, 64, "0", ""}, {3, "unified", 32 << 20, 16, 64, "0-63", ""}}},
		{"arm64-without-ways", 0, []Level{{1, "data", 64 << 10, 0, 64, "0", ""}, {2, "unified", 1 << 20, 0, 64, "0-3", ""}}},
		{"alder-lake", 0, []Level{{1, "data", 48 << 10, 12, 64, "0-1", ""}, {2, "unified", 1280 << 10, 10, 64, "0-1", ""}, {3, "unified", 30 << 20, 12, 64, "0-23", ""}}},
		{"alder-lake", 16, []Level{{1, "data", 32 << 10, 8, 64, "16", ""}, {2, "unified", 2 << 20, 16, 64, "16-19", ""}, {3, "unified", 30 << 20, 12, 64, "0-23", ""}}},
	} {
		if got, err := fromSysfs(capture(t, tt.name), tt.cpu); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
	if got, err := fromSysfs(capture(t, "without-caches"), 0); err == nil {
		t.Errorf("without caches: %+v", got)
	}
	// The order of the directories says nothing.
	got, err := fromSysfs(tree("3 Unified 32768K 16 64 0-7", "2 Unified 1024K 8 64 0", "1 Data 32K 8 64 0"), 0)
	if err != nil || len(got) != 3 || got[0].Level != 1 || got[2].Level != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFromSysfsNamesTheFault(t *testing.T) {
	for _, tt := range []struct {
		sys  fstest.MapFS
		want string
	}{
		{tree(), "no caches"},
		{tree("1 Instruction 32K 8 64 0"), "no data cache"},
		{tree("1 Data banana 8 64 0"), "size"},
		{tree("zero Data 32K 8 64 0"), "level"},
		{tree("1 Data 0K 8 64 0"), "size"},
	} {
		if _, err := fromSysfs(tt.sys, 0); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want an error that says %q", err, tt.want)
		}
	}
}

func TestWitnessesDisagree(t *testing.T) {
	sysfs := []Level{{1, "data", 32 << 10, 8, 64, "0", ""}, {2, "unified", 1 << 20, 0, 64, "0", ""}}
	with := func(level int, change func(*Level)) []Level {
		c := []Level{{1, "data", 32 << 10, 8, 64, "", ""}, {2, "unified", 1 << 20, 8, 64, "", ""}}
		change(&c[level-1])
		return c
	}
	for _, tt := range []struct {
		name  string
		cpuid []Level
		want  []string
	}{
		{"agree", with(1, func(*Level) {}), nil}, // ways that the kernel doesn't know are no disagreement
		{"one witness", nil, nil},
		{"size", with(2, func(l *Level) { l.Bytes *= 2 }), []string{"L2 has 1 MiB according to the kernel, 2 MiB according to CPUID"}},
		{"ways", with(1, func(l *Level) { l.Ways = 4 }), []string{"L1 has 8 ways according to the kernel, 4 according to CPUID"}},
		{"line", with(1, func(l *Level) { l.Line = 128 }), []string{"L1 has lines of 64 B according to the kernel, 128 B according to CPUID"}},
		{"level", with(2, func(l *Level) { l.Level = 3 }), []string{"the kernel reports an L2 cache, CPUID none", "CPUID reports an L3 cache, the kernel none"}},
	} {
		if got := disagreements(sysfs, tt.cpuid); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzFromSysfs(f *testing.F) {
	f.Add("1", "Data", "48K", "12", "64", "0-1")
	f.Add("-1", "Unified", "99999999999999999999K", "x", "0", "")
	f.Fuzz(func(t *testing.T, level, kind, size, ways, line, shared string) {
		m := fstest.MapFS{}
		for name, text := range map[string]string{"level": level, "type": kind, "size": size, "ways_of_associativity": ways,
			"coherency_line_size": line, "shared_cpu_list": shared} {
			m["devices/system/cpu/cpu0/cache/index0/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
		levels, err := fromSysfs(m, 0)
		for _, l := range levels {
			if err != nil || l.Level < 1 || l.Bytes < 1 || l.Line < 1 || l.Ways < 0 || l.Type != "data" && l.Type != "unified" {
				t.Errorf("%+v, %v", l, err)
			}
		}
	})
}

// Where sysfs has no data caches the processor's own account of the same CPU counts, and the error names both.
func TestTopologyFallsBack(t *testing.T) {
	own := []Level{{1, "data", 32 << 10, 8, 64, "", CPUID}}
	asked := -1
	ask := func(levels []Level) func(int) []Level {
		return func(on int) []Level { asked = on; return levels }
	}
	for name, sys := range map[string]fstest.MapFS{"nothing": tree(), "instruction cache": tree("1 Instruction 32K 8 64 0")} {
		if got, err := topology(sys, 0, ask(own)); err != nil || !reflect.DeepEqual(got, own) || asked != 0 {
			t.Errorf("%s: %+v, %v, asked CPU %d", name, got, err, asked)
		}
		if got, err := topology(sys, 0, ask(nil)); err == nil || strings.Contains(err.Error(), "%!") || errors.Unwrap(err) == nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	hybrid := capture(t, "alder-lake")
	if got, err := topology(hybrid, 16, ask(own)); err != nil || got[0].Shared != "16" || got[0].Source != Sysfs {
		t.Errorf("CPU 16: %+v, %v", got, err)
	}
}

func TestTopologyIsOrdered(t *testing.T) {
	levels, err := Topology()
	if err != nil {
		t.Skip(err) // a machine that hides its caches altogether
	}
	for i, l := range levels {
		if l.Bytes <= 0 || i > 0 && l.Level <= levels[i-1].Level {
			t.Errorf("levels %+v", levels)
		}
	}
}

func TestSharers(t *testing.T) {
	for list, want := range map[string]int{"": 1, "0": 1, "7": 1, "0-1": 2, "0-3,8": 5, "1,3,5": 3, "0-3,8-11": 8, "x-y": 1, "3-1": 1} {
		if got := (Level{Shared: list}).Sharers(); got != want {
			t.Errorf("%q: %d sharers, want %d", list, got, want)
		}
	}
}
