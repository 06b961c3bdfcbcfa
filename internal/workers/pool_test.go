package workers

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
)

func all(t *testing.T) *Pool {
	t.Helper()
	cpus, err := CPUs(Usable())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(cpus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestWorkersRunOnTheirCPUs(t *testing.T) {
	p := all(t)
	got := make([]unix.CPUSet, p.N())
	if err := p.Each(func(w int) error { return unix.SchedGetaffinity(0, &got[w]) }); err != nil {
		t.Fatal(err)
	}
	for w, c := range p.CPUs() {
		if got[w].Count() != 1 || !got[w].IsSet(c) {
			t.Errorf("worker %d is not pinned to CPU %d alone", w, c)
		}
	}
}

func TestTimeRunsEveryPartBatchTimesInStep(t *testing.T) {
	p := all(t)
	const batch = 300
	var calls, ahead atomic.Int64
	done := make([]atomic.Int64, p.N())
	elapsed := p.Time(batch, func(w int) {
		calls.Add(1)
		mine := done[w].Add(1)
		for v := range done {
			if d := done[v].Load(); d < mine-1 || d > mine+1 {
				ahead.Add(1)
			}
		}
	})
	if got := calls.Load(); got != int64(batch*p.N()) {
		t.Errorf("%d calls, want %d", got, batch*p.N())
	}
	if ahead.Load() > 0 {
		t.Errorf("%d times a worker was more than one call ahead", ahead.Load())
	}
	if elapsed <= 0 {
		t.Errorf("elapsed %v", elapsed)
	}
}

func TestErrorsAndPanicsSurface(t *testing.T) {
	p := all(t)
	wrong := errors.New("wrong")
	if err := p.Each(func(w int) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("Each: %v", err)
	}
	var panicked *PanicError
	if err := p.Each(func(int) error { panic("boom") }); !errors.As(err, &panicked) || panicked.Value != "boom" {
		t.Errorf("Each after a panic: %v", err)
	}
	func() {
		defer func() {
			if v := recover(); v == nil {
				t.Error("Time swallowed the panic of one part")
			}
		}()
		p.Time(10, func(w int) {
			if w == 0 {
				panic("boom")
			}
		})
	}()
	if err := p.Each(func(int) error { return nil }); err != nil {
		t.Errorf("the pool is dead after a panic: %v", err)
	}
}

// allocations returns the mean per call of f. It is testing.AllocsPerRun at full GOMAXPROCS: workers spin.
func allocations(f func()) uint64 {
	const runs = 200
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / runs
}

func TestNothingIsAllocated(t *testing.T) {
	p := all(t)
	part, f := func(int) {}, func(int) error { return nil }
	if n := allocations(func() { p.Time(3, part) }); n > 0 {
		t.Errorf("%d allocations per Time", n)
	}
	if n := allocations(func() { _ = p.Each(f) }); n > 0 {
		t.Errorf("%d allocations per Each", n)
	}
}

// A test helper that fails inside a worker ends its goroutine; that must neither hang nor pass.
func TestGoexitSurfaces(t *testing.T) {
	p := all(t)
	last := p.N() - 1
	err := p.Each(func(w int) error {
		if w == last {
			runtime.Goexit()
		}
		return nil
	})
	var gone *goexitError
	if !errors.As(err, &gone) || gone.worker != last {
		t.Errorf("Each: %v", err)
	}
	var on [2]unix.CPUSet
	if err := p.Each(func(w int) error { return unix.SchedGetaffinity(0, &on[min(w, 1)]) }); err != nil {
		t.Errorf("the pool is dead afterwards: %v", err)
	}
	if set := on[min(last, 1)]; set.Count() != 1 || !set.IsSet(p.CPUs()[last]) {
		t.Error("the worker that took its place is not pinned")
	}
}

func TestNewRefuses(t *testing.T) {
	first := firstCPUs(t, 1)[0]
	for _, tt := range []struct {
		name string
		cpus []int
		want string
	}{
		{"none", nil, "no CPU"},
		{"more than GOMAXPROCS", make([]int, runtime.GOMAXPROCS(0)+1), "GOMAXPROCS"},
		{"a CPU that does not exist", []int{1023}, "1023"},
		{"a negative CPU", []int{-1}, "-1"},
	} {
		if p, err := New(tt.cpus); err == nil {
			p.Close()
			t.Errorf("%s: accepted", tt.name)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v does not say %q", tt.name, err, tt.want)
		}
	}
	if runtime.GOMAXPROCS(0) < 2 {
		return
	}
	if p, err := New([]int{first, first}); err == nil || !strings.Contains(err.Error(), "twice") {
		p.Close()
		t.Errorf("the same CPU twice: %v", err)
	}
}

func firstCPUs(t *testing.T, n int) []int {
	t.Helper()
	cpus, err := CPUs(n)
	if err != nil {
		t.Fatal(err)
	}
	return cpus
}

// The barrier must not depend on how many goroutines run at once, nor on threads of its own.
func TestBarrierKeepsGoroutinesInStep(t *testing.T) {
	const n, rounds = 3, 5
	var b barrier
	b.n = n
	var wg sync.WaitGroup
	var done [n]atomic.Int64
	var ahead atomic.Int64
	for i := range n {
		wg.Go(func() {
			for r := range int64(rounds) {
				done[i].Store(r + 1)
				b.wait()
				for j := range done {
					if d := done[j].Load(); d < r+1 || d > r+2 {
						ahead.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if ahead.Load() > 0 {
		t.Errorf("%d times a goroutine was out of step", ahead.Load())
	}
}

func TestChoose(t *testing.T) {
	pairs := func(c int) []int { return []int{c % 4, c%4 + 4} } // 4 cores with 2 threads each
	alone := func(c int) []int { return []int{c} }
	same := func(int) int { return 1024 }
	eight := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for _, tt := range []struct {
		name string
		n    int
		l    limits
		top  topology
		want []int
		err  string
	}{
		{"cores first", 5, limits{eight, 0, 8}, topology{pairs, same}, []int{0, 1, 2, 3, 4}, ""},
		{"neighbouring siblings", 3, limits{[]int{0, 1, 2, 3}, 0, 8}, topology{func(c int) []int { return []int{c &^ 1, c | 1} }, same}, []int{0, 2, 1}, ""},
		{"a core whose first thread is not ours", 2, limits{[]int{4, 5, 1}, 0, 8}, topology{pairs, same}, []int{4, 5}, ""},
		{"fast cores first", 3, limits{eight, 0, 8}, topology{alone, func(c int) int { return 512 + c/6*512 }}, []int{6, 7, 0}, ""},
		{"a slow core before the second thread of a fast one", 3, limits{[]int{0, 1, 2}, 0, 8},
			topology{func(c int) []int { return []int{c &^ 1} }, func(c int) int { return 1024 - c/2*512 }}, []int{0, 2, 1}, ""},
		{"affinity", 2, limits{[]int{3, 5}, 0, 8}, topology{alone, same}, []int{3, 5}, ""},
		{"too many", 3, limits{[]int{0, 1}, 0, 8}, topology{alone, same}, nil,
			"use 3 threads: only 2 CPUs are usable here (affinity 0-1); pass --threads 2"},
		{"one", 2, limits{[]int{6}, 0, 8}, topology{alone, same}, nil, "use 2 threads: only 1 CPU is usable here (affinity 6); pass --threads 1"},
		{"quota", 3, limits{eight, 2.5, 8}, topology{alone, same}, nil,
			"use 3 threads: only 2 CPUs are usable here (affinity 0-7, cgroup quota 2.5); pass --threads 2"},
		{"GOMAXPROCS", 3, limits{eight, 0, 2}, topology{alone, same}, nil,
			"use 3 threads: only 2 CPUs are usable here (affinity 0-7, GOMAXPROCS 2); pass --threads 2"},
		{"a quota above the affinity", 3, limits{[]int{0, 1}, 16, 8}, topology{alone, same}, nil, "only 2 CPUs"},
		{"a quota under one CPU still runs", 1, limits{eight, 0.5, 8}, topology{alone, same}, []int{0}, ""},
		{"none", 0, limits{eight, 0, 8}, topology{alone, same}, nil, "at least 1"},
	} {
		got, err := choose(tt.n, tt.l, tt.top)
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
}

// A worker may run on the main thread, which outlives it: nothing may stay pinned.
func TestClosedPoolsLeaveNothingPinned(t *testing.T) {
	before, err := cpu.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		p, err := New(before[:1])
		if err != nil {
			t.Fatal(err)
		}
		if now, err := cpu.Affinity(); err != nil || !slices.Equal(now, before) {
			t.Fatalf("while a pool runs: affinity %v, %v; want %v", now, err, before)
		}
		p.Close()
	}
	var set unix.CPUSet
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if err := unix.SchedGetaffinity(os.Getpid(), &set); err != nil {
			t.Fatal(err)
		}
		if set.Count() == len(before) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the main thread stays pinned: %d of %d CPUs", set.Count(), len(before))
		}
	}
}
