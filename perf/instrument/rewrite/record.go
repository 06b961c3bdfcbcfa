package rewrite

import (
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// recordPlan is what a block logs, and how its accesses follow from that.
type recordPlan struct {
	before [][]recordWord // words stored before each instruction, and behind the last
	words  int
	access []Access
}

// planner makes the plan of one block.
type planner struct {
	f     *Func
	c     *Block
	v     versions
	plan  recordPlan
	known map[any]int // words by what they hold
}

type gprKey struct {
	reg     uint8
	version int
}
type maskWordKey struct {
	k       uint8
	version int
	wide    bool
}
type vecWordKey struct {
	vec     uint8
	version int
	bytes   int
}

func (f *Func) planRecord(c *Block) *recordPlan {
	p := &planner{f: f, c: c, known: map[any]int{}}
	p.plan.before = make([][]recordWord, len(c.Insts)+1)
	p.plan.words = 1
	moved := map[gprKey]int64{}
	for k := range c.Insts {
		in := &c.Insts[k]
		if in.HasMem && in.Mem.Access != decode.NoAccess {
			p.access(k, in, &in.Mem, true, moved)
		}
		mem, n := in.Implicit()
		for i := range mem[:n] {
			p.access(k, in, &mem[i], false, moved)
		}
		p.v.step(in)
	}
	return &p.plan
}

// word makes sure that a value is in the record before instruction k.
func (p *planner) word(k int, key any, w recordWord, words int) int32 {
	if at, ok := p.known[key]; ok {
		return int32(at)
	}
	w.at = p.plan.words
	p.plan.words += words
	p.plan.before[k] = append(p.plan.before[k], w)
	p.known[key] = w.at
	return int32(w.at)
}

// gpr gives the word for a register, and what to add to it.
func (p *planner) gpr(k int, reg int8, moved map[gprKey]int64) (int32, int64) {
	r := uint8(reg)
	if p.v.version[r] == 0 {
		if slot, ok := p.f.sticky(p.c, r); ok {
			return int32(-1 - slot), p.v.moved[r]
		}
	}
	key := gprKey{r, p.v.version[r]}
	if _, ok := p.known[key]; !ok {
		moved[key] = p.v.moved[r]
	}
	return p.word(k, key, recordWord{kind: gprWord, reg: r}, 1), p.v.moved[r] - moved[key]
}

// access plans one operand of instruction k.
func (p *planner) access(k int, in *decode.Inst, m *decode.MemOperand, explicit bool, moved map[gprKey]int64) {
	a := Access{Inst: k, Load: m.Access.Reads(), Store: m.Access.Writes(), Past: in.Attr&decode.NonTemporal != 0 && m.Access.Writes(),
		FS: m.Segment == 0x64, Base: NoWord, Index: NoWord, Mask: NoWord, After: NoWord, Scale: max(m.Scale, 1), Size: uint32(m.Size),
		Elem: m.ElemSize, Lanes: in.Lanes, Delta: m.Disp}
	switch {
	case m.Base == decode.RIP:
		a.Delta = int64(in.Next()) + m.Disp
	case m.Base >= 0:
		var by int64
		a.Base, by = p.gpr(k, m.Base, moved)
		a.Delta += by
		if stack, n := in.Implicit(); explicit && m.Base == decode.RSP && a.Store && n == 1 && stack[0].Base == decode.RSP && stack[0].Access == decode.Read {
			a.Delta += int64(stack[0].Size) // a pop to memory that the stack pointer addresses uses what it is behind the pop
		}
	}
	if m.Index >= 0 && m.VSIB == 0 {
		var by int64
		a.Index, by = p.gpr(k, m.Index, moved)
		a.Delta += by * int64(a.Scale)
	}
	switch {
	case m.VSIB != 0:
		a.Form, a.IndexBytes = Indexed, m.IndexSize
		v := uint8(m.Index)
		a.Index = p.word(k, vecWordKey{v, p.v.vec[v], int(m.VSIB)}, recordWord{kind: vectorWord, reg: v, bytes: int(m.VSIB)}, int(m.VSIB)/8)
		p.mask(k, in, &a)
	case in.Attr&decode.TileMemory != 0:
		a.Form, a.Tile = TileRows, tileOperand(in)
	case in.Attr&decode.Repeated != 0 && !explicit:
		a.Form = Repeated
		a.Mask = p.word(k, [2]int{k, 0}, recordWord{kind: gprWord, reg: decode.RCX}, 1)
		if endsEarly(in) {
			a.After = p.word(k+1, [2]int{k, -1}, recordWord{kind: gprWord, reg: decode.RCX}, 1)
		}
	case m.Broadcast:
		a.Size = uint32(m.ElemSize)
	case in.Attr&(decode.Compress|decode.Expand) != 0 && in.Mask != 0:
		a.Form = Packed
		p.mask(k, in, &a)
	case in.Attr&(decode.LaneMasked|decode.VectorMasked) != 0:
		if p.mask(k, in, &a) {
			a.Form = Masked
		}
	case in.Attr&decode.BitString != 0:
		a.Form = BitOffset
		a.Mask = p.word(k, [2]int{k, 0}, recordWord{kind: gprWord, reg: in.Args[1].Reg}, 1)
	}
	p.plan.access = append(p.plan.access, a)
}

// mask gives an access the word with the mask; false when there is none.
func (p *planner) mask(k int, in *decode.Inst, a *Access) bool {
	if in.Mask != 0 {
		a.Mask = p.word(k, maskWordKey{in.Mask, p.v.k[in.Mask], in.Lanes > 16}, recordWord{kind: maskWord, reg: in.Mask, wide: in.Lanes > 16}, 1)
		return true
	}
	u, ok := vectorMask(in)
	if !ok {
		return false
	}
	a.Signs, a.Lanes, a.Elem = true, uint8(u.lanes), uint8(u.elem)
	a.Mask = p.word(k, vecWordKey{u.vec, p.v.vec[u.vec], u.bytes}, recordWord{kind: vectorWord, reg: u.vec, bytes: u.bytes}, u.bytes/8)
	return true
}

func tileOperand(in *decode.Inst) uint8 {
	for _, a := range in.Args[:in.NArgs] {
		if a.Class == decode.Tile {
			return a.Reg
		}
	}
	return 0
}
