package workers

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestParseSchedstat(t *testing.T) {
	for text, want := range map[string][2]time.Duration{
		"139812 436262 2\n": {139812, 436262}, "0 0 0\n": {}, "": {}, "12": {12, 0}, "12 34": {12, 34}, "12 x34 5": {12, 0}, "1 2 3 4": {1, 2},
	} {
		if ran, delayed := parseSchedstat([]byte(text)); ran != want[0] || delayed != want[1] {
			t.Errorf("%q: %d, %d, want %d", text, ran, delayed, want)
		}
	}
}

func TestForOthers(t *testing.T) {
	for _, c := range []struct{ ran, delayed, process, want time.Duration }{
		{10, 0, 10, 0}, {10, 5, 10, 5},
		{10, 5, 12, 3}, // another thread of the process computed for 2
		{10, 5, 20, 0}, // and for all the time
		{10, 5, 9, 5},  // the clocks differ a little
		{0, 100, 0, 100},
	} {
		if got := forOthers(c.ran, c.delayed, c.process); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// What was waited beside the period is none of it, and never more than the period.
func TestCertainly(t *testing.T) {
	for _, c := range []struct{ delayed, beside, period, want time.Duration }{
		{50, 2, 100, 48}, {50, 60, 100, 0}, {0, 2, 100, 0}, {500, 2, 100, 100},
	} {
		if got := certainly(c.delayed, c.beside, c.period); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// one is a pool of a single worker.
func one(t *testing.T) *Pool {
	t.Helper()
	if _, err := os.Stat("/proc/thread-self/schedstat"); err != nil {
		t.Skip("this kernel does not tell how long threads wait: ", err)
	}
	cpus, err := CPUs(1)
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

// compute keeps a CPU busy for some ten milliseconds.
func compute(int) {
	x := 1.0
	for range 20_000_000 {
		x = x*0.999 + 0.5
	}
	result = x
}

var result float64

// rivals leave no CPU idle until the test ends.
func rivals(t *testing.T) {
	t.Helper()
	for range 3 * Usable() {
		rival := exec.Command("sh", "-c", "while :; do :; done")
		if err := rival.Start(); err != nil {
			t.Skip("no shell: ", err)
		}
		t.Cleanup(func() {
			_ = rival.Process.Kill()
			_ = rival.Wait()
		})
	}
}

// A thread that lost its CPU after the statistics were read, but before the period began, or after it ended, lost nothing of the
// period.
func TestWaitingBesideThePeriodIsNoneOfIt(t *testing.T) {
	one(t) // skips where nothing is told
	rivals(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var w Waits
	w.Open()
	defer w.Close()
	for range 5 {
		w.Mark()
		compute(0)
		begin := time.Now()
		end := begin.Add(time.Nanosecond)
		compute(0)
		if got := w.ForOthers(begin, end); got != 0 {
			t.Errorf("waited %v in a nanosecond", got)
		}
		if got := w.Delayed(begin, end); got != 0 {
			t.Errorf("delayed %v in a nanosecond", got)
		}
	}
}

// For how long other processes had the CPU is not part of the time, and is told.
func TestWaitingForOtherProcesses(t *testing.T) {
	p := one(t)
	rivals(t)
	crowded := false
	for n := 0; n < 10 || n < 200 && !crowded; n++ { // a scheduler may be kind for a while
		begin := time.Now()
		took := p.Time(1, compute)
		whole := time.Since(begin)
		if took+p.Waited() > whole {
			t.Errorf("took %v and waited %v in %v", took, p.Waited(), whole)
		}
		crowded = crowded || p.Waited() > took/4
	}
	if !crowded {
		t.Error("never waited beside processes that leave no CPU idle")
	}
}

// Who sleeps waits for nobody: the time asleep is never taken off. (That of waking up may be, where others have the CPU.)
func TestAsleepIsNotWaiting(t *testing.T) {
	p := one(t)
	const period = 60 * time.Millisecond
	const clocks = time.Millisecond // by which the two that are compared may differ
	for range 5 {
		if took := p.Time(1, func(int) { time.Sleep(period) }); took < period-clocks {
			t.Errorf("took %v and waited %v, of which %v asleep", took, p.Waited(), period)
		}
	}
}
