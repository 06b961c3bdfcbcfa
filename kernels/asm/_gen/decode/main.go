// Command decode generates the decode kernels: one query against a block of keys and values, in one pass over the
// cache. Eight keys are multiplied with the query at once (eight streams hide the latency of memory and of FMA), their
// scores become weights, and eight rows of values at once are added to the output, which stays in L1.
package main

import (
	. "github.com/mmcloughlin/avo/build"

	"github.com/roofline-go/roofline/kernels/asm/gen/lanes"
)

func main() {
	ConstraintExpr("amd64")
	for _, isa := range []lanes.ISA{lanes.AVX2, lanes.AVX512} {
		emitBlock(isa)
	}
	Generate()
}
