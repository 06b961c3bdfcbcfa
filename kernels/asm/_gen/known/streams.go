package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// block is how many bytes an iteration of a stream touches, line how many are flushed at once.
const (
	block = 256
	line  = 64
)

// access names the instructions that move one unit of memory. ones has all bits set: it is stored, and added by update, which
// so counts every 64-bit word down by one.
type access struct {
	bytes                     int
	load, store, update, past func(m Mem, i int)
	setOnes                   func()
	vex                       bool
}

var accesses = []access{
	{
		bytes: 8, setOnes: func() { MOVQ(I32(-1), R8) },
		load:   func(m Mem, i int) { MOVQ(m, []GPPhysical{R9, R10, R11, R12}[i%4]) },
		store:  func(m Mem, i int) { MOVQ(R8, m) },
		update: func(m Mem, i int) { ADDQ(R8, m) },
		past:   func(m Mem, i int) { MOVNTIQ(R8, m) },
	},
	{
		bytes: 16, setOnes: func() { PCMPEQL(X8, X8) },
		load:   func(m Mem, i int) { MOVUPS(m, x(i%8)) },
		store:  func(m Mem, i int) { MOVUPS(X8, m) },
		update: func(m Mem, i int) { MOVUPS(m, x(i%8)); PADDQ(X8, x(i%8)); MOVUPS(x(i%8), m) },
		past:   func(m Mem, i int) { MOVNTPS(X8, m) },
	},
	{
		bytes: 32, vex: true, setOnes: func() { VPCMPEQD(Y8, Y8, Y8) },
		load:   func(m Mem, i int) { VMOVUPS(m, y(i%8)) },
		store:  func(m Mem, i int) { VMOVUPS(Y8, m) },
		update: func(m Mem, i int) { VPADDQ(m, Y8, y(i%8)); VMOVUPS(y(i%8), m) },
		past:   func(m Mem, i int) { VMOVNTPS(Y8, m) },
	},
	{
		bytes: 64, vex: true, setOnes: func() { VPTERNLOGD(U8(255), Z8, Z8, Z8) },
		load:   func(m Mem, i int) { VMOVUPS(m, z(i%8)) },
		store:  func(m Mem, i int) { VMOVUPS(Z8, m) },
		update: func(m Mem, i int) { VPADDQ(m, Z8, z(i%8)); VMOVUPS(z(i%8), m) },
		past:   func(m Mem, i int) { VMOVNTPS(Z8, m) },
	},
}

func streams() {
	for _, a := range accesses {
		a.stream("Load", "loads", a.load)
		a.stream("Store", "stores", a.store)
		a.stream("Update", "loads, adds to and stores", a.update)
		a.stream("Past", "stores past the caches", a.past)
	}
	sse := accesses[1]
	sse.flushed("Load", "loads", sse.load)
	sse.flushed("Update", "loads, adds to and stores", sse.update)
	chase()
}

// stream generates a walk through n bytes, a multiple of block, passes times.
func (a access) stream(op, does string, touch func(m Mem, i int)) {
	name := fmt.Sprintf("known%s%d", op, a.bytes)
	TEXT(name, NOSPLIT, "func(p *byte, n, passes int)")
	Doc(fmt.Sprintf("%s %s %d bytes at a time, n > 0 bytes from p on, passes > 0 times; n is a multiple of %d.", name, does, a.bytes, block))
	Load(Param("p"), RDI)
	Load(Param("n"), RSI)
	Load(Param("passes"), RDX)
	SHRQ(U8(8), RSI)
	a.setOnes()
	Label("pass")
	MOVQ(RDI, RAX)
	MOVQ(RSI, RCX)
	repeat(func() {
		for i := range block / a.bytes {
			touch(Mem{Base: RAX, Disp: i * a.bytes}, i)
		}
		ADDQ(U32(block), RAX)
	})
	DECQ(RDX)
	JNZ(LabelRef("pass"))
	if op == "Past" {
		SFENCE()
	}
	if a.vex {
		VZEROUPPER()
	}
	RET()
}

// flushed generates a walk through n bytes during which as many other bytes are flushed from all caches.
func (a access) flushed(op, does string, touch func(m Mem, i int)) {
	name := fmt.Sprintf("knownFlush%s%d", op, a.bytes)
	TEXT(name, NOSPLIT, "func(p, behind *byte, n int)")
	Doc(fmt.Sprintf("%s %s %d bytes at a time, n > 0 bytes from p on, and flushes the n bytes from behind on; n is a multiple of %d.",
		name, does, a.bytes, block))
	Load(Param("p"), RAX)
	Load(Param("behind"), RBX)
	Load(Param("n"), RCX)
	SHRQ(U8(8), RCX)
	a.setOnes()
	repeat(func() {
		for i := range block / a.bytes {
			touch(Mem{Base: RAX, Disp: i * a.bytes}, i)
		}
		for d := 0; d < block; d += line {
			CLFLUSH(Mem{Base: RBX, Disp: d})
		}
		ADDQ(U32(block), RAX)
		ADDQ(U32(block), RBX)
	})
	RET()
}

// chase generates hops along a chain of pointers.
func chase() {
	TEXT("knownChase", NOSPLIT, "func(at *byte, n int) (end *byte)")
	Doc(fmt.Sprintf("knownChase follows %d·n pointers, n > 0, from at on and returns where it ends.", perIter))
	Load(Param("at"), RAX)
	Load(Param("n"), RCX)
	repeat(func() {
		for range perIter {
			MOVQ(Mem{Base: RAX}, RAX)
		}
	})
	Store(RAX, ReturnIndex(0))
	RET()

	TEXT("knownFlushChase", NOSPLIT, "func(at *byte, n int) (end *byte)")
	Doc("knownFlushChase is knownChase, and flushes every line from all caches when its pointer was read.")
	Load(Param("at"), RAX)
	Load(Param("n"), RCX)
	repeat(func() {
		for range perIter {
			MOVQ(Mem{Base: RAX}, RBX)
			CLFLUSH(Mem{Base: RAX})
			MOVQ(RBX, RAX)
		}
	})
	Store(RAX, ReturnIndex(0))
	RET()
}
