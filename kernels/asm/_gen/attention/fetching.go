package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// On servers of Intel a tile waits for keys and values that come from L2 while it multiplies: its products fill the scheduler, and loads behind them
// begin too late. Fetched into L1 before, they cost nothing there; Zen 4 and Zen 5 have no use for it.

// fetchKeys returns what emits, before the u-th element of an iteration and behind the last, fetches of the rows of keys that follow: as many bytes as a
// step takes of these, as if they lay side by side.
func (b *block) fetchKeys(rows, unroll int, k, ldk reg.Register) func(u int) {
	if !b.fetching || rows < b.mr {
		return func(int) {}
	}
	at := GP64()
	IMUL3Q(U32(uint32(rows)), ldk, at)
	ADDQ(k, at)
	fetched := 0
	return func(u int) {
		for ; fetched < 4*rows*u; fetched += line {
			PREFETCHT0(Mem{Base: at, Disp: fetched})
		}
		if u == unroll {
			ADDQ(U32(uint32(fetched)), at)
		}
	}
}

// valuesAhead is how many steps before it is used a row of values is fetched.
const valuesAhead = 8

// fetchValues fetches the values of a later step.
func (b *block) fetchValues(value, ldv reg.Register) {
	if b.fetching {
		PREFETCHT0(Mem{Base: value, Index: ldv, Scale: valuesAhead})
	}
}

// fetchLines fetches lines of memory into L2, as many as the present range says, the last ones from those that follow. In AMX that is done once for a block of keys: a test in each step
// cost more than it gained.
func (b *block) fetchLines() {
	r := b.get("Fetch")
	TESTQ(r, r)
	JZ(LabelRef("lines_done"))
	at, left, n := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: r, Disp: 16}, n)
	Label("lines_range")
	CMPQ(Mem{Base: r, Disp: 16}, Imm(0))
	JE(LabelRef("lines_end"))
	MOVQ(Mem{Base: r}, at)
	MOVQ(Mem{Base: r, Disp: 8}, left)
	Label("lines_line")
	SUBQ(Imm(line), left)
	JL(LabelRef("lines_next"))
	PREFETCHT1(Mem{Base: at})
	ADDQ(Imm(line), at)
	DECQ(n)
	JNZ(LabelRef("lines_line"))
	MOVQ(at, Mem{Base: r})
	MOVQ(left, Mem{Base: r, Disp: 8})
	JMP(LabelRef("lines_end"))
	Label("lines_next")
	ADDQ(Imm(24), r)
	JMP(LabelRef("lines_range"))
	Label("lines_end")
	MOVQ(r, b.field("Fetch"))
	Label("lines_done")
}
