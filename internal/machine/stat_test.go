package machine

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func loadStat(t *testing.T, name string) stat {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseStat(string(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseStat(t *testing.T) {
	want := stat{
		0: {user: 3284, system: 1432, idle: 152927, iowait: 35, softirq: 13, steal: 8},
		1: {user: 3858, system: 2017, idle: 151493, iowait: 248, softirq: 67, steal: 8},
	}
	if got := loadStat(t, "stat-before"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	old, err := parseStat("cpu0 1 2 3 4\n") // Linux 2.4
	if err != nil || old[0] != (ticks{user: 1, nice: 2, system: 3, idle: 4}) {
		t.Errorf("four fields: %+v, %v", old, err)
	}
	for _, bad := range []string{"", "cpu  1 2 3 4\n", "cpu0 1 2 3\n", "cpu0 1 2 x 4\n", "cpu0 1 2 -3 4\n", "cpux 1 2 3 4\n", "cpu99999 1 2 3 4\n"} {
		if s, err := parseStat(bad); err == nil {
			t.Errorf("%q was read as %v", bad, s)
		}
	}
}

func TestBetween(t *testing.T) {
	from, to := loadStat(t, "stat-before"), loadStat(t, "stat-after")
	// CPU 0: 300 user, 100 system, 100 stolen, never idle. CPU 1: 500 idle.
	tests := []struct {
		cpus  []int
		want  usage
		steal *float64
		busy  float64
	}{
		{[]int{0}, usage{busy: 400, steal: 100}, new(0.2), 1},
		{[]int{1}, usage{idle: 500}, nil, 0},
		{[]int{0, 1}, usage{busy: 400, steal: 100, idle: 500}, new(0.2), 0.5},
		{nil, usage{busy: 400, steal: 100, idle: 500}, new(0.2), 0.5},
		{[]int{7}, usage{}, nil, -1},
	}
	for _, tt := range tests {
		u := between(from, to, tt.cpus)
		if u != tt.want || !reflect.DeepEqual(u.stealShare(), tt.steal) || u.busyShare() != tt.busy {
			t.Errorf("CPUs %v: %+v, steal %s, busy %v; want %+v, %s, %v", tt.cpus, u, shown(u.stealShare()), u.busyShare(), tt.want, shown(tt.steal), tt.busy)
		}
	}
	if u := between(to, from, nil); u != (usage{}) {
		t.Errorf("counters that went back: %+v", u)
	}
}

// shown is a number that may be unknown.
func shown(x *float64) string {
	if x == nil {
		return "unknown"
	}
	return fmt.Sprint(*x)
}

func FuzzParseStat(f *testing.F) {
	b, err := os.ReadFile("testdata/stat-before")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add("cpu0 1 2 3 4\ncpu1 18446744073709551615 2 3 4 5 6 7 8 9\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStat(text)
		if err != nil {
			return
		}
		// What was understood, written the kernel's way, must be understood alike.
		var b strings.Builder
		for cpu, k := range s {
			fmt.Fprintf(&b, "cpu%d %d %d %d %d %d %d %d %d 0 0\n", cpu, k.user, k.nice, k.system, k.idle, k.iowait, k.irq, k.softirq, k.steal)
		}
		back, err := parseStat(b.String())
		if err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%q → %v → %v, %v", text, s, back, err)
		}
		if steal := between(s, s, nil).stealShare(); steal != nil {
			t.Fatalf("steal %v within no time of %q", *steal, text)
		}
		if busy := between(s, s, nil).busyShare(); busy != -1 {
			t.Fatalf("busy %v within no time of %q", busy, text)
		}
	})
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestMemory(t *testing.T) {
	const meminfo = "MemTotal:       16316412 kB\nMemFree:         9129352 kB\n"
	const total = 16316412 << 10
	tests := []struct {
		name string
		root fstest.MapFS
		want int64
	}{
		{"no cgroup", fstest.MapFS{}, total},
		{"v2, no limit", fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("max\n")}, total},
		{"v2, limit of a parent", fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("4294967296\n"), "sys/fs/cgroup/a/memory.max": file("2147483648\n")}, 2 << 30},
		{"v2, in a container", fstest.MapFS{"proc/self/cgroup": file("0::/not/visible\n"), "sys/fs/cgroup/memory.max": file("1073741824\n")}, 1 << 30},
		{"v1", fstest.MapFS{"proc/self/cgroup": file("5:cpu,cpuacct:/x\n4:memory:/x\n"), "sys/fs/cgroup/memory/x/memory.limit_in_bytes": file("1073741824\n"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n")}, 1 << 30},
	}
	for _, tt := range tests {
		tt.root["proc/meminfo"] = file(meminfo)
		if got, err := memory(tt.root); err != nil || got != tt.want {
			t.Errorf("%s: %d, %v, want %d", tt.name, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "MemTotal: 12 MB\n", "MemTotal: x kB\n", "MemTotal: -1 kB\n", "MemTotal: 9223372036854775807 kB\n"} {
		if got, err := memory(fstest.MapFS{"proc/meminfo": file(bad)}); err == nil {
			t.Errorf("%q was read as %d", bad, got)
		}
	}
}

func FuzzMemory(f *testing.F) {
	f.Add("MemTotal:       16316412 kB\n", "0::/a/b\n4:memory:/x\n", "1073741824\n")
	f.Add("MemTotal: 1 kB\n", ":::", "max")
	f.Add("MemTotal: 1 kB\n", "0::../../..", "0")
	f.Fuzz(func(t *testing.T, meminfo, cgroup, limit string) {
		root := fstest.MapFS{
			"proc/meminfo": file(meminfo), "proc/self/cgroup": file(cgroup),
			"sys/fs/cgroup/memory.max": file(limit), "sys/fs/cgroup/memory/memory.limit_in_bytes": file(limit),
		}
		n, err := memory(root)
		if (err == nil) != (n > 0) {
			t.Fatalf("%d bytes, %v", n, err)
		}
		if total, err := parseMemTotal(meminfo); err == nil && n > total {
			t.Fatalf("a limit raised %d to %d", total, n)
		}
	})
}

func TestLoadAverage(t *testing.T) {
	for text, want := range map[string]*float64{"0.12 0.07 0.07 1/92 9176\n": new(0.12), "12.00 1 1": new(12.0), "": nil, "x 1 1": nil, "NaN 1 1": nil, "-1 0 0": nil} {
		if got := loadAverage(fstest.MapFS{"proc/loadavg": file(text)}); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %s, want %s", text, shown(got), shown(want))
		}
	}
}

func TestThrottles(t *testing.T) {
	const dir = "sys/devices/system/cpu/cpu"
	root := fstest.MapFS{}
	for cpu, counts := range [][3]string{{"3", "10", "0"}, {"1", "10", "0"}, {"0", "5", "1"}} { // core, package, package ID
		root[fmt.Sprint(dir, cpu, "/thermal_throttle/core_throttle_count")] = file(counts[0] + "\n")
		root[fmt.Sprint(dir, cpu, "/thermal_throttle/package_throttle_count")] = file(counts[1] + "\n")
		root[fmt.Sprint(dir, cpu, "/topology/physical_package_id")] = file(counts[2] + "\n")
	}
	for want, cpus := range map[int64][]int{3 + 1 + 10 + 5: {0, 1, 2}, 1 + 10: {1}, -1: {9}} {
		if got := throttles(root, cpus); got != want {
			t.Errorf("CPUs %v: %d, want %d", cpus, got, want)
		}
	}
}
