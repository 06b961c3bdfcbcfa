package measure

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
)

// loopOf is the loop of the fakes' roof: 100 operations an iteration, each of which takes a time.
func (w *world) loopOf(isa cpu.ISA, iteration time.Duration) asm.Loop {
	return asm.Loop{ID: "compute.fma.scalar.f32", DType: "f32", ISA: isa, OpsPerIter: 100, Func: func(n int, _ *byte) {
		w.clock += time.Duration(n) * iteration
		w.last = "loop"
	}}
}

// atRoof has the fakes' roof at what the loop does at its own clock: an iteration in 100 ns, 1 GFLOP/s.
func (p *Plan) atRoof() {
	c := &p.Ceilings[0]
	c.Value.Median, c.Value.Lo, c.Value.Hi = 1e9, 0.99e9, 1.01e9
}

// Right behind the samples of every turn the loop of the roof runs, and the samples are what they are without it. A kernel of 1 MFLOP
// that takes 1.25 ms has 80 % of a roof of 1 GFLOP/s, and all of one that is a fifth lower at its clock.
func TestTheRoofsLoopRunsBehindTheSamples(t *testing.T) {
	var alone []float64
	for _, loop := range []bool{false, true} {
		w := &world{}
		if loop {
			w.loops = []asm.Loop{w.loopOf(cpu.Go, 125*time.Nanosecond)}
		}
		p := w.plan(&fake{name: "A", cost: steady(1250 * time.Microsecond)})
		p.atRoof()
		r := mustRun(t, w, p).Runs[0]
		if !loop {
			if alone = r.Time.Samples; r.AtClock != nil {
				t.Errorf("without a loop: %+v", r.AtClock)
			}
			continue
		}
		if !slices.Equal(r.Time.Samples, alone) {
			t.Error("the loop changes the samples")
		}
		a := r.AtClock
		if a == nil || a.By != "compute.fma.scalar.f32" || len(a.Samples) != r.Time.Turns || math.Abs(a.Value.Median-0.8e9) > 1 {
			t.Fatalf("at clock: %+v, turns %d", a, r.Time.Turns)
		}
		if a.Fraction == nil || math.Abs(a.Fraction.Median-1) > 1e-9 || !a.Fraction.Known() || math.Abs(r.Bound.Fraction-0.8) > 1e-9 {
			t.Errorf("of the roof %g, at its clock %+v", r.Bound.Fraction, a.Fraction)
		}
		if want := "80 % of it reached, 100 % of what the ceiling's loop did right behind it (20 % slower: a lower clock, or a busier machine)"; !strings.Contains(r.Bound.Why, want) {
			t.Errorf("%q lacks %q", r.Bound.Why, want)
		}
		inTurn := ""
		for _, s := range w.log[slices.Index(w.log, "turn {"):] {
			if s == "}" {
				break
			}
			inTurn += s
		}
		if want := "turn {" + strings.Repeat("A", 1+turnSamples) + "loop"; inTurn != want {
			t.Errorf("a turn is %q, want %q", inTurn, want)
		}
	}
}

// All workers run the loop together, and their operations add up.
func TestTheRoofsLoopOfSeveralWorkers(t *testing.T) {
	w := &world{}
	w.loops = []asm.Loop{w.loopOf(cpu.Go, 100*time.Nanosecond)}
	p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
	p.Threads = 2
	for i := range p.Ceilings {
		p.Ceilings[i].Threads = 2
	}
	p.atRoof()
	a := mustRun(t, w, p).Runs[0].AtClock
	if a == nil || len(a.Samples) == 0 {
		t.Fatal("no loop ran")
	}
	// The fakes run one after the other, each half of 50,000 operations in 25 µs of its own.
	if want := 2 * 25000 / 25e-6; math.Abs(a.Value.Median-want) > 1 {
		t.Errorf("%g operations a second, want %g", a.Value.Median, want)
	}
}

// No loop runs whose vectors are wider than those of the kernel, for want of a ceiling, or where nobody wants an interval.
func TestNoLoopThatCouldDisturb(t *testing.T) {
	for name, change := range map[string]func(*world, *Plan){
		"wider":      func(w *world, p *Plan) { w.loops[0].ISA = cpu.AVX2 },
		"no ceiling": func(w *world, p *Plan) { p.Ceilings = nil },
		"brief":      func(w *world, p *Plan) { p.Brief = true },
		"other loop": func(w *world, p *Plan) { w.loops[0].ID = "compute.mul.scalar.f32" },
	} {
		w := &world{}
		w.loops = []asm.Loop{w.loopOf(cpu.Go, 100*time.Nanosecond)}
		p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
		p.atRoof()
		change(w, &p)
		if a := mustRun(t, w, p).Runs[0].AtClock; a != nil || slices.Contains(w.log, "loop") {
			t.Errorf("%s: a loop ran: %+v", name, a)
		}
	}
}

// Code of which the kernel does not say how wide it is has the loop that the plan names, and needs no ceilings.
func TestTheLoopThatThePlanNames(t *testing.T) {
	w := &world{}
	w.loops = []asm.Loop{w.loopOf(cpu.AVX2, 125*time.Nanosecond)}
	p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
	p.Ceilings[0].Value.Median = 1e18 // how long the loop runs does not come from it
	p.Behind, p.Ceilings = &p.Ceilings[0], nil
	if a := mustRun(t, w, p).Runs[0].AtClock; a == nil || a.By != "compute.fma.scalar.f32" || math.Abs(a.Value.Median-0.8e9) > 1 {
		t.Errorf("%+v", a)
	}
}

// Where another ceiling binds there is no share of the roof, and nothing is said.
func TestAtClockBelowAnotherRoof(t *testing.T) {
	w := &world{}
	w.loops = []asm.Loop{w.loopOf(cpu.Go, 125*time.Nanosecond)}
	p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
	p.atRoof()
	l2 := &p.Ceilings[2].Value
	l2.Median, l2.Lo, l2.Hi = 1e8, 1e8, 1e8
	r := mustRun(t, w, p).Runs[0]
	if r.AtClock == nil || r.AtClock.Fraction != nil || r.Bound.By != "bandwidth.load.L2" || strings.Contains(r.Bound.Why, "clock") {
		t.Errorf("%+v, %+v", r.AtClock, r.Bound)
	}
}
