package machine

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
)

const (
	maxInterrupted = 0.01 // share of the time beyond which it shows in a long call's rate

	clockSlice  = 5 * time.Millisecond // of reading the clock; Go's runtime takes a goroutine off its thread after 10
	clockSlices = 16
	shortestGap = time.Microsecond       // between two readings: less is the reading itself, or the core
	coarseClock = 100 * time.Microsecond // beyond which gaps cannot be told from the clock's own steps
)

// gaps are those that a loop saw which does nothing but read the clock.
type gaps struct {
	span    time.Duration // of the loop
	lost    time.Duration // in gaps, without what a reading takes
	longest time.Duration
	n       int
}

func (g *gaps) add(o gaps) {
	g.span, g.lost, g.n = g.span+o.span, g.lost+o.lost, g.n+o.n
	g.longest = max(g.longest, o.longest)
}

// clock is a clock with what must be known of it before gaps can be seen.
type clock struct {
	now     func() time.Duration
	reading time.Duration // between two readings, typically
	limit   time.Duration // beyond which there was a gap
}

// newClock looks at a thousand readings: a clock may be slow to read (a system call), or tick in steps.
func newClock(now func() time.Duration) clock {
	const readings = 1000
	var diffs [readings]time.Duration
	step := time.Duration(0)
	last := now()
	for i := 0; i < readings; i++ {
		t := now()
		diffs[i], last = t-last, t
	}
	slices.Sort(diffs[:])
	for _, d := range diffs {
		if step == 0 && d > 0 {
			step = d // the smallest that shows
		}
	}
	c := clock{now: now, reading: diffs[readings/2]}
	c.limit = max(shortestGap, 10*c.reading, 4*step)
	if step == 0 {
		c.limit = 2 * coarseClock // it did not move
	}
	return c
}

// watch reads the clock for some time and returns the gaps.
func (c clock) watch(span time.Duration) (g gaps) {
	begin := c.now()
	for last := begin; last-begin < span; {
		t := c.now()
		if d := t - last; d > c.limit {
			g.n++
			g.lost += d - c.reading
			g.longest = max(g.longest, d-c.reading)
		}
		last = t
		g.span = last - begin
	}
	return g
}

// interruptions finds out what share of a busy CPU's time others take of whom no statistics tell: the timer's ticks and other
// interrupts, and in a virtual machine the host. It takes 80 ms on the CPU that a single worker measures on. The text says why it
// is not known, and then there are none. While other programs had the CPU nothing is counted: the load is a check of its own.
func interruptions() (found *roofline.Interruptions, why string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	on, err := workers.CPUs(1)
	if err != nil {
		return nil, err.Error()
	}
	unpin, err := cpu.Pin(on[0])
	if err != nil {
		return nil, err.Error()
	}
	defer func() { _ = unpin() }()
	base := time.Now()
	c := newClock(func() time.Duration { return time.Since(base) })
	var waits workers.Waits
	waits.Open()
	defer waits.Close()
	if !waits.Known() {
		return nil, "the kernel does not tell for how long a thread waits"
	}
	alone := func(look func()) bool {
		waits.Mark()
		begin := time.Now()
		look()
		return waits.Delayed(begin, time.Now()) <= clockSlice/1000 // what the kernel's and this process's own threads may take, as ever
	}
	g, why := c.collect(alone)
	if why != "" {
		return nil, why
	}
	return &roofline.Interruptions{CPU: on[0], Share: g.lost.Seconds() / g.span.Seconds(), PerSecond: float64(g.n) / g.span.Seconds(), Longest: g.longest.Seconds(), Shortest: c.limit.Seconds()}, ""
}

// collect adds up the slices of time in which no other program had the CPU, which alone tells.
func (c clock) collect(alone func(look func()) bool) (all gaps, why string) {
	if c.limit > coarseClock {
		return all, "the clock is too coarse to see them"
	}
	for range clockSlices {
		runtime.Gosched() // a new time slice: what the runtime takes itself is no interruption
		var g gaps
		if alone(func() { g = c.watch(clockSlice) }) {
			all.add(g)
		}
	}
	if all.span == 0 {
		why = "other programs, or a quota, took the CPU all the time"
	}
	return all, why
}

// checkInterruptions judges them.
func checkInterruptions(f facts) roofline.Check {
	const name = "interruptions"
	i := f.interruptions
	if i == nil {
		return unfit(name, "measure on a quiet machine with a fine clock (clocksource tsc)", "not known: %s", f.whyNoInterruptions)
	}
	text := fmt.Sprintf("CPU %d loses %.2g %% of the time to them: %.0f a second, the longest %s", i.CPU, 100*i.Share, i.PerSecond,
		time.Duration(1e9*i.Longest).Round(100*time.Nanosecond))
	if i.Shortest > shortestGap.Seconds() {
		text += fmt.Sprintf(", of those beyond %s", time.Duration(1e9*i.Shortest).Round(100*time.Nanosecond))
	}
	if i.Share <= maxInterrupted {
		return ok(name, "%s", text)
	}
	cure := "compare kernels by their ratio, not with 100 % of a ceiling; fewer interruptions: a CPU of its own (isolcpus, nohz_full, IRQs elsewhere)"
	if f.vm != "" {
		cure = "compare kernels by their ratio, not with 100 % of a ceiling; fewer interruptions: bare metal or a dedicated host"
	}
	return unfit(name, cure, "%s; ceilings are the best of short samples, which calls of milliseconds cannot reach", text)
}
