package machine

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

func TestDescribe(t *testing.T) {
	m, warnings, err := Describe()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Logf("warning: %s (%s)", w.Text, w.Cure)
	}
	if m.Environment.MemoryBytes < 64<<20 || m.Environment.OS == "" || m.Environment.StealShare != nil || len(m.CPU.CPUs) == 0 {
		t.Errorf("environment %+v, CPUs %v", m.Environment, m.CPU.CPUs)
	}
	if m.PMU.Available == (m.PMU.Reason != "") {
		t.Errorf("PMU %+v", m.PMU)
	}
	names := map[string]bool{}
	for _, c := range m.Quality {
		if names[c.Name] || c.Text == "" || c.OK == (c.Cure != "") {
			t.Errorf("check %+v: a name of its own, a text, and a cure exactly if it is not OK", c)
		}
		names[c.Name] = true
	}
	for _, want := range []string{"pinning", "governor", "smt", "load", "quota", "huge pages", "interruptions"} {
		if !names[want] {
			t.Errorf("no check %q", want)
		}
	}
	if _, err := json.Marshal(m); err != nil {
		t.Error(err)
	}
	again, _, err := Describe()
	if err != nil || again.Fingerprint != m.Fingerprint || len(m.Fingerprint) != 12 {
		t.Errorf("fingerprints %q and %q, %v", m.Fingerprint, again.Fingerprint, err)
	}
}

func TestFingerprint(t *testing.T) {
	base := func() roofline.Machine {
		return roofline.Machine{
			CPU: cpu.Info{
				Vendor: "GenuineIntel", Name: "x", Family: 6, Model: 143, Stepping: 8, Arch: "amd64",
				ISAs: []cpu.ISA{cpu.AVX2, cpu.AVX512}, VM: "kvm", TSCHz: 2.6e9, CoreHz: 4.1e9, CPUs: []int{0, 1},
			},
			Caches:      []cache.Level{{Level: 1, Type: "data", Bytes: 49152, Ways: 12, Line: 64, Shared: "0"}},
			Environment: roofline.Environment{OS: "6.1", Go: "go1.26", NUMANodes: 1, THP: "madvise", LoadAverage: new(0.5)},
		}
	}
	want := fingerprint(base())
	same := map[string]func(*roofline.Machine){
		"measured clocks": func(m *roofline.Machine) { m.CPU.CoreHz, m.CPU.TSCHz = 3.9e9, 0 },
		"load":            func(m *roofline.Machine) { m.Environment.LoadAverage, m.Environment.StealShare = new(3.0), new(0.1) },
		"versions":        func(m *roofline.Machine) { m.Environment.OS, m.Environment.Go = "6.2", "go1.27" },
		"order of ISAs":   func(m *roofline.Machine) { m.CPU.ISAs = []cpu.ISA{cpu.AVX512, cpu.AVX2} },
		"other CPUs":      func(m *roofline.Machine) { m.CPU.CPUs, m.Caches[0].Shared = []int{2, 3}, "2" },
		"measured caches": func(m *roofline.Machine) {
			m.Caches = append(m.Caches, cache.Level{Level: 3, Type: "unified", Bytes: 3 << 20, Line: 64, Source: cache.Measured})
		},
		"who describes": func(m *roofline.Machine) { m.Caches[0].Source = cache.Sysfs },
		"the PMU":       func(m *roofline.Machine) { m.PMU.Available = true },
		"quality":       func(m *roofline.Machine) { m.Quality = []roofline.Check{{Name: "load"}} },
	}
	for name, change := range same {
		m := base()
		change(&m)
		if got := fingerprint(m); got != want {
			t.Errorf("%s changes the fingerprint", name)
		}
	}
	other := map[string]func(*roofline.Machine){
		"vendor":      func(m *roofline.Machine) { m.CPU.Vendor = "AuthenticAMD" },
		"stepping":    func(m *roofline.Machine) { m.CPU.Stepping++ },
		"ISAs":        func(m *roofline.Machine) { m.CPU.ISAs = m.CPU.ISAs[:1] },
		"hypervisor":  func(m *roofline.Machine) { m.CPU.VM = "" },
		"CPUs":        func(m *roofline.Machine) { m.CPU.CPUs = []int{0} },
		"sharers":     func(m *roofline.Machine) { m.Caches[0].Shared = "0-1" },
		"caches":      func(m *roofline.Machine) { m.Caches[0].Bytes *= 2 },
		"quota":       func(m *roofline.Machine) { m.Environment.CPUQuota = 1.5 },
		"THP":         func(m *roofline.Machine) { m.Environment.THP = "never" },
		"SMT":         func(m *roofline.Machine) { m.Environment.SMT = true },
		"NUMA":        func(m *roofline.Machine) { m.Environment.NUMANodes = 2 },
		"instruction": func(m *roofline.Machine) { m.CPU.Arch = "arm64" },
	}
	for name, change := range other {
		m := base()
		change(&m)
		if got := fingerprint(m); got == want {
			t.Errorf("%s does not change the fingerprint", name)
		}
	}
}

