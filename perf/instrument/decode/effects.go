package decode

// effects derives what the instruction reads and writes, and where control goes.
func (d *decoder) effects() Reason {
	f, in := d.form, d.in
	in.Attr |= f.attr &^ internalAttrs
	in.Lanes = d.lanes()
	in.Control = f.control
	if f.implicit == enters && in.Imm2&31 != 0 {
		return Unsupported
	}
	if d.evexB && !in.HasMem {
		in.Attr |= Rounding
		if f.er {
			in.RoundMode = d.ll + 1
		}
	}
	if reason := d.branch(); reason != 0 {
		return reason
	}
	if reason := d.locked(); reason != 0 {
		return reason
	}
	in.GPRRead |= f.gprRead
	in.GPRWritten |= f.gprWrite | f.gprPart
	if in.OpSize == 2 {
		in.GPRRead |= f.gprPart
	}
	for i := range in.Args[:in.NArgs] {
		d.register(&in.Args[i], f.args[i].kind)
	}
	if in.HasMem && !f.noAddress {
		if in.Mem.Base >= 0 && in.Mem.Base < 16 {
			in.GPRRead |= 1 << in.Mem.Base
		}
		if in.Mem.VSIB != 0 {
			in.VecRead |= 1 << in.Mem.Index
		} else if in.Mem.Index >= 0 {
			in.GPRRead |= 1 << in.Mem.Index
		}
	}
	d.stateEffects()
	d.implicitEffects()
	d.flagEffects()
	if f.attr&zeroIdiom != 0 && in.OpSize >= 4 && in.Args[1].Class == GPR && in.Args[0].Class == GPR && in.Args[0].Reg == in.Args[1].Reg {
		in.GPRRead = 0
	}
	return 0
}

func (d *decoder) branch() Reason {
	in := d.in
	switch in.Control {
	case CondJump, CountJump, Jump, IndirectJump, Call, IndirectCall, Return, Transaction:
		if in.Prefixes&Prefix66 != 0 && !in.W {
			return Ambiguous
		}
	}
	if in.Control.Direct() {
		in.Target = in.Next() + uint64(in.Imm)
	}
	return 0
}

func (d *decoder) locked() Reason {
	f, in := d.form, d.in
	if in.Prefixes&PrefixLock != 0 {
		if !f.lockable || !in.HasMem || in.Mem.Access != ReadWrite {
			return Invalid
		}
		in.Attr |= Locked
	}
	if f.attr&xchgLock != 0 && in.HasMem {
		in.Attr |= Locked
	}
	return 0
}

// register adds a register operand to the sets of registers read and written.
func (d *decoder) register(o *Operand, k kind) {
	in := d.in
	reads, writes := o.Access.Reads(), o.Access.Writes()
	switch o.Class {
	case GPR, HighByte:
		bit := uint32(1) << o.Reg
		if writes {
			in.GPRWritten |= bit
			reads = reads || o.Size < 4
		}
		if reads {
			in.GPRRead |= bit
		}
	case Vector:
		bit := uint32(1) << o.Reg
		if writes {
			in.VecWritten |= bit
			reads = reads || in.Enc == Legacy || in.Mask != 0 && !in.Zeroing
		}
		if reads {
			in.VecRead |= bit
		}
	case Mask:
		bit := uint8(1) << o.Reg
		if k == kKPair {
			bit = 3 << (o.Reg &^ 1)
		}
		if writes {
			in.KWritten |= bit
		}
		if reads {
			in.KRead |= bit
		}
	case Tile:
		bit := uint8(1) << o.Reg
		if writes {
			in.TileWritten |= bit
		}
		if reads {
			in.TileRead |= bit
		}
	}
}

// stateEffects adds masks, and the registers that whole-state instructions touch.
func (d *decoder) stateEffects() {
	f, in := d.form, d.in
	if in.Mask != 0 {
		in.KRead |= 1 << in.Mask
		if f.attr&(Gather|Scatter) != 0 {
			in.KWritten |= 1 << in.Mask
		}
	}
	if f.attr&Gather != 0 && in.Enc == VEX {
		in.Attr |= VectorMasked
	}
	if f.attr&writesXMM0 != 0 {
		in.VecWritten |= 1
		if in.Enc == Legacy {
			in.VecRead |= 1
		}
	}
	if f.attr&ZeroUpper != 0 {
		in.VecWritten = 0xffff
		if d.ll == 0 {
			in.VecRead = 0xffff
		}
	}
	if f.attr&TileConfig != 0 {
		in.TileWritten = 0xff
	}
}

// implicitEffects adds the registers that stack and string accesses use.
func (d *decoder) implicitEffects() {
	f, in := d.form, d.in
	in.implicit = f.implicit
	switch f.implicit {
	case noImplicit:
		return
	case pushes, pops:
		in.implicitSize = 8
		if in.OpSize == 2 && in.Control == Next {
			in.implicitSize = 2
		}
		in.GPRRead |= 1 << RSP
		in.GPRWritten |= 1 << RSP
	case enters: // nested frames are refused
		in.implicitSize = 8
		in.GPRRead |= 1 << RSP
		in.GPRWritten |= 1 << RSP
	case leaves:
		in.implicitSize = 8
	case xlatTable:
		in.implicitSize = 1
	case maskedStore:
		in.GPRRead |= 1 << RDI
		in.implicitSize = uint8(in.Args[0].Size)
	default:
		if in.implicit == insString || in.implicit == outsString {
			in.OpSize = min(in.OpSize, 4)
		}
		in.implicitSize = in.OpSize
		if f.impSize != 0 {
			in.implicitSize, in.OpSize = 1, 1
		}
		if in.Prefixes&(PrefixF2|PrefixF3) != 0 {
			in.Attr |= Repeated
			in.GPRWritten |= 1 << RCX
			in.GPRRead |= in.GPRWritten // all of them stay when RCX is 0
		}
	}
}

// conditionFlags are the flags that the conditions o, b, e, be, s, p, l, le read; each is followed by its opposite.
var conditionFlags = [8]Flags{OF, CF, ZF, CF | ZF, SF, PF, SF | OF, SF | OF | ZF}

func (d *decoder) flagEffects() {
	f, in := d.form, d.in
	in.FlagsRead, in.FlagsKilled = f.flags.read, f.flags.kill
	in.FlagsWritten = f.flags.kill | f.flags.may
	switch f.flags.special {
	case condition:
		in.FlagsRead |= conditionFlags[in.Op>>1&7]
	case shift:
		in.FlagsWritten = Status
		if d.count() > 0 {
			in.FlagsKilled = Status
		}
	case rotate:
		in.FlagsWritten = CF | OF
		if d.count() > 0 {
			in.FlagsKilled = CF | OF
		}
	case rotateC:
		in.FlagsRead |= CF
		in.FlagsWritten = CF | OF
		if n := d.count(); n > 0 && n < 9 { // a whole turn through CF (9 or 17 bits) may leave it
			in.FlagsKilled = CF | OF
		}
	}
	if in.Attr&Repeated != 0 { // zero repetitions leave them
		in.FlagsKilled = 0
	}
}

// count is the number of bits that a shift or rotate certainly moves, 0 when that is not known or 0: then the flags may stay.
func (d *decoder) count() int64 {
	in := d.in
	last := in.Args[in.NArgs-1]
	switch {
	case last.Class != Immediate:
		return 0
	case in.OpSize == 8:
		return in.Imm & 63
	}
	return in.Imm & 31
}
