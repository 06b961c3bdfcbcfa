package cpu

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/fstest"
)

func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestQuota(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  float64
	}{
		{"no cgroup", nil, 0},
		{"v2, no limit", map[string]string{"proc/self/cgroup": "0::/user\n", "sys/fs/cgroup/user/cpu.max": "max 100000\n"}, 0},
		{"v2", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "150000 100000\n"}, 1.5},
		{"v2, the parent is tighter", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
			"sys/fs/cgroup/a/cpu.max": "50000 100000\n"}, 0.5},
		{"v2 namespace root", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2},
		{"v1", map[string]string{"proc/self/cgroup": "4:memory:/x\n2:cpu,cpuacct:/c\n", "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": "300000\n",
			"sys/fs/cgroup/cpu/c/cpu.cfs_period_us": "100000\n"}, 3},
		{"v1, no limit", map[string]string{"proc/self/cgroup": "2:cpu:/c\n", "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": "-1\n",
			"sys/fs/cgroup/cpu/c/cpu.cfs_period_us": "100000\n"}, 0},
		{"v2, hidden path", map[string]string{"proc/self/cgroup": "0::/../outside\n", "sys/fs/cgroup/cpu.max": "250000 100000\n"}, 2.5},
		{"v1, the container sees its own group at the root", map[string]string{"proc/self/cgroup": "3:cpu,cpuacct:/docker/0123\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n"}, 0.5},
		{"both versions, v1 has the controller", map[string]string{"proc/self/cgroup": "1:name=systemd:/s\n2:cpu,cpuacct:/s\n0::/s\n",
			"sys/fs/cgroup/cpu/s/cpu.cfs_quota_us": "100000\n", "sys/fs/cgroup/cpu/s/cpu.cfs_period_us": "50000\n"}, 2},
		{"cpuset is not cpu", map[string]string{"proc/self/cgroup": "5:cpuset:/c\n", "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": "1\n",
			"sys/fs/cgroup/cpu/c/cpu.cfs_period_us": "1\n"}, 0},
		{"noise", map[string]string{"proc/self/cgroup": "x\n::\n0::/a\n", "sys/fs/cgroup/a/cpu.max": "banana\n"}, 0},
	} {
		if got := quota(tree(tt.files)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSystemFiles(t *testing.T) {
	sys := tree(map[string]string{
		"kernel/mm/transparent_hugepage/enabled":                "always [madvise] never\n",
		"devices/system/node/has_memory":                        "0-1\n",
		"devices/system/cpu/cpu0/topology/thread_siblings_list": "0,4\n",
		"devices/system/cpu/cpu4/topology/thread_siblings_list": "0,4\n",
		"devices/system/cpu/cpu0/cpufreq/scaling_governor":      "powersave\n",
		"devices/system/cpu/cpu4/cpufreq/scaling_governor":      "performance\n",
		"devices/system/cpu/cpu5/cpufreq/scaling_governor":      "powersave\n",
		"bus/event_source/devices/cpu_atom/type":                "10\n",
		"class/dmi/id/product_name":                             "Google Compute Engine\n",
	})
	if got := thp(sys); got != "madvise" {
		t.Errorf("THP %q", got)
	}
	if got := numaNodes(sys); got != 2 {
		t.Errorf("%d NUMA nodes", got)
	}
	if !smt(sys) || !slices.Equal(siblings(sys, 4), []int{0, 4}) {
		t.Errorf("SMT %v, siblings of 4: %v", smt(sys), siblings(sys, 4))
	}
	if !hybridPMUs(sys) || dmi(sys) != "KVM" {
		t.Errorf("hybrid %v, dmi %q", hybridPMUs(sys), dmi(sys))
	}
	if got := governor(sys, []int{0, 4, 5}); got != "powersave,performance" {
		t.Errorf("governor %q", got)
	}
	alder := tree(map[string]string{"devices/cpu_atom/cpus": "4-7\n"})
	arm := tree(map[string]string{"devices/system/cpu/cpu0/cpu_capacity": "381\n", "devices/system/cpu/cpu4/cpu_capacity": "1024\n"})
	if a, b, c, d := capacity(alder, 0), capacity(alder, 5), capacity(arm, 0), capacity(arm, 4); a != 1024 || b != 512 || c != 381 || d != 1024 {
		t.Errorf("capacities %d %d %d %d", a, b, c, d)
	}
	metal := tree(map[string]string{"class/dmi/id/product_name": "m7g.metal\n", "class/dmi/id/sys_vendor": "Amazon EC2\n"})
	if got := dmi(metal); got != "" {
		t.Errorf("a bare-metal instance runs under %q", got)
	}
	none := tree(nil)
	if thp(none) != "" || numaNodes(none) != 1 || smt(none) || !slices.Equal(siblings(none, 3), []int{3}) || dmi(none) != "" ||
		governor(none, []int{0}) != "" || hybridPMUs(none) {
		t.Error("an empty sysfs must give unknown, one node, no SMT, itself")
	}
}

func TestParseList(t *testing.T) {
	for want, list := range map[string][]int{"": nil, "5": {5}, "0-1": {0, 1}, "0-2,8,10-11": {0, 1, 2, 8, 10, 11}} {
		if got := FormatList(list); got != want {
			t.Errorf("FormatList(%v) = %q, want %q", list, got, want)
		}
	}
	if got, err := ParseList("0-2,8\n"); err != nil || !slices.Equal(got, []int{0, 1, 2, 8}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"a", "3-1", "-1", "1,,2", "0-99999999"} {
		if got, err := ParseList(bad); err == nil {
			t.Errorf("ParseList(%q) = %v", bad, got)
		}
	}
}

func FuzzParseList(f *testing.F) {
	f.Add("0-3,8")
	f.Add("1-")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseList(text)
		for _, n := range list {
			if n < 0 || n >= maxCPU || err != nil {
				t.Errorf("ParseList(%q) = %v, %v", text, list, err)
			}
		}
		list = slices.Compact(slices.Sorted(slices.Values(list)))
		if again, err := ParseList(FormatList(list)); err != nil || !slices.Equal(again, list) {
			t.Errorf("%v → %q → %v, %v", list, FormatList(list), again, err)
		}
	})
}

func FuzzQuota(f *testing.F) {
	f.Add("0::/a/b\n", "150000 100000\n", "-1\n", "100000\n")
	f.Add("2:cpu:/a/b\n", "max 100000\n", "50000\n", "100000\n")
	f.Add("0::/../../x", "1e400 0x1", "nan", "inf")
	f.Fuzz(func(t *testing.T, groups, max, quotaUS, periodUS string) {
		q := quota(tree(map[string]string{"proc/self/cgroup": groups, "sys/fs/cgroup/a/cpu.max": max, "sys/fs/cgroup/cpu.max": max,
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": quotaUS, "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": periodUS}))
		if !(q >= 0) || math.IsInf(q, 0) {
			t.Errorf("quota %v", q)
		}
	})
}

func TestDetect(t *testing.T) {
	info, err := Detect()
	if err != nil {
		t.Fatal(err)
	}
	if len(info.CPUs) == 0 || len(info.ISAs) == 0 || info.ISAs[0] != Go || info.Arch == "" {
		t.Errorf("%+v", info)
	}
	if runtime.GOARCH == "amd64" && !(info.TSCHz > 1e8 && info.TSCHz < 1e10) {
		t.Errorf("the time-stamp counter runs at %g Hz", info.TSCHz)
	}
	info.ISAs[0] = "changed"
	if again, _ := Detect(); again.ISAs[0] != Go {
		t.Error("Detect returns shared slices")
	}
}
