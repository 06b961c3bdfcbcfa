package machine

import (
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/roofline"
)

// fakeClock takes some time to read, ticks in steps, and jumps when something interrupts.
type fakeClock struct {
	at, reading, step time.Duration
	gaps              map[time.Duration]time.Duration // first reading at or after → how long it took more
}

func (c *fakeClock) now() time.Duration {
	c.at += c.reading
	for when, gap := range c.gaps {
		if c.at >= when {
			c.at += gap
			delete(c.gaps, when)
		}
	}
	return c.at / c.step * c.step
}

// every puts a gap into each period, up to an end.
func every(period, gap, end time.Duration) map[time.Duration]time.Duration {
	m := map[time.Duration]time.Duration{}
	for t := period; t < end; t += period {
		m[t] = gap
	}
	return m
}

func TestGaps(t *testing.T) {
	const ns, us, ms = time.Nanosecond, time.Microsecond, time.Millisecond
	two := every(ms, 20*us, 10*ms) // nine of 20 µs, and one
	two[5500*us] = 300 * us
	tests := []struct {
		name    string
		clock   fakeClock
		n       int
		lost    time.Duration
		longest time.Duration
		why     string
	}{
		{name: "none", clock: fakeClock{reading: 40 * ns, step: ns}},
		{name: "a hiccup of the core", clock: fakeClock{reading: 40 * ns, step: ns, gaps: every(ms, 900*ns, 10*ms)}},
		{name: "ticks", clock: fakeClock{reading: 40 * ns, step: ns, gaps: every(ms, 20*us, 10*ms)}, n: 9, lost: 180 * us, longest: 20 * us},
		{name: "ticks and a host", clock: fakeClock{reading: 40 * ns, step: ns, gaps: two}, n: 10, lost: 480 * us, longest: 300 * us},
		{name: "a system call reads the clock", clock: fakeClock{reading: 2 * us, step: ns}},
		{name: "and is interrupted", clock: fakeClock{reading: 2 * us, step: ns, gaps: every(3*ms, 50*us, 10*ms)}, n: 3, lost: 150 * us, longest: 50 * us},
		{name: "steps of a microsecond", clock: fakeClock{reading: 40 * ns, step: us}},
		{name: "steps of 4 ms", clock: fakeClock{reading: 40 * us, step: 4 * ms}, why: "too coarse"},
		{name: "stands still", clock: fakeClock{reading: ns, step: time.Hour}, why: "too coarse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			jumps := tt.clock.gaps
			tt.clock.gaps = nil
			c := newClock(tt.clock.now)
			if tt.why != "" {
				if _, why := c.collect(func(look func()) bool { t.Error("the clock was watched"); return true }); !strings.Contains(why, tt.why) {
					t.Errorf("%q, want %q", why, tt.why)
				}
				return
			}
			begin := tt.clock.at
			tt.clock.gaps = map[time.Duration]time.Duration{}
			for when, gap := range jumps {
				tt.clock.gaps[begin+when] = gap
			}
			g := c.watch(11 * ms)
			if g.n != tt.n || g.lost != tt.lost || g.longest != tt.longest || g.span < 11*ms || g.span > 11*ms+tt.clock.reading+tt.clock.step {
				t.Errorf("%+v, want %d gaps of %v, the longest %v", g, tt.n, tt.lost, tt.longest)
			}
		})
	}
}

// What other programs took is the load's business: slices in which they had the CPU are left out.
func TestGapsWithoutOthers(t *testing.T) {
	const ms = time.Millisecond
	fake := fakeClock{reading: 50, step: 1}
	c := newClock(fake.now)
	slice := 0
	g, why := c.collect(func(look func()) bool {
		slice++
		fake.gaps = map[time.Duration]time.Duration{fake.at + ms: 30 * time.Microsecond}
		if slice%2 == 0 {
			fake.gaps[fake.at+2*ms] = 5 * ms
		}
		look()
		return slice%2 == 1
	})
	if why != "" || slice != clockSlices || g.n != clockSlices/2 || g.lost != clockSlices/2*30*time.Microsecond || g.longest != 30*time.Microsecond {
		t.Errorf("%+v, %q", g, why)
	}
	if g, why := c.collect(func(look func()) bool { look(); return false }); why == "" || g.n != 0 {
		t.Errorf("never alone: %+v, %q", g, why)
	}
}

func TestCheckInterruptions(t *testing.T) {
	of := func(share float64) *roofline.Interruptions {
		return &roofline.Interruptions{CPU: 3, Share: share, PerSecond: 1830, Longest: 71.34e-6, Shortest: 1e-6}
	}
	for _, tt := range []struct {
		facts facts
		ok    bool
		text  string
		cure  string
	}{
		{facts{interruptions: of(0.0004)}, true, "CPU 3 loses 0.04 % of the time to them: 1830 a second, the longest 71.3µs", ""},
		{facts{interruptions: &roofline.Interruptions{Shortest: 20e-6}}, true, "the longest 0s, of those beyond 20µs", ""},
		{facts{interruptions: of(0.049)}, false, "4.9 % of the time to them: 1830 a second, the longest 71.3µs; ceilings are the best", "isolcpus"},
		{facts{interruptions: of(0.049), vm: "kvm"}, false, "ceilings are the best of short samples", "dedicated host"},
		{facts{whyNoInterruptions: "the clock stands still"}, false, "not known: the clock stands still", "quiet"},
	} {
		if c := checkInterruptions(tt.facts); c.OK != tt.ok || !strings.Contains(c.Text, tt.text) || !strings.Contains(c.Cure, tt.cure) {
			t.Errorf("%+v, want %t, %q, %q", c, tt.ok, tt.text, tt.cure)
		}
	}
}
