package compare

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// crowded is a pair of commands that compute for 10 ms on a machine where others have the CPU for a random time.
func crowded(n int, factor float64) Pair {
	r := rand.New(rand.NewPCG(2, 9))
	side := func(cpu float64) (s Side) {
		for range n {
			c, wait := cpu*math.Exp(0.01*r.NormFloat64()), 20e-3*r.ExpFloat64()
			s.add(Sample{Seconds: c + 0.1e-3 + wait, CPU: c, Waited: wait / (c + wait), Serial: true})
		}
		return s
	}
	return Pair{ID: "x", Base: side(10e-3), New: side(10e-3 * factor)}
}

// sleep makes every process sleep for so long.
func sleep(s *Side, seconds float64) {
	for i, t := range s.Times {
		s.Times[i] = t + seconds
		s.Waited[i] *= t / s.Times[i]
	}
}

func TestClock(t *testing.T) {
	if c := crowded(30, 1.05); c.clock() != CPUTime {
		t.Fatalf("%s: rest %g and %g, kept %g", c.clock(), c.Base.rest(), c.New.rest(), c.kept())
	}
	for name, change := range map[string]func(*Pair){
		"a quiet machine":    func(p *Pair) { clear(p.Base.Waited); clear(p.New.Waited) },
		"threads":            func(p *Pair) { p.New.serial-- },
		"CPU not known":      func(p *Pair) { p.Base.CPU = nil },
		"stored results":     func(p *Pair) { *p = Pair{} },
		"it sleeps":          func(p *Pair) { sleep(&p.Base, 5e-3); sleep(&p.New, 5e-3) },
		"the new one sleeps": func(p *Pair) { sleep(&p.New, 0.3e-3) },
	} {
		p := crowded(30, 1.05)
		change(&p)
		if got := p.clock(); got != WallClock {
			t.Errorf("%s: compared by %s", name, got)
		}
	}
}

// What the wall clock cannot tell on a busy machine, CPU time can.
func TestBusyMachine(t *testing.T) {
	p := crowded(40, 1.05)
	r := Compare([]Pair{p}, 0.01)
	c := r.Comparisons[0]
	if c.Clock != CPUTime || c.Verdict.Outcome != Slower || math.Abs(1/c.Time.Speedup.Median-1.05) > 0.01 || math.Abs(c.Time.Base.Median-10e-3) > 0.2e-3 {
		t.Errorf("%+v", c.Time)
	}
	if text := strings.Join(r.Warnings, "\n"); !strings.Contains(text, "the machine is busy") || !strings.Contains(text, "CPU time") {
		t.Errorf("warnings %q", text)
	}
	if ruling, findings := DefaultGate.Rule(r); ruling != Regressed {
		t.Errorf("%s %+v", ruling, findings)
	}
	p.New.serial = 0
	r = Compare([]Pair{p}, 0.01)
	if ruling, findings := DefaultGate.Rule(r); ruling != Unfit || !strings.Contains(findings[0].Text, "the machine is busy") {
		t.Errorf("by the wall clock: %s %+v", ruling, findings)
	}
}

func TestProcessTime(t *testing.T) {
	run := func(threads int, samples, waited []float64) *roofline.Run {
		return &roofline.Run{Threads: threads, Time: roofline.Timing{Samples: samples, Waited: waited}}
	}
	for _, c := range []struct {
		name            string
		run             *roofline.Run
		seconds, waited float64
	}{
		{"nobody watched", run(1, []float64{5, 1, 2, 3, 4}, nil), 2, 0},
		{"one worker", run(1, []float64{10, 11, 12, 15, 9}, []float64{0, 0, 0, 15, 7}), 10, 0},
		{"most had to wait", run(1, []float64{10, 10, 9}, []float64{10, 10, 11}), 9, 0.5},
		{"several workers", run(2, []float64{10, 11, 30, 12, 40}, []float64{0, 0, 25, 0, 25}), 10, 0},
		{"several workers, hardly a calm sample", run(2, []float64{30, 31, 32, 33, 10}, []float64{9, 9, 9, 9, 0}), 30, 9. / 32},
		{"no samples", &roofline.Run{}, 0, 0},
	} {
		if s, w := ProcessTime(c.run); s != c.seconds || math.Abs(w-c.waited) > 1e-12 {
			t.Errorf("%s: %g s, waited %g; want %g, %g", c.name, s, w, c.seconds, c.waited)
		}
	}
}

func TestParseSchedstat(t *testing.T) {
	if got := parseSchedstat([]byte("12 34 5\n")); !got.known || got.ran != 12 || got.waited != 34 {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "1 2", "x 2 3", "1 -2 3"} {
		if got := parseSchedstat([]byte(text)); got.known {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestSerial(t *testing.T) {
	for _, c := range []struct {
		name string
		used usage
		want bool
	}{
		{"one thread", usage{known: true, ran: 1000, all: 1000}, true},
		{"one that waited for long", usage{known: true, ran: 1000, waited: 100000, all: 1000}, true},
		{"one that was on its way off the CPU", usage{known: true, ran: 1000, all: 900}, true},
		{"a second thread that does little", usage{known: true, ran: 1000, all: 1020}, true},
		{"a second thread", usage{known: true, ran: 1000, all: 1030}, false},
		{"a child that does all", usage{known: true, ran: 10, all: 1000}, false},
		{"not known", usage{all: 1000}, false},
	} {
		if got := c.used.serial(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// A command that computes is told from one that sleeps, and from one whose work others do.
func TestCommandUsage(t *testing.T) {
	sample := func(script string) Sample {
		t.Helper()
		s, err := Command{Args: []string{"sh", "-c", script}}.Sample(t.Context(), 0, false)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const loop = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"
	if s := sample(loop); !s.Serial || !(s.CPU > 0) || s.Waited < 0 || s.Waited > 1 {
		t.Errorf("one that computes: %+v", s)
	}
	if s := sample("sh -c '" + loop + "'; true"); s.Serial {
		t.Errorf("one whose child computes: CPU %g, serial", s.CPU)
	}
}
