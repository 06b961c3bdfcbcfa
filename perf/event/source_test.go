package event

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/uarch"
)

// The source on a pretended machine: two workers, several passes, the machine's own counters beside.
func TestPMUOnAPretendedMachine(t *testing.T) {
	w, _ := busy(2)
	l := newLab(t, "skylakex")
	for _, e := range l.table.Events {
		l.counts[e.Role] = 1_000_000
	}
	l.counts["flops.dp.512"] = 5_000_000
	counts, err := l.pmuSource(Options{}).Count(t.Context(), w, perf.Known)
	check(t, err)
	l.closed(t)
	inst := counts[perf.Instructions].Value
	if inst == 0 {
		t.Fatalf("%+v", counts[perf.Instructions])
	}
	for q, per := range map[perf.Quantity]float64{ // per instruction
		perf.FLOPsOf("f64", perf.Bits512): 40, perf.FLOPsOf("f32", perf.Scalar): 1, perf.MissesL3: 1, perf.BytesL3: 128,
		perf.BytesDRAM: 128 * 4 / 2., // four channels once, not for each worker
	} {
		if c := counts[q]; c.Quality != perf.Exact || c.Value < 0.999*per*inst || c.Value > 1.001*per*inst {
			t.Errorf("%s: %+v, want %v", q, c, per*inst)
		}
	}
	// The idle windows count as much as the work's: all of it is others'.
	if c := counts[perf.BytesDRAM]; !strings.Contains(c.Note, "about 100 % of it was there without this work") {
		t.Errorf("%+v", c)
	}
}

// What breaks between the plan and the counting is missing with its reason; the rest is counted.
func TestPMUBreaksWhileCounting(t *testing.T) {
	for name, pmu := range map[string]string{"the cores'": "cpu", "the system's": "uncore_imc_1"} {
		w, calls := busy(1)
		l := newLab(t, "skylakex")
		for _, e := range l.table.Events {
			l.counts[e.Role] = 1000
		}
		var began atomic.Bool
		w.Work = func(int) { calls.Add(1); began.Store(true); runtime.KeepAlive(calculate()) }
		l.errno = func(p string, _ uarch.Event, _ place) error {
			if began.Load() && p == pmu {
				return unix.EMFILE
			}
			return nil
		}
		counts, err := l.pmuSource(Options{}).Count(t.Context(), w, perf.Known)
		check(t, err)
		l.closed(t)
		for q, core := range map[perf.Quantity]bool{perf.FLOPs: true, perf.Cycles: true, perf.BytesDRAM: false} {
			c := counts[q]
			if gone := core == (pmu == "cpu"); (c.Quality == perf.Missing) != gone || gone && !strings.Contains(c.Reason, "too many open files") {
				t.Errorf("%s break: %s: %+v", name, q, c)
			}
		}
	}
}

// An event that opens and counts nothing is missing, whatever its kind; a part of what counts may be 0.
func TestCountersThatCountNothing(t *testing.T) {
	dead := map[string][]perf.Quantity{
		"inst.retired": {perf.Instructions}, "llc.miss": {perf.MissesL3},
		"l2.fill": {perf.BytesL3, perf.BytesL3Fill}, "l2.evict.nonsilent": {perf.BytesL3}, // half of the traffic is not the traffic
		"dram.rd": {perf.BytesDRAM, perf.BytesDRAMRead}, "dram.wr": {perf.BytesDRAM, perf.BytesDRAMWrite},
		"flops.dp.512": nil, "mem.loads": {perf.Loads}, "energy.pkg": {perf.EnergyPackage},
	}
	for role, missing := range dead {
		l := newLab(t, "skylakex")
		for _, e := range l.table.Events {
			l.counts[e.Role] = 1000
		}
		delete(l.counts, role)
		counts, _ := l.countOnce(t, Options{}, perf.Known...)
		for q, c := range counts {
			gone := false
			for _, m := range missing {
				gone = gone || q == m
			}
			if (gone || c.Quality != perf.Missing) && gone != strings.Contains(c.Reason, "not even for known work") {
				t.Errorf("%s is dead: %s: %+v", role, q, c)
			}
		}
	}
}

