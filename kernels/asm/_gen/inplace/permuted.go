package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// A tile of one vector loads for each multiply-add, and once more for B: where two of both begin in a cycle, loads are what it waits for, the more so
// where B's rows cross lines. Permuted tiles take permutedSteps steps along K at once. 16 bytes of a row of A, once in each quarter of a register,
// have the elements of some of them, which permutations within quarters spread over all lanes. The others are loaded with multiply-adds, or
// permutations would be what they wait for: on a Zen 5 these have one pipe of their own.
const permutedSteps = 4

// permutedRows is up to how many rows permuted tiles have: so many that more can be cut into panels of which none waits for its sums.
const permutedRows = 2 * fewest

// permutedFew is up to how many rows of long elements take all of them permuted: loads of B are the most of theirs.
const permutedFew = 3

// permutes reports whether step q takes an element of A from a register.
func (t *tile) permutes(q int) bool {
	if t.Elem == 4 {
		return q < 3
	}
	return q < 2 || t.rows <= permutedFew
}

// permutedLoop takes permutedSteps steps at a time, as long as so many are left.
func (t *tile) permutedLoop(name string, mask *vec.Mask) {
	SUBQ(Imm(permutedSteps), t.left)
	JL(LabelRef(name + "_end"))
	vec.Align()
	Label(name)
	t.permutedStep(mask)
	SUBQ(Imm(permutedSteps), t.left)
	JGE(LabelRef(name))
	Label(name + "_end")
	ADDQ(Imm(permutedSteps), t.left)
}

// permutedStep multiplies permutedSteps columns of A with rows of B, each into the next chain, and moves on.
func (t *tile) permutedStep(mask *vec.Mask) {
	first := t.chains*t.rows + permutedSteps // registers that are free for elements of A
	b := func(q int) VecPhysical { return t.half(t.V(first - permutedSteps + q)) }
	for q := range permutedSteps {
		t.load(Mem{Base: t.row}, 0, b(q), mask)
		ADDQ(t.bBytes, t.row)
		PREFETCHT1(Mem{Base: t.next})
		ADDQ(t.ahead, t.next)
	}
	taken := 0
	take := func() VecPhysical {
		taken++
		return t.half(t.V(first + taken%(t.Regs()-first)))
	}
	inQuarter := 16 / t.Elem
	for i := range t.rows {
		var quarters VecPhysical
		for q := range permutedSteps {
			m := t.a.At(i, q*t.Elem)
			if !t.permutes(q) {
				t.FMABroadcast(m, b(q), t.acc(q%t.chains, i, 0))
				continue
			}
			if q%inQuarter == 0 {
				quarters = take()
				t.BroadcastQuarter(m, quarters)
			}
			x := take()
			t.SpreadInQuarters(q%inQuarter, quarters, x)
			t.FMA(b(q), x, t.acc(q%t.chains, i, 0))
		}
	}
	t.a.Advance(Imm(uint64(permutedSteps * t.Elem)))
}
