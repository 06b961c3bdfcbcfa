package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// besideTiles is other work, done beside products for as long as there is some: test jumps to none when there is not, between
// emits a quarter of a step's share, after each of its four products, and after what comes behind the step.
type besideTiles struct {
	name    string
	test    func(none string)
	between func(quarter int)
	after   func()
}

// stepper emits steps of four products, whose operands are loaded already, and meanwhile loads those of the step that follows, each as soon as
// its tile is free: early, since rows come from L2, and before the step's last tiles of sums are stored, for whose data it would wait if they had the
// same offset in a page.
type stepper struct {
	name  string
	next  operands
	move  func(loads, last string) // moves on to the operands of the next step and to loads, or jumps to last if there is none
	moved func()                   // goes on to the next step
	lasts []func()                 // the second halves of last steps, with nothing to load
}

// step emits a step, with other work before and between products, if any, and after them.
func (s *stepper) step(before func(sum int), other besideTiles, after func()) {
	each := func(sums ...int) {
		for _, t := range sums {
			if before != nil {
				before(t)
			}
			product(t)
			if other.between != nil {
				other.between(t)
			}
		}
	}
	end := func() {
		if other.after != nil {
			other.after()
		}
		if after != nil {
			after()
		}
	}
	n := len(s.lasts)
	loads, last := fmt.Sprintf("%s_loads%d", s.name, n), fmt.Sprintf("%s_last%d", s.name, n)
	each(0, 1)
	s.move(loads, last)
	Label(loads)
	s.next.load(4)
	each(2)
	s.next.load(6)
	each(3)
	s.next.load(7, 5)
	end()
	s.moved()
	s.lasts = append(s.lasts, func() {
		Label(last)
		each(2, 3)
		end()
		JMP(LabelRef(s.name + "_done"))
	})
}

// finish emits the second halves of last steps; they go on behind it.
func (s *stepper) finish() {
	for _, last := range s.lasts {
		last()
	}
	Label(s.name + "_done")
}
