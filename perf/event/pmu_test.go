package event

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/perftest"
)

func yes() (bool, string, string) { return true, "", "" }

// busy is a workload of some microseconds a call that knows how often it was called.
func busy(workers int) (*perftest.Workload, *atomic.Int64) {
	var calls atomic.Int64
	return &perftest.Workload{Name: "busy", N: workers, Work: func(int) {
		calls.Add(1)
		for begin := time.Now(); time.Since(begin) < 100*time.Microsecond; {
		}
	}}, &calls
}

var allGeneric = []perf.Quantity{perf.Instructions, perf.Cycles, perf.MissesL1, perf.MissesL3}

// perEvent makes a PMU that counts n per enabled period of the given event, and 7 of the others.
func perEvent(name string, n uint64) func(*unix.PerfEventAttr) uint64 {
	return func(a *unix.PerfEventAttr) uint64 {
		for _, e := range generics {
			if e.name == name && e.attr.Type == a.Type && e.attr.Config == a.Config {
				return n
			}
		}
		return 7
	}
}

func TestPMUSumsWorkersAndDividesByCalls(t *testing.T) {
	w, calls := busy(3)
	k := &fakeKernel{value: perEvent("cycles", 1_000_000)}
	p := &PMU{sys: k, root: fstest.MapFS{}, available: yes}
	counts, err := p.Count(t.Context(), w, []perf.Quantity{perf.Cycles})
	check(t, err)
	// A pass is a whole number of calls, the same on every worker.
	c := counts[perf.Cycles]
	n := 3_000_000 / c.Value // of 31 calls it is 31.000000000000004
	if c.Quality != perf.Exact || c.Source != perf.SourcePMU || math.Abs(n-math.Round(n)) > 1e-9 || n < 1 || 3*n > float64(calls.Load()) {
		t.Errorf("%+v: 3 × 1e6 cycles were counted over %v calls (%d in all)", c, n, calls.Load())
	}
	if len(k.live) != 0 {
		t.Errorf("%d events left open", len(k.live))
	}
}

func TestPMUQuality(t *testing.T) {
	tests := []struct {
		name    string
		kernel  *fakeKernel
		q       perf.Quantity
		quality perf.Quality
		running float64
		reason  string
	}{
		{"all the time", &fakeKernel{value: perEvent("", 0)}, perf.Cycles, perf.Exact, 0, ""},
		{"half the time", &fakeKernel{value: perEvent("", 0), running: 0.5}, perf.Cycles, perf.Scaled, 0.5, ""},
		{"too little time", &fakeKernel{value: perEvent("", 0), running: 0.1}, perf.Cycles, perf.Missing, 0, "10 %"},
		{"never", &fakeKernel{value: perEvent("", 0), running: -1}, perf.Cycles, perf.Missing, 0, "never"},
		{"instructions read 0", &fakeKernel{value: perEvent("instructions", 0)}, perf.Instructions, perf.Missing, 0, "counts nothing"},
		{"misses read 0, always", &fakeKernel{value: perEvent("LLC-load-misses", 0)}, perf.MissesL3, perf.Missing, 0, "known work"},
		{"no such event", &fakeKernel{value: perEvent("", 0), refuse: func(a *unix.PerfEventAttr, _ int, _ []unix.PerfEventAttr, _ place) error {
			if a.Type == unix.PERF_TYPE_HW_CACHE {
				return unix.ENOENT
			}
			return nil
		}}, perf.MissesL3, perf.Missing, 0, "no such event"},
		{"no permission", &fakeKernel{refuse: func(*unix.PerfEventAttr, int, []unix.PerfEventAttr, place) error { return unix.EACCES }}, perf.Cycles, perf.Missing, 0, "no permission"},
		{"a broken read", &fakeKernel{raw: func([]byte) (int, error) { return 0, nil }}, perf.Cycles, perf.Missing, 0, "pinned"},
		{"no generic event", &fakeKernel{value: perEvent("", 0)}, perf.FLOPs, perf.Missing, 0, "not known"},
		{"not the PMU's", &fakeKernel{value: perEvent("", 0)}, perf.PageFaults, perf.Missing, 0, "source os"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, _ := busy(2)
			p := &PMU{sys: tt.kernel, root: fstest.MapFS{}, available: yes}
			want := append([]perf.Quantity{perf.FLOPs, perf.PageFaults}, allGeneric...)
			counts, err := p.Count(t.Context(), w, want)
			check(t, err)
			for _, q := range want {
				if err := counts[q].Validate(); err != nil {
					t.Errorf("%s: %v", q, err)
				}
			}
			c := counts[tt.q]
			if c.Quality != tt.quality || c.Running != tt.running || !strings.Contains(c.Reason, tt.reason) {
				t.Errorf("%s: %+v, want %s, running %v, reason with %q", tt.q, c, tt.quality, tt.running, tt.reason)
			}
			if len(tt.kernel.live) != 0 {
				t.Errorf("%d events left open", len(tt.kernel.live))
			}
		})
	}
}

