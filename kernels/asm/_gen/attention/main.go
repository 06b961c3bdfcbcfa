// Command attention generates the attention kernels: block functions for 1, 2 and 3 vectors of queries, the transpose
// that brings queries into lanes, and exp2 for its tests.
//
// Queries stand in the lanes: scores are Sᵀ = K·Qᵀ and outputs Oᵀ = Vᵀ·Pᵀ, so keys and values are used as they lie in
// memory and maximum and sum of a query's scores need no horizontal operation. Both products are register tiles of
// MR rows by NV vectors: MR broadcasts and NV loads feed MR·NV FMAs.
package main

import (
	. "github.com/mmcloughlin/avo/build"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

func main() {
	ConstraintExpr("amd64")
	for _, isa := range softmax.Sets() {
		exp := softmax.NewExp2(isa)
		constants := newConstants(isa)
		for nv := 1; nv <= 3; nv++ {
			(&block{isa: isa, exp: exp, constants: constants, nv: nv, mr: tileRows(isa, nv)}).emit()
		}
		emitTranspose(isa)
		emitExp2(isa, exp)
	}
	Generate()
}

// tileRows returns the rows of the tiles for nv vectors of queries: enough accumulators to hide the latency of FMA,
// dividing the multiple of d that the kernels need (one vector).
func tileRows(isa vec.Set, nv int) int {
	switch {
	case softmax.Wide(isa) && nv == 1:
		return 16
	case softmax.Wide(isa) || nv == 1:
		return 8
	}
	return 4
}