func TestJudge(t *testing.T) {
	fit := facts{env: roofline.Environment{Governor: "performance", THP: "madvise", LoadAverage: new(0.1)}, cpus: []int{0, 1}, sibling: -1, interruptions: &roofline.Interruptions{}}
	tests := []struct {
		name   string
		change func(*facts)
		check  string
		ok     bool
		text   string
	}{
		{"pinned", func(*facts) {}, "pinning", true, "CPUs 0-1"},
		{"pinning refused", func(f *facts) { f.pinErr = errors.New("operation not permitted") }, "pinning", false, "not permitted"},
		{"performance", func(*facts) {}, "governor", true, "performance"},
		{"powersave", func(f *facts) { f.env.Governor = "powersave" }, "governor", false, "powersave"},
		{"no cpufreq in a VM", func(f *facts) { f.env.Governor, f.vm = "", "kvm" }, "governor", true, "host"},
		{"no cpufreq", func(f *facts) { f.env.Governor = "" }, "governor", true, "no frequency driver"},
		{"no SMT", func(*facts) {}, "smt", true, "one thread per core"},
		{"SMT, all ours", func(f *facts) { f.env.SMT = true }, "smt", true, "all of them are ours"},
		{"SMT, idle", func(f *facts) { f.env.SMT, f.siblings, f.sibling = true, []int{2, 3}, 0 }, "smt", true, "CPUs 2-3, which are idle"},
		{"SMT, busy", func(f *facts) { f.env.SMT, f.siblings, f.sibling = true, []int{2}, 0.4 }, "smt", false, "CPU 2, busy 40 %"},
		{"SMT, unknown", func(f *facts) { f.env.SMT, f.siblings = true, []int{2} }, "smt", false, "unknown"},
		{"quiet", func(*facts) {}, "load", true, "load average 0.10"},
		{"high average, but quiet now", func(f *facts) { f.env.LoadAverage = new(7.0) }, "load", true, "7.00"},
		{"busy", func(f *facts) { f.busy = 1.04 }, "load", false, "1.0 of 2 CPUs"},
		{"load unknown", func(f *facts) { f.busy, f.env.LoadAverage = -1, nil }, "load", false, "unknown"},
		{"no quota", func(*facts) {}, "quota", true, "no CPU quota"},
		{"quota", func(f *facts) { f.env.CPUQuota = 1.5 }, "quota", false, "1.5 CPUs"},
		{"wide quota", func(f *facts) { f.env.CPUQuota = 4 }, "quota", true, "covers"},
		{"huge pages", func(*facts) {}, "huge pages", true, "madvise"},
		{"never", func(f *facts) { f.env.THP = "never" }, "huge pages", false, "never"},
		{"no THP", func(f *facts) { f.env.THP = "" }, "huge pages", false, "no transparent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := fit
			tt.change(&f)
			for _, c := range judge(f) {
				if c.OK == (c.Cure != "") {
					t.Errorf("%+v: a cure exactly if it is not OK", c)
				}
				if c.Name == tt.check && (c.OK != tt.ok || !strings.Contains(c.Text, tt.text)) {
					t.Errorf("%+v, want OK = %t and %q", c, tt.ok, tt.text)
				}
				if c.Name != tt.check && !c.OK && !strings.Contains(tt.name, "unknown") {
					t.Errorf("the change broke another check: %+v", c)
				}
			}
		})
	}
}

func TestWatch(t *testing.T) {
	read := func(name string) *fstest.MapFile {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: b}
	}
	const throttle = "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count"
	root := fstest.MapFS{"proc/stat": read("stat-before"), throttle: file("7\n")}
	stop := watch(root, []int{0, 1})
	root["proc/stat"], root[throttle] = read("stat-after"), file("9\n")
	d := stop()
	if shown(d.StealShare) != "0.2" || d.Throttles != 2 {
		t.Errorf("%+v", d)
	}

	m := roofline.Machine{Quality: []roofline.Check{{Name: "steal", OK: true, Text: "old"}, {Name: "load", OK: true, Text: "kept"}}}
	d.Apply(&m)
	d.Apply(&m)
	var names []string
	for _, c := range m.Quality {
		names = append(names, c.Name)
		if c.Name != "load" && (c.OK || c.Cure == "") {
			t.Errorf("%+v", c)
		}
	}
	if shown(m.Environment.StealShare) != "0.2" || !reflect.DeepEqual(names, []string{"steal", "load", "throttling"}) {
		t.Errorf("%v, %+v", names, m.Environment)
	}

	// Where nothing can be read, nothing is claimed.
	if d := watch(fstest.MapFS{}, []int{0})(); d.StealShare != nil || d.Throttles != -1 || len(d.checks("")) != 0 {
		t.Errorf("nothing readable: %+v", d)
	}
}

func TestWatchHere(t *testing.T) {
	if _, err := readStat(os.DirFS("/")); err != nil {
		t.Skip(err)
	}
	stop, begin := Watch(), time.Now()
	for stop().StealShare == nil { // 0.1 s of work are enough; a virtual machine may be stopped for as long as its host likes
		if time.Since(begin) > 10*time.Second {
			t.Fatal("10 s of work do not tell the steal share")
		}
	}
	if s := *stop().StealShare; s < 0 || s > 1 {
		t.Errorf("steal share %g", s)
	}
}

func TestCPUList(t *testing.T) {
	for want, cpus := range map[string][]int{
		"no CPU": nil, "CPU 3": {3}, "CPUs 0-1": {0, 1}, "CPUs 0-2,5,7-8": {7, 2, 0, 1, 8, 5},
	} {
		if got := cpuList(cpus); got != want {
			t.Errorf("%v: %q, want %q", cpus, got, want)
		}
	}
}

func TestSiblings(t *testing.T) {
	cores := [][]int{{0, 4}, {1, 5}, {2, 6}, {3, 7}}
	of := func(c int) []int {
		if c < 8 {
			return cores[c%4]
		}
		return []int{c}
	}
	for _, tt := range []struct{ own, want []int }{
		{[]int{0, 1}, []int{4, 5}},
		{[]int{0, 4}, nil},
		{[]int{3}, []int{7}},
		{[]int{9}, nil},
	} {
		if got := siblings(tt.own, of); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.own, got, tt.want)
		}
	}
}
