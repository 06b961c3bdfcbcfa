package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/reg"
)

// schedule is a software pipeline: the instructions of a step of keys, each at a time, counted in keys from the first of the step on. A
// loop of one step has them all, those of later stages for the steps before. So what waits for a result stands where the
// result is there, and instructions in between have work for the processor, which can look ahead no further than about
// 150 results.
type schedule struct {
	ops    []op
	pool   []reg.VecPhysical // registers for values
	across []reg.VecPhysical // those of values that one step leaves to the next
}

type op struct {
	at      float64
	emit    func()
	touches []*value
}

// value is what some instructions pass on in a register.
type value struct {
	reg reg.VecPhysical
	set bool

	from, to int // places in the loop, with as many for each stage
}

// add puts an instruction at a time; it reads or writes values.
func (s *schedule) add(at float64, emit func(), touches ...*value) {
	s.ops = append(s.ops, op{at, emit, touches})
}

func (o op) stage() int { return int(o.at) / step }

// assign puts the instructions in their order and gives values registers.
func (s *schedule) assign() {
	slices.SortStableFunc(s.ops, func(a, b op) int { return cmp.Compare(math.Mod(a.at, step), math.Mod(b.at, step)) })
	n := len(s.ops)
	var values []*value
	for i, o := range s.ops {
		for _, v := range o.touches {
			place := i + n*o.stage()
			if !v.set {
				v.set, v.from, v.to = true, place, place
				values = append(values, v)
			}
			v.from, v.to = min(v.from, place), max(v.to, place)
		}
	}
	slices.SortStableFunc(values, func(a, b *value) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	taken := make([][]bool, len(s.pool))
	for i := range taken {
		taken[i] = make([]bool, n)
	}
	for _, v := range values {
		if v.to-v.from >= n {
			panic("value lives longer than a step")
		}
		fits := slices.IndexFunc(taken, func(places []bool) bool {
			for i := v.from; i < v.to; i++ {
				if places[i%n] {
					return false
				}
			}
			return true
		})
		if fits < 0 {
			panic("too few registers for the schedule")
		}
		for i := v.from; i < v.to; i++ {
			taken[fits][i%n] = true
		}
		v.reg = s.pool[fits]
		if v.from/n != v.to/n {
			s.across = append(s.across, v.reg)
		}
	}
}

// emit emits the instructions of some stages.
func (s *schedule) emit(stages ...int) {
	for _, o := range s.ops {
		if slices.Contains(stages, o.stage()) {
			o.emit()
		}
	}
}
