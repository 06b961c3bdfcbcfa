package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

const tileBytes = 1024

type tdp func(b, a, acc int) enc.Inst

// tiles generates a register-only loop of tile products: six accumulators tmm0-5 (a product takes about 52 cycles and a new
// one starts every 16), tmm6 = A0, tmm7 = B0.
func tiles(name string, mul tdp) {
	beginTiles(name, "24 tile products on 6 accumulators")
	enc.Emit(enc.TileLoad(input(0), 6))
	enc.Emit(enc.TileLoad(input(2), 7))
	clear(6)
	repeat(func() {
		for i := range perIter {
			enc.Emit(mul(7, 6, i%6))
		}
	})
	endTiles(6)
}

// tileLoads generates the loop of a matrix product from L1: four products per four tile loads, as a block of 2×2 tiles does;
// two such steps per iteration. tmm0-3 = C, tmm4, 5 = A0, A1, tmm6, 7 = B0, B1.
func tileLoads(name string, mul tdp) {
	beginTiles(name, "8 tile products on 4 accumulators and 8 tile loads")
	clear(4)
	repeat(func() {
		for range 2 {
			enc.Emit(enc.TileLoad(input(0), 4))
			enc.Emit(enc.TileLoad(input(2), 6))
			enc.Emit(mul(6, 4, 0))
			enc.Emit(enc.TileLoad(input(3), 7))
			enc.Emit(mul(7, 4, 1))
			enc.Emit(enc.TileLoad(input(1), 5))
			enc.Emit(mul(6, 5, 2))
			enc.Emit(mul(7, 5, 3))
		}
	})
	endTiles(4)
}

func beginTiles(name, doc string) {
	begin(name, doc)
	MOVQ(U32(64), RDX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RDI, Disp: offConfig}))
}

// input is the memory of input tile i: A0, A1, B0, B1. RDX holds the distance of its rows.
func input(i int) enc.Mem {
	return enc.Mem{Base: RDI, Index: RDX, Scale: 1, Disp: int32(offTiles + i*tileBytes)}
}

func clear(n int) {
	for i := range n {
		enc.Emit(enc.TileZero(i))
	}
}

// endTiles writes n accumulators to LoopData.Out and gives the tiles back.
func endTiles(n int) {
	for i := range n {
		enc.Emit(enc.TileStore(i, enc.Mem{Base: RDI, Index: RDX, Scale: 1, Disp: int32(offOut + i*tileBytes)}))
	}
	enc.Emit(enc.TileRelease())
	Label("done")
	RET()
}
