// Command known generates the loops of known work of perf/known: so many instructions of one kind per iteration, and nothing
// that would have to be estimated. The counts are declared by hand in perf/known and compared there with a disassembly of
// what this program makes, so alignment, which the assembler fills with instructions of its own, is left to chance.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// perIter is the number of instructions of the one kind in an iteration of a compute loop.
const perIter = 20

// Offsets of the fields of known.data.
const (
	offX      = 0
	offY      = 64
	offStart  = 128
	offConfig = 192
	offOut    = 256
	offTiles  = offOut + 8*tileBytes
)

func main() {
	compute()
	integer()
	streams()
	Generate()
}

// begin starts a function func(n int, d *data): n in RCX, d in RDI.
func begin(name, doc string) {
	TEXT(name, NOSPLIT, "func(n int, d *byte)")
	Doc(name + " runs n > 0 iterations of " + doc + ".")
	Load(Param("n"), RCX)
	Load(Param("d"), RDI)
}

// repeat emits the loop around body.
func repeat(body func()) {
	Label("loop")
	body()
	DECQ(RCX)
	JNZ(LabelRef("loop"))
}

// integer generates the loops without floating point and without memory.
func integer() {
	begin("knownInt", fmt.Sprintf("%d independent integer additions", perIter))
	free := []GPPhysical{RAX, RBX, RDX, RSI, R8, R9, R10, R11, R12, R13}
	XORL(EAX, EAX)
	for _, r := range free[1:] {
		MOVQ(RAX, r)
	}
	repeat(func() {
		for i := range perIter {
			ADDQ(RDI, free[i%len(free)])
		}
	})
	MOVQ(RAX, Mem{Base: RDI, Disp: offOut})
	MOVQ(R13, Mem{Base: RDI, Disp: offOut + 8})
	RET()

	// Register to register: recent cores fold chains of additions of a constant when they rename registers.
	const chain = 100
	begin("knownChain", fmt.Sprintf("%d dependent integer additions", chain))
	XORL(EAX, EAX)
	MOVQ(U32(3), RBX)
	repeat(func() {
		for range chain {
			ADDQ(RBX, RAX)
		}
	})
	MOVQ(RAX, Mem{Base: RDI, Disp: offOut})
	RET()
}