func TestIdleShare(t *testing.T) {
	l := newLab(t, "skylakex")
	plan, err := l.planner().plan([]perf.Quantity{perf.BytesDRAM}, Options{Uarch: "skylakex"})
	check(t, err)
	tally := plan.NewTally()
	window := func(perMillisecond uint64, add func(int, *Counters, Snapshot)) {
		l.counts["dram.rd"], l.counts["dram.wr"] = float64(perMillisecond), float64(perMillisecond)
		c, err := plan.Open(0, System())
		check(t, err)
		var s Snapshot
		check(t, c.Start())
		check(t, c.Stop(&s))
		add(0, c, s)
		check(t, c.Close())
	}
	window(1000, tally.Add)
	window(250, tally.AddIdle)
	if c := tally.Counts(1)[perf.BytesDRAM]; !strings.Contains(c.Note, "about 25 %") || c.Value != 64*2*4*1000 {
		t.Errorf("%+v", c)
	}
}

func TestOverheadIsTakenOff(t *testing.T) {
	s := Snapshot{readings: []Reading{{Values: []uint64{1000, 5, 7}}}}
	cost := Snapshot{readings: []Reading{{Values: []uint64{3, 2, 0}}}}
	if small := s.Less(cost, 3); !small || s.readings[0].Values[0] != 991 || s.readings[0].Values[1] != 0 || s.readings[0].Values[2] != 7 {
		t.Errorf("%v, small %t", s.readings[0].Values, small)
	}
	s = Snapshot{readings: []Reading{{Values: []uint64{1000, 1000, 0}}}}
	if s.Less(cost, 3) {
		t.Error("1000 counts that cost 9 are not small")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l := newLab(t, "skylakex")
	l.counts["inst.retired"] = 40
	plan, err := l.planner().plan([]perf.Quantity{perf.Instructions}, Options{Uarch: "skylakex"})
	check(t, err)
	got, err := plan.overhead(0)
	check(t, err)
	for _, v := range got.readings[0].Values { // the fake counts per enabled period, and these stay enabled
		if v != 0 {
			t.Errorf("overhead %v", got.readings[0].Values)
		}
	}
	l.closed(t)
}

// sixSoftware are the counters of the kernel that stand in for a PMU's.
func sixSoftware() Pass {
	s := Set{PMU: softwarePMU}
	for _, config := range []uint64{
		unix.PERF_COUNT_SW_TASK_CLOCK, unix.PERF_COUNT_SW_PAGE_FAULTS, unix.PERF_COUNT_SW_PAGE_FAULTS_MIN,
		unix.PERF_COUNT_SW_PAGE_FAULTS_MAJ, unix.PERF_COUNT_SW_CONTEXT_SWITCHES, unix.PERF_COUNT_SW_CPU_MIGRATIONS,
	} {
		s.Events = append(s.Events, Event{Name: fmt.Sprint(config), Type: unix.PERF_TYPE_SOFTWARE, Config: config, Bits: userBits[0]})
	}
	return Pass{Sets: []Set{s}}
}

func openSix(t testing.TB) *Counters {
	t.Helper()
	pass := sixSoftware()
	c, err := pass.Open(ThisThread())
	if err != nil {
		skipWithoutPerf(t, err)
	}
	return c
}

func TestCountersDoNotAllocate(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := openSix(t)
	defer c.Close()
	s := c.NewSnapshot()
	if n := testing.AllocsPerRun(100, func() {
		if c.Start() != nil || c.Read(&s) != nil || c.Stop(&s) != nil {
			t.Error("start, read or stop failed")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestDescriptorsDoNotLeak(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		check(t, err)
		return len(entries)
	}
	check(t, openSix(t).Close())
	before := open()
	bad := sixSoftware()
	bad.Sets[0].Events[5].Type = 1 << 30
	for range 1000 {
		check(t, openSix(t).Close())
		if _, err := bad.Open(ThisThread()); err == nil {
			t.Fatal("an unknown type was opened")
		}
	}
	if after := open(); after > before+2 {
		t.Errorf("%d descriptors before 1,000 opens, %d after", before, after)
	}
}

func BenchmarkStartStopSixCounters(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := openSix(b)
	defer c.Close()
	s := c.NewSnapshot()
	for b.Loop() {
		if c.Start() != nil || c.Stop(&s) != nil {
			b.Fatal("start or stop failed")
		}
	}
}

// BenchmarkReadSixPages is what of a reading in user space is not the RDPMC instruction itself, which needs a PMU.
func BenchmarkReadSixPages(b *testing.B) {
	p, hw := still(7)
	g := &Group{fds: make([]int, 6), pages: []*page{p, p, p, p, p, p}, hw: hw}
	var r Reading
	for b.Loop() {
		_ = g.Read(&r)
		_ = g.Read(&r)
	}
}
