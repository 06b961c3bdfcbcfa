package region

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/region/board"
)

// events are what tests count: page faults, which a test can cause exactly, and the thread's CPU time, in two groups.
var events = []board.Event{
	{Group: 0, Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_PAGE_FAULTS, Bits: unix.PerfBitExcludeKernel},
	{Group: 1, Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_TASK_CLOCK, Bits: unix.PerfBitExcludeKernel},
}

// underBoard runs f as if the test had been started by roofline, and returns what it left on the board.
func underBoard(t *testing.T, events []board.Event, f func()) board.Snapshot {
	t.Helper()
	b, err := board.Create(events)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	_, env, _ := strings.Cut(b.Environ(), "=")
	if err := attach(env); err != nil {
		t.Fatal(err)
	}
	defer detach()
	f()
	return b.Read()
}

// detach forgets the board and closes the counters.
func detach() {
	active = false
	for i := range threads.buckets {
		for s := threads.buckets[i].Load(); s != nil; s = s.next {
			for _, fd := range s.counters.leaders {
				if fd >= 0 {
					_ = unix.Close(fd)
				}
			}
		}
		threads.buckets[i].Store(nil)
	}
	_ = onto.Close()
	onto = nil
}

func byName(s board.Snapshot) map[string]board.Slot {
	m := map[string]board.Slot{}
	for _, slot := range s.Slots {
		m[slot.Name] = slot
	}
	return m
}

// touch causes n page faults.
func touch(t *testing.T, n int) {
	page := unix.Getpagesize()
	mem, err := unix.Mmap(-1, 0, n*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Error(err)
		return
	}
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	for i := range n {
		mem[i*page] = 1
	}
	_ = unix.Munmap(mem)
}