// A miss event that counts 0 for the workload but something for the known work has really counted 0.
func TestPMUBelievesAProvenZero(t *testing.T) {
	k := &fakeKernel{}
	opened := 0 // when the workload ran last; what is opened later is for the known work
	k.value = func(*unix.PerfEventAttr) uint64 {
		if len(k.opened) > opened {
			return 5
		}
		return 0
	}
	w := &perftest.Workload{Name: "without misses", Work: func(int) {
		k.mu.Lock()
		opened = len(k.opened)
		k.mu.Unlock()
		time.Sleep(time.Millisecond)
	}}
	p := &PMU{sys: k, root: fstest.MapFS{}, available: yes}
	counts, err := p.Count(t.Context(), w, []perf.Quantity{perf.MissesL1})
	check(t, err)
	if c := counts[perf.MissesL1]; c.Quality != perf.Exact || c.Value != 0 {
		t.Errorf("%+v, want exactly 0", c)
	}
}

// Where the PMU takes two events at a time, four are counted in two passes, exactly.
func TestPMUSplitsGroups(t *testing.T) {
	w, _ := busy(2)
	k := &fakeKernel{value: perEvent("", 0), refuse: func(_ *unix.PerfEventAttr, in int, _ []unix.PerfEventAttr, _ place) error {
		if in >= 2 {
			return unix.EINVAL
		}
		return nil
	}}
	p := &PMU{sys: k, root: fstest.MapFS{}, available: yes}
	counts, err := p.Count(t.Context(), w, allGeneric)
	check(t, err)
	for _, q := range allGeneric {
		if c := counts[q]; c.Quality != perf.Exact {
			t.Errorf("%s: %+v", q, c)
		}
	}
}

// A PMU that cannot exclude the hypervisor or the kernel is opened without these bits.
func TestPMUWithoutExclude(t *testing.T) {
	for _, allowed := range userBits {
		w, _ := busy(1)
		k := &fakeKernel{value: perEvent("", 0), refuse: func(a *unix.PerfEventAttr, _ int, _ []unix.PerfEventAttr, _ place) error {
			if a.Bits&^(allowed|unix.PerfBitDisabled) != 0 {
				return unix.EINVAL
			}
			return nil
		}}
		p := &PMU{sys: k, root: fstest.MapFS{}, available: yes}
		counts, err := p.Count(t.Context(), w, []perf.Quantity{perf.Instructions})
		check(t, err)
		if c := counts[perf.Instructions]; c.Quality != perf.Exact {
			t.Errorf("bits %#x allowed: %+v", allowed, c)
		}
		if bits := k.opened[0].Bits &^ unix.PerfBitDisabled; bits != allowed {
			t.Errorf("bits %#x allowed, opened with %#x", allowed, bits)
		}
	}
}

func TestPMUNotAvailable(t *testing.T) {
	w, calls := busy(1)
	p := &PMU{sys: &fakeKernel{}, root: fstest.MapFS{}, available: func() (bool, string, string) { return false, "no PMU at all", "buy one" }}
	counts, err := p.Count(t.Context(), w, append(allGeneric, perf.FLOPs))
	check(t, err)
	for _, q := range append(allGeneric, perf.FLOPs) {
		if c := counts[q]; c != perf.NotCounted(perf.SourcePMU, "no PMU at all") {
			t.Errorf("%s: %+v", q, c)
		}
	}
	if calls.Load() != 0 {
		t.Errorf("the workload ran %d times", calls.Load())
	}
}

func TestPMUCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w, calls := busy(1)
	p := &PMU{sys: &fakeKernel{}, root: fstest.MapFS{}, available: yes}
	if _, err := p.Count(ctx, w, allGeneric); !errors.Is(err, context.Canceled) || calls.Load() != 0 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestExtendedType(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	hybrid := fstest.MapFS{
		pmuDir + "/cpu_core/cpus": file("0-3,8\n"), pmuDir + "/cpu_core/type": file("4\n"),
		pmuDir + "/cpu_atom/cpus": file("4-7\n"), pmuDir + "/cpu_atom/type": file("10\n"),
		pmuDir + "/software/type": file("1\n"), pmuDir + "/uncore_imc/cpumask": file("0\n"),
	}
	for cpu, want := range map[int]uint64{0: 4 << 32, 8: 4 << 32, 5: 10 << 32, 99: 0} {
		if got := extendedType(hybrid, cpu); got != want {
			t.Errorf("CPU %d: %#x, want %#x", cpu, got, want)
		}
	}
	uniform := fstest.MapFS{pmuDir + "/cpu/type": file("4\n")}
	if got := extendedType(uniform, 0); got != 0 {
		t.Errorf("one core type: %#x", got)
	}
}
