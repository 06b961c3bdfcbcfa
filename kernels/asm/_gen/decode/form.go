package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// form is the order in which a function with a pipeline reads keys and values.
type form struct {
	name  string // behind that of the function
	turns bool   // some keys, then as many values; else a key and a value by turns
	ahead int    // how many bytes before a line is read it is fetched into L2; 0: it is not
	fetch bool   // lines are fetched into L1, as many bytes ahead as field Ahead says
	long  bool   // a loop reads loopBytes before it begins again
	rows  bool   // rows have any length up to that of the function, see tail
	wide  bool   // integers: keys are multiplied in 512 bits; else in 256
}

// loopBytes is what a long loop reads in a turn. On a Zen 5 a loop of loads reads 64 or 48 bytes a cycle from L2 if it has at most 28 of them
// or 128 and more, 32 bytes if it has between 30 and 100: of few, the lines that one load reads follow each other within a page, and many are
// too many to keep track of for what fetches lines for each load, so that what fetches lines in their order does it.
const loopBytes = 16 << 10

// copies is how many times a loop has its body, which reads so many bytes.
func (f form) copies(bytes int) int {
	if !f.long {
		return 1
	}
	return max(1, loopBytes/bytes)
}

// integerForms are those of functions for int8.
var integerForms = []form{{}, {name: "Wide", wide: true, long: true}, {name: "WideFar", wide: true, fetch: true}}

// turnBytes is what is read of keys before values, and of values before keys, unless a step has less. Of memory that an L3 of 32 MiB holds in
// part, loops that only load got a tenth (16 MiB) to half (24 and 32 MiB) more with turns of 2 or 4 KiB than with turns of 512 bytes or
// more than 8 KiB. From L2, and from L3 alone, it is the same, but products of values are more work than those of keys.
const turnBytes = 4096

// turn is the number of keys that are read before as many values.
func (p *pipeline) turn() float64 {
	return float64(max(1, min(step, turnBytes/(p.d*p.element.bytes))))
}

// keyAt is when a key is multiplied whose place in its step is at, valueAt when a value is.
func (p *pipeline) keyAt(at float64) float64 {
	if !p.turns {
		return at
	}
	return at - math.Mod(at, p.turn())/2
}

func (p *pipeline) valueAt(at float64) float64 {
	if !p.turns {
		return at
	}
	return p.keyAt(at) + p.turn()/2
}

// fetchAhead fetches what will be read ahead of a line.
func (p *pipeline) fetchAhead(line Mem) {
	if p.ahead > 0 {
		PREFETCHT1(line.Offset(p.ahead))
	}
	if p.fetch {
		if line.Index != nil { // the next row
			line = line.Offset(p.d * p.element.bytes)
		}
		line.Index, line.Scale = p.far, 1
		PREFETCHT0(line)
	}
}
