// Command attention generates the attention kernels: functions that update 1, 2 or 3 vectors of queries with blocks of keys,
// the transposes and packing that bring operands into their order, and exp2 for its tests.
//
// Queries stand in the lanes: scores are Sᵀ = K·Qᵀ and outputs Oᵀ = Vᵀ·Pᵀ, so keys are used as they lie in memory, values too
// in float32, and maximum and sum of a query's scores need no horizontal operation. Both products are register tiles of MR
// rows by NV vectors: MR broadcasts and NV loads feed MR·NV FMAs, or as many dot products of pairs of bf16. In AMX they
// are blocks of 2×2 tiles.
package main

import (
	. "github.com/mmcloughlin/avo/build"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

func main() {
	ConstraintExpr("amd64")
	for _, isa := range softmax.Sets() {
		b := block{isa: isa, exp: softmax.NewExp2(isa), constants: newConstants(isa)}
		if softmax.Wide(isa) {
			b.table = softmax.NewTableExp2(isa)
		}
		b.emitAll(fma)
		transposition{isa, 32, multiplied}.emit()
		transposition{isa, 32, divided}.emit()
		emitExp2(isa, polynomial(b.exp), "Exp2"+isa.Name, "")
		if softmax.Wide(isa) {
			emitExp2(isa, table(isa, b.table), "Exp2Table"+isa.Name, "")
			b.exp, b.rounded, b.table = softmax.NewShortExp2(isa), softmax.NewRoundedExp2(isa), nil
			emitExp2(isa, polynomial(b.exp), "Exp2Short"+isa.Name, ", with a relative error of 1e-4")
			b.emitAll(dot)
			b.unit, b.nv, b.config, b.fixed = tiles, 2, tileConfig(), newFixedPoint(isa)
			b.emitPipeline()
			b.emitParts()
			transposition{isa, 32, unscaled}.emit()
			transposition{isa, 16, unscaled}.emit()
			emitPack()
		}
	}
	Generate()
}

// emitAll generates the functions for every number of vectors.
func (b block) emitAll(u unit) {
	for nv := 1; nv <= 3; nv++ {
		b.unit, b.nv, b.mr = u, nv, tileRows(b.isa, nv)
		b.emit()
		if b.unit == fma {
			b.fetching = true
			b.emit()
			b.fetching = false
		}
	}
	if softmax.Wide(b.isa) {
		b.emitParts()
	}
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
