package cache

import (
	"fmt"
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

func TestFromSysfs(t *testing.T) {
	for _, tt := range []struct {
		name string
		sys  fstest.MapFS
		want []Level
	}{
		{"Sapphire Rapids", tree("1 Data 48K 12 64 0", "1 Instruction 32K 8 64 0", "2 Unified 2048K 16 64 0", "3 Unified 491520K 15 64 0-1"),
			[]Level{{1, "data", 48 << 10, 12, 64, "0"}, {2, "unified", 2 << 20, 16, 64, "0"}, {3, "unified", 480 << 20, 15, 64, "0-1"}}},
		{"Zen 4", tree("3 Unified 32768K 16 64 0-7,64-71", "1 Data 32K 8 64 0,64", "2 Unified 1024K 8 64 0,64"),
			[]Level{{1, "data", 32 << 10, 8, 64, "0,64"}, {2, "unified", 1 << 20, 8, 64, "0,64"}, {3, "unified", 32 << 20, 16, 64, "0-7,64-71"}}},
		{"no L3, no ways, no line", tree("1 Data 64K - - 0", "2 Unified 1M - - 0-3"),
			[]Level{{1, "data", 64 << 10, 0, 64, "0"}, {2, "unified", 1 << 20, 0, 64, "0-3"}}},
	} {
		if got, err := fromSysfs(tt.sys, 0); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
}

func TestFromSysfsNamesTheFault(t *testing.T) {
	for _, tt := range []struct {
		sys  fstest.MapFS
		want string
	}{
		{tree(), "no caches"},
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
	sysfs := []Level{{Level: 2, Bytes: 1 << 20}}
	if n := disagreements(sysfs, []Level{{Level: 2, Bytes: 1 << 20}}); len(n) > 0 {
		t.Errorf("agreement noted as %v", n)
	}
	n := disagreements(sysfs, []Level{{Level: 2, Bytes: 2 << 20}})
	if len(n) != 1 || !strings.Contains(n[0], "1 MiB") || !strings.Contains(n[0], "2 MiB") {
		t.Errorf("notes %q", n)
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
