package workers

import (
	"errors"
	"os"
	"slices"
	"strings"
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

func TestTimeAllocatesNothing(t *testing.T) {
	p := all(t)
	part := func(int) {}
	if n := testing.AllocsPerRun(100, func() { p.Time(3, part) }); n > 0 {
		t.Errorf("%v allocations per Time", n)
	}
}

func TestPinningToAnImpossibleCPU(t *testing.T) {
	if p, err := New([]int{1023}); err == nil {
		p.Close()
		t.Error("pinning to CPU 1023 succeeded")
	} else if !strings.Contains(err.Error(), "1023") {
		t.Errorf("the error does not name the CPU: %v", err)
	}
}

func TestChoose(t *testing.T) {
	pairs := func(c int) []int { return []int{c % 4, c%4 + 4} } // 4 cores with 2 threads each
	alone := func(c int) []int { return []int{c} }
	eight := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for _, tt := range []struct {
		name     string
		n        int
		cpus     []int
		quota    float64
		siblings func(int) []int
		want     []int
		err      string
	}{
		{"cores first", 5, eight, 0, pairs, []int{0, 1, 2, 3, 4}, ""},
		{"neighbouring siblings", 2, []int{0, 1, 2, 3}, 0, func(c int) []int { return []int{c &^ 1, c | 1} }, []int{0, 2}, ""},
		{"affinity", 2, []int{3, 5}, 0, alone, []int{3, 5}, ""},
		{"too many", 3, []int{0, 1}, 0, alone, nil, "affinity mask has 2 CPUs; pass --threads 2"},
		{"quota", 3, eight, 2.5, alone, nil, "quota is 2.5 CPUs; pass --threads 2"},
		{"a quota under one CPU still runs", 1, eight, 0.5, alone, []int{0}, ""},
		{"none", 0, eight, 0, alone, nil, "at least 1"},
	} {
		got, err := choose(tt.n, tt.cpus, tt.quota, tt.siblings)
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
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
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
