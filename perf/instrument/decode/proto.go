package decode

import "bytes"

// Decode reads the instruction at the start of code, which stands at address pc.
// An instruction it does not know is refused with an *UnknownError.
func Decode(code []byte, pc uint64) (Inst, error) {
	var in Inst
	err := DecodeInto(&in, code, pc)
	return in, err
}

// DecodeInto is Decode without the copy.
func DecodeInto(in *Inst, code []byte, pc uint64) error {
	refuse := func(r Reason) error {
		*in = Inst{}
		return &UnknownError{PC: pc, Bytes: bytes.Clone(code[:min(len(code), 15)]), Reason: r}
	}
	p, err := pDecode(code)
	switch {
	case err == errShort:
		return refuse(Truncated)
	case err != nil:
		return refuse(Invalid)
	case p.Enc == pXOP:
		return refuse(Unsupported)
	}
	*in = Inst{PC: pc, Len: uint8(p.Len), Enc: Encoding(p.Enc), Map: p.Map, Op: p.Op, W: p.W, HasModRM: p.HasModrm, ModRM: p.Modrm,
		DispOff: uint8(p.DispOff), DispSize: uint8(p.DispSize), ImmOff: uint8(p.ImmOff), ImmSize: uint8(p.ImmSize),
		OpcodeOff: uint8(p.OpOff), ModRMOff: uint8(p.ModrmOff), Imm: p.Imm, Mask: p.AAA, Zeroing: p.Z}
	in.PP = p.PP
	if p.Enc == pVEX || p.Enc == pEVEX {
		in.VL = 16 << p.LL
		if p.Enc == pEVEX && p.Mod == 3 && p.Bc {
			in.VL = 64
		}
	}
	for prefix, has := range map[Prefix]bool{Prefix66: p.Opsz, Prefix67: p.Addr32, PrefixLock: p.Lock, PrefixF3: p.Rep == 0xf3, PrefixF2: p.Rep == 0xf2, PrefixSeg: p.Seg != 0} {
		if has {
			in.Prefixes |= prefix
		}
	}
	if p.Seg == 0x64 || p.Seg == 0x65 {
		in.segment = p.Seg
	}
	if p.HasMem {
		in.HasMem = true
		acc := [...]Access{NoAccess, NoAccess, Read, Write, ReadWrite}[p.MemKind]
		in.Mem = MemOperand{Access: acc, Base: int8(p.Base), Index: int8(p.Index), Scale: p.Scale, Segment: in.segment, Addr32: p.Addr32,
			Size: uint16(p.MemSize), Disp: p.Disp, Broadcast: p.Enc == pEVEX && p.Bc}
		if p.VSIB {
			in.Mem.VSIB, in.Mem.IndexSize, in.Attr = in.VL, 4<<(p.Op&1), in.Attr|Gather
		}
	}
	touch, wr := gprs(&p)
	in.GPRRead, in.GPRWritten = touch, wr
	use, kill := flags(&p)
	for i, set := range []Flags{CF, PF | AF | ZF | SF | OF} {
		if use>>i&1 != 0 {
			in.FlagsRead |= set
		}
		if kill>>i&1 != 0 {
			in.FlagsKilled |= set
			in.FlagsWritten |= set
		}
	}
	in.Control = [...]Control{Next, CondJump, Jump, Call, Return, IndirectJump, IndirectCall, Trap, CountJump}[ctrl(&p)]
	if in.Control.Direct() {
		if p.Opsz {
			return refuse(Ambiguous)
		}
		in.Target = in.Next() + uint64(p.Imm)
	}
	in.implicitSize = 8
	switch {
	case p.Map != 0 || p.Enc != pLegacy:
	case in.Control == Call || in.Control == IndirectCall || p.Op >= 0x50 && p.Op < 0x58 || p.Op == 0x68 || p.Op == 0x6a || p.Op == 0xff && in.RegField() == 6:
		in.implicit = pushes
	case in.Control == Return || p.Op >= 0x58 && p.Op < 0x60 || p.Op == 0x8f:
		in.implicit = pops
	case p.Op == 0xc9:
		in.implicit = leaves
	}
	return nil
}
