package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// prefetching runs the first rows·Pace·Rounds steps, or fewer when K ends; every Pace steps it prefetches one row of the tile of
// C and a piece, as long as a row of the sliver, of a row of the next panel of A. Prefetches closer together would fill the
// buffers for lines that miss L1, which the loads of B from L2 need too. What was prefetched a round before is copied, if
// Copy is given. With each of them it fetches 128 bytes into L2, from Fetch + FetchFrom + Fetched on.
func (t *tile) prefetching() {
	piece := 2 * t.Bytes
	n, c, a, to := GP64(), GP64(), GP64(), GP64()
	steps := to
	MOVQ(t.field("Rounds"), n)
	MOVQ(n, t.field("Left"))
	Label("round")
	MOVQ(U32(uint32(t.rows)), n)
	MOVQ(t.c, c)
	MOVQ(t.field("NextA"), a)
	MOVQ(t.field("Copy"), to)
	MOVQ(to, t.field("NowCopy"))
	Label("prefetch")
	SUBQ(t.field("Pace"), t.k)
	JL(LabelRef("prefetched"))
	for _, m := range []Register{c, a} {
		for d := 0; d < piece; d += 64 {
			PREFETCHT0(Mem{Base: m, Disp: d})
		}
	}
	MOVQ(t.field("Fetch"), to)
	ADDQ(t.field("FetchFrom"), to)
	ADDQ(t.field("Fetched"), to)
	for d := 0; d < 128; d += 64 {
		PREFETCHT1(Mem{Base: to, Disp: d})
	}
	MOVQ(t.field("Fetched"), to)
	ADDQ(t.field("FetchBytes"), to)
	CMPQ(to, t.field("FetchSpan"))
	JLT(LabelRef("within"))
	MOVQ(t.field("FetchNext"), to)
	ADDQ(to, t.field("FetchFrom"))
	XORL(to.(GPVirtual).As32(), to.(GPVirtual).As32())
	Label("within")
	MOVQ(to, t.field("Fetched"))
	MOVQ(t.field("NowCopy"), to)
	TESTQ(to, to)
	JE(LabelRef("copied"))
	PREFETCHT0(Mem{Base: a, Disp: piece - 1}) // rows may begin anywhere in a line
	for j := range 2 {
		t.Mov(Mem{Base: a, Disp: j*t.Bytes - piece}, t.V(t.rows*2+j))
	}
	for j := range 2 {
		t.Mov(t.V(t.rows*2+j), Mem{Base: to, Disp: j * t.Bytes})
	}
	ADDQ(t.field("CopyBytes"), to)
	MOVQ(to, t.field("NowCopy"))
	Label("copied")
	ADDQ(t.cBytes, c)
	ADDQ(t.field("NextBytes"), a)
	MOVQ(t.field("Pace"), steps)
	t.repeat("pace", steps)
	DECQ(n)
	JNZ(LabelRef("prefetch"))
	for _, f := range []string{"NextA", "Copy"} {
		end := map[string]string{"NextA": "NextEnd", "Copy": "CopyEnd"}[f]
		MOVQ(t.field(f), a)
		ADDQ(U32(uint32(piece)), a)
		CMPQ(a, t.field(end))
		CMOVQHI(t.field(end), a)
		MOVQ(a, t.field(f))
	}
	DECQ(t.field("Left"))
	JNZ(LabelRef("round"))
	JMP(LabelRef("rest"))
	Label("prefetched")
	ADDQ(t.field("Pace"), t.k)
	if t.pieces {
		JMP(LabelRef("unpaced"))
	}
	Label("rest")
}
