package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
)

// emitParts generates a function for each part of the work on one block of keys, to be timed by itself. They leave their
// argument as it is and take the keys of Now.
func (b block) emitParts() {
	for _, part := range []struct {
		name, doc string
		tiled     bool // may use tiles
		emit      func()
	}{
		{"Scores", "fills St with the scores of Now keys", true, func() {
			if b.unit == tiles {
				b.tileScores()
			} else {
				b.scores(false)
			}
		}},
		{"Softmax", "finds the largest scores in St and writes the weights, relative to the reference maximum as it is, to Ot", false, func() {
			b.maximum()
			b.exp.Load(firstConstant)
			b.weightsTo = "Ot"
			b.weightLoop("weights", false)
		}},
		{"Rescale", "moves the reference maximum by 0 and scales the sums and the output Ot by 1", false, func() {
			for j := range b.nv {
				b.isa.Zero(b.isa.V(j))
				if b.unit == tiles {
					KXORW(moving[j], moving[j], moving[j])
				}
			}
			b.exp.Load(firstConstant)
			b.move("State")
			b.rescale("Ot")
		}},
		{"Values", "adds the values of Now keys, by the weights in St, to Ot", true, func() {
			if b.unit == tiles {
				b.tileOutput("tile_output", scored, nil, nil, nil)
			} else {
				b.output()
			}
		}},
	} {
		name := "Attention" + part.name + b.suffix()
		TEXT(name, NOSPLIT, argument.Signature())
		Pragma("noescape")
		Doc(fmt.Sprintf("%s %s, for %d queries; see AttentionBlocks.", name, part.doc, b.nv*b.isa.Lanes()))
		if part.tiled && b.unit == tiles {
			b.configure()
		}
		part.emit()
		if part.tiled && b.unit == tiles {
			b.release()
		}
		VZEROUPPER()
		RET()
	}
}
