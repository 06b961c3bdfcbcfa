package event

import (
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/perftest"
)

// nap gives the CPU up n times.
func nap(n int) {
	for range n {
		ts := unix.Timespec{Nsec: 50_000}
		_ = unix.Nanosleep(&ts, nil)
	}
}

// fault touches n fresh pages.
func fault(t *testing.T, n int) {
	t.Helper()
	mem, err := unix.Mmap(-1, 0, n*unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	check(t, err)
	defer unix.Munmap(mem)
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	for i := 0; i < len(mem); i += unix.Getpagesize() {
		mem[i] = 1
	}
}

// openings are the ways OSCounters can be opened: with what this process may, and without any permission.
var openings = map[string]kernel{
	"permitted": linux{},
	"refused":   &fakeKernel{refuse: func(*unix.PerfEventAttr, int, []unix.PerfEventAttr, place) error { return unix.EACCES }},
}

func TestOSCountersSeeWhatHappens(t *testing.T) {
	for name, sys := range openings {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			c, err := openOS(sys)
			check(t, err)
			defer c.Close()
			nap(10) // before Start: not counted
			c.Start()
			nap(20)
			fault(t, 100)
			got := c.Stop()
			// Other load may add switches, and the runtime a few faults.
			if got.ContextSwitches < 20 || got.PageFaults < 100 || got.PageFaults > 150 {
				t.Errorf("20 naps and 100 fresh pages: %+v", got)
			}
			if (got.Migrations == NotCounted) != (c.WhyNoMigrations() != "") || got.Involuntary > got.ContextSwitches {
				t.Errorf("%+v, why no migrations: %q", got, c.WhyNoMigrations())
			}
			c.Start()
			if again := c.Stop(); again.PageFaults > 5 || again.ContextSwitches > 5 {
				t.Errorf("an empty second period: %+v", again)
			}
		})
	}
}

// oneCPU is the reason of a skip: there is nowhere to migrate to.
type oneCPU struct{}

func (oneCPU) Error() string       { return "only one CPU may be used" }
func (oneCPU) Unsupported() string { return "cpus" }

func TestOSCountersSeeMigrations(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := OpenOS()
	check(t, err)
	defer c.Close()
	if why := c.WhyNoMigrations(); why != "" {
		testkit.SkipUnsupported(t, noPerf{errors.New(why)})
	}
	var mask unix.CPUSet
	check(t, unix.SchedGetaffinity(0, &mask))
	if mask.Count() < 2 {
		testkit.SkipUnsupported(t, oneCPU{})
	}
	defer func() { check(t, unix.SchedSetaffinity(0, &mask)) }()
	var cpus []int
	for i := 0; len(cpus) < 2; i++ {
		if mask.IsSet(i) {
			cpus = append(cpus, i)
		}
	}
	defer stay(cpus[0])()
	c.Start()
	for i := range 6 {
		stay(cpus[(i+1)%2])
	}
	if d := c.Stop(); d.Migrations != 6 {
		t.Errorf("6 moves between two CPUs: %+v", d)
	}
}

func TestOSCountersDoNotAllocate(t *testing.T) {
	for name, sys := range openings {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			c, err := openOS(sys)
			check(t, err)
			defer c.Close()
			var d OSDelta
			if n := testing.AllocsPerRun(100, func() { c.Start(); d = c.Stop() }); n != 0 {
				t.Errorf("%v allocations (%+v)", n, d)
			}
		})
	}
}

// Whenever the group fails, at the start of a period or at its end, the rest is counted within that very period.
func TestOSCountersLoseTheGroup(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for name, good := range map[string]int{"at the start": 0, "at the end": 1, "in the second period": 3} {
		k := &fakeKernel{value: func(*unix.PerfEventAttr) uint64 { return 3 }}
		c, err := openOS(k)
		check(t, err)
		fault(t, 1000)
		for i := range 2 {
			if i == good/2 {
				reads := 0
				k.raw = func(b []byte) (int, error) {
					if reads++; reads > good%2 {
						return 0, unix.EIO
					}
					for i, w := range []uint64{softwareEvents, 1, 1, 5, 5} {
						binary.NativeEndian.PutUint64(b[8*i:], w)
					}
					return 8 * (3 + softwareEvents), nil
				}
			}
			c.Start()
			fault(t, 10)
			nap(5)
			d := c.Stop()
			if lost := i >= good/2; (d.Migrations == NotCounted) != lost || lost && d.ContextSwitches < 5 {
				t.Errorf("%s, period %d: %+v", name, i, d)
			}
			if d.PageFaults < 10 || d.PageFaults > 60 || d.ContextSwitches > 100 || d.Involuntary > 100 {
				t.Errorf("%s, period %d: 10 fresh pages and 5 naps: %+v", name, i, d)
			}
		}
		if len(k.live) != 0 || c.WhyNoMigrations() == "" {
			t.Errorf("%s: %d events left open, why no migrations: %q", name, len(k.live), c.WhyNoMigrations())
		}
	}
}

func TestOSSource(t *testing.T) {
	w := &perftest.Workload{Name: "naps", N: 2, Work: func(int) { time.Sleep(time.Millisecond) }}
	want := []perf.Quantity{perf.ContextSwitches, perf.InvoluntarySwitches, perf.Migrations, perf.PageFaults, perf.FLOPs}
	counts, err := NewOS().Count(t.Context(), w, want)
	check(t, err)
	if c := counts[perf.ContextSwitches]; c.Quality != perf.Exact || c.Value < 1 || c.Value > 20 {
		t.Errorf("two workers that sleep once a call: %+v", c)
	}
	if all, forced := counts[perf.ContextSwitches], counts[perf.InvoluntarySwitches]; forced.Quality != perf.Exact || forced.Value > all.Value-0.9 {
		t.Errorf("of %+v switches %+v involuntary, though each call sleeps once", all, forced)
	}
	if c := counts[perf.FLOPs]; c.Quality != perf.Missing {
		t.Errorf("flops: %+v", c)
	}

	refused := &OS{sys: &fakeKernel{refuse: func(*unix.PerfEventAttr, int, []unix.PerfEventAttr, place) error { return syscall.EACCES }}}
	counts, err = refused.Count(t.Context(), w, want)
	check(t, err)
	if c := counts[perf.Migrations]; c.Quality != perf.Missing || !strings.Contains(c.Reason, "software events") {
		t.Errorf("migrations without permission: %+v", c)
	}
	if c := counts[perf.ContextSwitches]; c.Quality != perf.Exact || c.Value < 1 {
		t.Errorf("switches without permission: %+v", c)
	}
}
