package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/perftest"
)

// openings are the ways OSCounters can be opened: with what this process may, and without any permission.
var openings = map[string]kernel{
	"permitted": linux{},
	"refused":   &fakeKernel{refuse: func(*unix.PerfEventAttr, int, []unix.PerfEventAttr, place) error { return unix.EACCES }},
}

func TestOSCountersSeeWhatHappens(t *testing.T) {
	for name, sys := range openings {
		t.Run(name, func(t *testing.T) {
			needUsage(t)
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			c, err := openOS(sys)
			check(t, err)
			defer c.Close()
			nap(10) // before Start: not counted
			fault(t, 50)
			around := used()
			c.Start()
			inside := used()
			nap(20)
			fault(t, 100)
			least := used().since(inside)
			got := c.Stop()
			got.within(t, "20 naps and 100 fresh pages", least, used().since(around))
			if least.voluntary < 20 || least.faults < 100 {
				t.Errorf("20 naps and 100 fresh pages are %+v", least)
			}
			if (got.Migrations == NotCounted) != (c.WhyNoMigrations() != "") {
				t.Errorf("%+v, why no migrations: %q", got, c.WhyNoMigrations())
			}
			nap(1) // between periods: not counted
			around = used()
			c.Start()
			again := c.Stop()
			again.within(t, "an empty second period", usage{}, used().since(around))
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
	needUsage(t)
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
			around := used()
			c.Start()
			inside := used()
			fault(t, 10)
			nap(5)
			least := used().since(inside)
			d := c.Stop()
			most := used().since(around)
			lost := i >= good/2
			if (d.Migrations == NotCounted) != lost {
				t.Errorf("%s, period %d: %+v", name, i, d)
			}
			if !lost {
				if d.ContextSwitches != 0 { // the pretended group's are the same at both ends
					t.Errorf("%s, period %d: %+v", name, i, d)
				}
				d.ContextSwitches = most.switches
			}
			d.within(t, fmt.Sprintf("%s, period %d: 10 fresh pages and 5 naps", name, i), least, most)
		}
		if len(k.live) != 0 || c.WhyNoMigrations() == "" {
			t.Errorf("%s: %d events left open, why no migrations: %q", name, len(k.live), c.WhyNoMigrations())
		}
	}
}

// watched is a workload whose workers know what happened to their threads around all that was asked of them last.
type watched struct {
	*perftest.Workload
	calls  []int64
	around []usage
}

func (w *watched) OnEach(f func(worker int) error) error {
	w.calls, w.around = make([]int64, w.N), make([]usage, w.N)
	return w.Workload.OnEach(func(worker int) error {
		from := used()
		err := f(worker)
		w.around[worker] = used().since(from)
		return err
	})
}

func (w *watched) Part(worker int) {
	w.calls[worker]++
	w.Workload.Part(worker)
}

func TestOSSource(t *testing.T) {
	needUsage(t)
	want := []perf.Quantity{perf.ContextSwitches, perf.InvoluntarySwitches, perf.Migrations, perf.PageFaults, perf.FLOPs}
	for name, sys := range openings {
		w := &watched{Workload: &perftest.Workload{Name: "naps", N: 2, Work: func(int) { nap(1) }}}
		counts, err := (&OS{sys: sys}).Count(t.Context(), w, want)
		check(t, err)
		all, forced, faults := counts[perf.ContextSwitches], counts[perf.InvoluntarySwitches], counts[perf.PageFaults]
		for _, c := range []perf.Count{all, forced, faults} {
			if c.Quality != perf.Exact || c.Source != perf.SourceOS {
				t.Errorf("%s: %+v", name, c)
			}
		}
		const rounding = 1e-9
		if all.Value-forced.Value < 2-rounding {
			t.Errorf("%s: of %+v switches %+v involuntary, though each of two workers sleeps once a call", name, all, forced)
		}
		calls, most := float64(w.calls[0]), usage{}
		for i, u := range w.around {
			if w.calls[i] != w.calls[0] {
				t.Errorf("%s: calls %v", name, w.calls)
			}
			most.switches += u.switches
			most.faults += u.faults
		}
		if all.Value*calls > float64(most.switches)*(1+rounding) || faults.Value*calls > float64(most.faults)*(1+rounding) {
			t.Errorf("%s: %v calls have %+v switches, %+v faults; around them are %+v", name, calls, all, faults, most)
		}
		if c := counts[perf.FLOPs]; c.Quality != perf.Missing {
			t.Errorf("%s: flops: %+v", name, c)
		}
		if c := counts[perf.Migrations]; name == "refused" && (c.Quality != perf.Missing || !strings.Contains(c.Reason, "software events")) {
			t.Errorf("migrations without permission: %+v", c)
		}
	}
}
