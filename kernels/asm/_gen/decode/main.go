// Command decode generates the decode kernels: one query against a block of keys and values, in one pass over the
// cache. Groups of eight keys are multiplied with the query, their scores become weights, and groups of eight value
// rows are added to the output, which stays in L1. Keys and values of a narrow type are widened in registers.
package main

import (
	. "github.com/mmcloughlin/avo/build"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

func main() {
	ConstraintExpr("amd64")
	for _, isa := range softmax.Sets() {
		b := newBlock(isa)
		for _, e := range widened {
			b.emit(e)
			if softmax.Wide(isa) && !e.scale {
				b.pipelines(e)
				b.pipelinesOfRows(e)
			}
		}
		if softmax.Wide(isa) {
			for _, e := range dots {
				b.emit(e)
				b.pipelines(e)
				b.pipelinesOfRows(e)
			}
			b.tileFunctions()
			b.pairQuery()
			b.quadQuery()
		}
	}
	Generate()
}

// tileFunctions generates those of AMX, for rows that have room in tiles.
func (b *block) tileFunctions() {
	b.element = dots[0]
	for _, d := range []int{64, 96, 128} {
		pairs := newTilePairs(b, dots[0], d)
		pairs.function(pairs)
	}
	b.element = dots[1]
	for _, d := range []int{64, 128} {
		quads := newTileQuads(b, dots[1], d)
		quads.function(quads)
	}
}
