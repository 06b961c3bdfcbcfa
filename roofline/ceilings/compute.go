package ceilings

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/roofline"
)

// sampleTime is the length of one sample of a loop that needs no slow memory.
const sampleTime = 200 * time.Microsecond

// loops returns the compute loops of this architecture, usable or not.
func loops() []asm.Loop {
	if all := asm.Loops(); len(all) > 0 {
		return all
	}
	return plainLoops()
}

// ceilingOf describes the ceiling that a loop measures.
func ceilingOf(l asm.Loop) roofline.Ceiling {
	isa := string(l.ISA)
	if l.Width == "scalar" || l.Width == "sse" { // an FMA of 128 bits needs AVX2's group, but is no AVX2 ceiling
		isa = l.Width
	}
	return roofline.Ceiling{ID: l.ID, Kind: "compute", Op: l.Op, ISA: isa, DType: l.DType, Unit: l.Unit}
}

// addCompute adds a task for every usable loop and team.
func (s *session) addCompute() {
	for _, l := range loops() {
		if !s.wants(l.ID) || cpu.Usable(l.ISA) != nil {
			continue
		}
		for _, t := range s.teams {
			c := ceilingOf(l)
			c.Threads = t.N()
			s.tasks = append(s.tasks, &task{Ceiling: c, choices: []*choice{{sample: t.compute(l)}}})
		}
	}
}

// compute returns the sampler of a loop: operations per second of all workers together.
func (t *team) compute(l asm.Loop) func() float64 {
	data := make([]*asm.LoopData, t.N())
	for w := range data {
		data[w] = l.NewLoopData()
	}
	n := 0
	part := func(w int) { l.Run(n, data[w]) }
	return func() float64 {
		if n == 0 {
			n = fit(t, 64, part, &n)
		}
		took, of := t.run(part), n
		n = longer(n, took, sampleTime)
		return float64(t.N()) * float64(of) * l.OpsPerIter / took.Seconds()
	}
}

// fit raises *n, from its first value, until the part takes a sample's time, and returns it.
func fit(t *team, first int, part func(w int), n *int) int {
	*n = first
	for {
		d := t.run(part)
		if d >= sampleTime/4 || *n > 1<<30 {
			return max(1, int(float64(*n)*float64(sampleTime)/float64(d)))
		}
		*n *= 2
	}
}

// longer is the size of the next sample after one of size n, which was to take a time: larger where it was over much sooner. What n
// was chosen by may have been disturbed, and a sample of some microseconds is for the larger part the start of its threads.
func longer[T int | int64](n T, took, want time.Duration) T {
	if took >= want/2 {
		return n
	}
	const most = 16 // a clock that stood still must not make a sample of seconds
	return n * T(min(int64(want)/max(int64(took), 1), most))
}

// addTheory adds the theoretical line clock × instructions per cycle × operations per instruction to the compute ceilings,
// where it can be derived; the note says what it assumes.
func (s *session) addTheory(all []roofline.Ceiling) {
	known := map[string]asm.Loop{}
	for _, l := range loops() {
		known[l.ID] = l
	}
	halved, halvedKnown := halves(all)
	for i := range all {
		c := &all[i]
		l, ok := known[c.ID]
		if !ok {
			continue
		}
		line, note := theory(l, c.Value.Median, s.clock*float64(c.Threads), halved, halvedKnown)
		c.Theory, c.Note = line, join(c.Note, note)
	}
}

// halves says whether 512-bit instructions are no faster than 256-bit ones, in operations per second: the core then runs
// them as two halves. It is a property of the core, so that the fewest threads tell, which others disturb least. known is false
// where no number of threads has both.
func halves(all []roofline.Ceiling) (yes, known bool) {
	wide, narrow := map[int]float64{}, map[int]float64{}
	for _, c := range all {
		switch c.ID {
		case "compute.fma.avx512.f32":
			wide[c.Threads] = c.Value.Median
		case "compute.fma.avx2.f32":
			narrow[c.Threads] = c.Value.Median
		}
	}
	for _, threads := range slices.Sorted(maps.Keys(wide)) {
		if w, n := wide[threads], narrow[threads]; w > 0 && n > 0 {
			return w < 1.3*n, true
		}
	}
	return false, false
}

// exceeds is how far a measurement may be above a theoretical line before the line is taken to be wrong.
const exceeds = 1.02

// theory derives the line of one loop from the clock of all its threads together; 0 where it is not known.
func theory(l asm.Loop, measured, clock float64, halved, halvedKnown bool) (line float64, note string) {
	perCycle, assumes := l.PerCycle, l.Assumption
	switch {
	case perCycle == 0:
		return 0, "no theoretical line: " + assumes
	case clock == 0:
		return 0, "no theoretical line: the core clock is not known"
	case l.Width == "avx512" && !halvedKnown:
		return 0, "no theoretical line: not known whether 512-bit instructions run whole"
	case l.Width == "avx512" && halved:
		perCycle, assumes = perCycle/2, assumes+", 512-bit instructions in two halves (measured as fast as 256-bit)"
	}
	n := 0
	for _, b := range l.Body {
		if b.Name != "tileloadd" {
			n += b.N
		}
	}
	line = clock * perCycle * l.OpsPerIter / float64(n)
	if measured > line*exceeds {
		return 0, fmt.Sprintf("no theoretical line: faster than %s allow at the scalar clock", assumes)
	}
	return line, fmt.Sprintf("theory: %s, at the scalar clock", assumes)
}