func TestNothingWithoutBoard(t *testing.T) {
	r := Start("x")
	if Active() || r != (Region{}) {
		t.Errorf("a region was entered outside roofline: %+v", r)
	}
	r.End()
	if n := testing.AllocsPerRun(100, func() { Start("x").End() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNestedRegions(t *testing.T) {
	var took time.Duration
	s := underBoard(t, events, func() {
		begin := time.Now()
		defer func() { took = time.Since(begin) }()
		outer := Start("outer")
		touch(t, 1000)
		for range 3 {
			inner := Start("inner")
			touch(t, 1000)
			inner.End()
		}
		outer.End()
	})
	m := byName(s)
	outer, inner := m["outer"], m["inner"]
	if len(s.Slots) != 2 || outer.Calls != 1 || inner.Calls != 3 || outer.Open+inner.Open != 0 || s.Misused != 0 {
		t.Fatalf("%+v", s)
	}
	// Beside those that are caused, the runtime has page faults of its own: fewer than one of these touches too many would be.
	near := func(what string, got, want uint64) {
		t.Helper()
		if got < want || got >= want+1000 {
			t.Errorf("%s: %d, want %d and less than 1000 more", what, got, want)
		}
	}
	near("inner faults by usage", inner.Total.MinorFaults, 3000)
	near("outer faults by usage", outer.Total.MinorFaults, 4000)
	near("outer self by usage", outer.Self.MinorFaults, 1000)
	if inner.Total.Time != inner.Self.Time || outer.Self.Time >= outer.Total.Time || outer.Self.Time+inner.Self.Time != outer.Total.Time {
		t.Errorf("outer total %d self %d, inner total %d self %d ns", outer.Total.Time, outer.Self.Time, inner.Total.Time, inner.Self.Time)
	}
	if outer.First >= inner.First || outer.Last <= inner.Last {
		t.Errorf("outer %d to %d, inner %d to %d", outer.First, outer.Last, inner.First, inner.Last)
	}
	if inner.Opened != 3 {
		t.Skipf("perf events are not permitted: errno %d", inner.Errno)
	}
	near("inner faults by event", inner.Total.Groups[0].Values[0], 3000)
	near("outer self by event", outer.Self.Groups[0].Values[0], 1000)
	if cpu := inner.Total.Groups[1].Values[0]; cpu == 0 || cpu > uint64(took) {
		t.Errorf("inner CPU time %d of %d ns", cpu, took)
	}
}

// A recursive region counts its outermost entries only: anything else would count the same time twice.
func TestRecursion(t *testing.T) {
	var recur func(n int)
	recur = func(n int) {
		defer Start("f").End()
		if n > 1 {
			recur(n - 1)
		}
		touch(t, 50) // 500 in all; 2750 if every entry counted
	}
	var took time.Duration
	s := underBoard(t, nil, func() {
		begin := time.Now()
		recur(10)
		took = time.Since(begin)
	})
	f := byName(s)["f"]
	if f.Calls != 10 || f.Total.Time > uint64(took) || f.Self.Time != f.Total.Time || f.Total.MinorFaults < 500 || f.Total.MinorFaults > 2000 {
		t.Errorf("%+v in %v", f, took)
	}
}

// While an outer entry of a recursive region is under way the board has what was counted before it, and nothing impossible.
func TestRecursionUnderWay(t *testing.T) {
	s := underBoard(t, nil, func() {
		Do("f", func() { Do("f", func() {}) })
		Start("f")
		inner := Start("f")
		touch(t, 1000)
		inner.End()
	})
	runtime.UnlockOSThread() // of the entry that is not ended
	f := byName(s)["f"]
	if s.Damaged != 0 || f.Calls != 2 || f.Open != 1 || f.Self.Time != f.Total.Time || f.Total.MinorFaults >= 1000 {
		t.Errorf("%d damaged, %+v", s.Damaged, f)
	}
}

func TestThreads(t *testing.T) {
	const n = 4
	s := underBoard(t, events, func() {
		var all sync.WaitGroup
		var ready sync.WaitGroup
		ready.Add(n)
		for i := range n {
			all.Go(func() {
				defer Start("worker").End()
				ready.Done()
				ready.Wait() // so that no thread serves two of them
				touch(t, 1000*(i+1))
			})
		}
		all.Wait()
	})
	var faults []uint64
	tids := map[int]bool{}
	for _, slot := range s.Slots {
		if slot.Name == "worker" && slot.Calls == 1 {
			faults = append(faults, slot.Total.MinorFaults/1000)
			tids[slot.TID] = true
		}
	}
	slices.Sort(faults)
	if !slices.Equal(faults, []uint64{1, 2, 3, 4}) || len(tids) != n {
		t.Errorf("thousands of faults by thread: %v on %d threads; %+v", faults, len(tids), s)
	}
}

func TestMisuse(t *testing.T) {
	for name, tt := range map[string]struct {
		f       func()
		misused uint64
		calls   map[string]uint64
	}{
		"end twice":        {func() { r := Start("a"); r.End(); r.End() }, 1, map[string]uint64{"a": 1}},
		"outer first":      {func() { a, b := Start("a"), Start("b"); a.End(); b.End() }, 2, map[string]uint64{"a": 1, "b": 1}},
		"inner forgotten":  {func() { a := Start("a"); Start("b"); a.End() }, 1, map[string]uint64{"a": 1, "b": 1}},
		"another thread":   {func() { r := Start("a"); done := make(chan int); go func() { r.End(); close(done) }(); <-done; r.End() }, 1, map[string]uint64{"a": 1}},
		"never ended":      {func() { Start("a"); runtime.UnlockOSThread() }, 0, map[string]uint64{"a": 0}},
		"panics":           {func() { defer func() { _ = recover() }(); Do("a", func() { panic("x") }) }, 0, map[string]uint64{"a": 1}},
		"an empty name":    {func() { Do("", func() {}) }, 0, map[string]uint64{"(unnamed)": 1}},
		"a very long name": {func() { Do(strings.Repeat("é", 500), func() {}) }, 0, map[string]uint64{board.Shorten(strings.Repeat("é", 500)): 1}},
		"a hostile name":   {func() { Do("a\x1b[31m\n\xff\x00", func() {}) }, 0, map[string]uint64{"a\x1b[31m\n\xff\x00": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			m := byName(underBoard(t, nil, tt.f))
			s := underBoard(t, nil, tt.f)
			if s.Misused != tt.misused || len(m) != len(tt.calls) {
				t.Errorf("misused %d, want %d; %+v", s.Misused, tt.misused, s)
			}
			for n, calls := range tt.calls {
				if slot, ok := m[n]; !ok || slot.Calls != calls || slot.Open != 1-min(calls, 1) {
					t.Errorf("%q: %+v, want %d calls", n, slot, calls)
				}
			}
		})
	}
}

func TestTooDeep(t *testing.T) {
	var nest func(n int)
	nest = func(n int) {
		r := Start(fmt.Sprint("level", n))
		if n > 1 {
			nest(n - 1)
		}
		r.End()
	}
	s := underBoard(t, nil, func() { nest(board.MaxDepth + 5) })
	if s.Deep != 5 || len(s.Slots) != board.MaxDepth || s.Misused != 0 {
		t.Errorf("deep %d, %d slots, misused %d", s.Deep, len(s.Slots), s.Misused)
	}
}

func TestThousandsOfRegions(t *testing.T) {
	const n = 5000
	s := underBoard(t, nil, func() {
		runtime.LockOSThread() // every thread has slots of its own
		defer runtime.UnlockOSThread()
		for range 2 {
			for i := range n {
				Do(fmt.Sprint("region ", i), func() {})
			}
		}
	})
	m := byName(s)
	if last := m["region 4999"]; len(m) != n || last.Calls != 2 || s.Lost != 0 {
		t.Errorf("%d regions, the last with %d calls, lost %d", len(m), last.Calls, s.Lost)
	}
}

func TestAllocatesNothing(t *testing.T) {
	underBoard(t, events, func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		Do("a", func() { Do("b", func() {}) }) // takes the slots
		if n := testing.AllocsPerRun(1000, func() { a := Start("a"); Start("b").End(); a.End() }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

// victim, when set, makes the test binary mark a region and die in the next one.
const victim = "REGION_TEST_VICTIM"

func TestMain(m *testing.M) {
	switch os.Getenv(victim) {
	case "":
		os.Exit(m.Run())
	case "killed":
		Do("done", func() {})
		Start("under way")
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
	case "exits":
		defer Start("under way").End()
		Do("done", func() {})
		os.Exit(3)
	}
}

// What was counted before a crash is not lost, and what was not is not invented.
func TestCrash(t *testing.T) {
	testkit.NeedSelf(t)
	for _, how := range []string{"killed", "exits"} {
		b, err := board.Create(events)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{victim + "=" + how, b.Environ()}
		if err := cmd.Run(); err == nil {
			t.Fatal("the victim lives")
		}
		m := byName(b.Read())
		if m["done"].Calls != 1 || m["done"].PID != cmd.Process.Pid || m["under way"].Calls != 0 || m["under way"].Open != 1 {
			t.Errorf("%s: %+v", how, m)
		}
	}
}

func BenchmarkRegion(b *testing.B) {
	for _, n := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("groups=%d", n), func(b *testing.B) {
			tool, err := board.Create(events[:n])
			if err != nil {
				b.Fatal(err)
			}
			defer tool.Close()
			_, env, _ := strings.Cut(tool.Environ(), "=")
			if err := attach(env); err != nil {
				b.Fatal(err)
			}
			defer detach()
			for b.Loop() {
				Start("r").End()
			}
		})
	}
	b.Run("inactive", func(b *testing.B) {
		for b.Loop() {
			Start("r").End()
		}
	})
}
