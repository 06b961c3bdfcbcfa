package decode

import "encoding/binary"

// operands takes what follows ModRM and fills in everything else.
func (d *decoder) operands() Reason {
	f, in := d.form, d.in
	d.sizes()
	if f.modrm && d.mod != 3 && f.mod&1 != 0 && !f.ignoreMod {
		if reason := d.memory(); reason != 0 {
			return reason
		}
	}
	in.NArgs = f.nargs
	for i := range f.args[:f.nargs] {
		if reason := d.operand(i, &f.args[i]); reason != 0 {
			return reason
		}
	}
	if d.pos > maxLen {
		return TooLong
	}
	in.Len = uint8(d.pos)
	if reason := d.checkVector(); reason != 0 {
		return reason
	}
	if in.HasMem {
		d.describeMemory()
	}
	return d.effects()
}

// sizes settles operand size, vector length and mnemonic.
func (d *decoder) sizes() {
	f, in := d.form, d.in
	v := uint8(4)
	switch {
	case in.W:
		v = 8
	case in.Prefixes&Prefix66 != 0:
		v = 2
	}
	switch f.opSize {
	case osByte:
		in.OpSize = 1
	case osV:
		in.OpSize = v
	case osY:
		in.OpSize = max(v, 4)
		if in.Enc != Legacy && !in.W {
			in.OpSize = 4
		}
	case osU:
		in.OpSize = 8
		if v == 2 {
			in.OpSize = 2
		}
	}
	switch f.vector {
	case 1:
		in.VL = 16
	case 2:
		in.VL = 16 << d.ll
		if d.evexB && d.mod == 3 {
			in.VL = 64
		}
	}
	name := f.names[0]
	switch f.nameBy {
	case byW:
		if in.W {
			name = f.names[1]
		}
	case byOpSize:
		switch in.OpSize {
		case 4:
			name = f.names[1]
		case 8:
			name = f.names[2]
		}
	}
	in.Mnemonic = name
}

// resolve turns a symbolic size into bytes.
func (d *decoder) resolve(size uint16) uint16 {
	if size < szV {
		return size
	}
	v := uint16(4)
	switch {
	case d.in.W:
		v = 8
	case d.in.Prefixes&Prefix66 != 0:
		v = 2
	}
	vl := uint16(d.in.VL)
	switch size {
	case szV:
		return v
	case szY:
		if d.in.W {
			return 8
		}
		return 4
	case szZ, szIO:
		return min(v, 4)
	case szU:
		if v == 2 {
			return 2
		}
		return 8
	case szX:
		return vl
	case szH:
		return vl / 2
	case szQ:
		return vl / 4
	case szO:
		return vl / 8
	}
	if d.in.W { // szPair
		return 16
	}
	return 8
}

// take reads n bytes of an immediate or displacement, sign-extended.
func (d *decoder) take(n int) (v int64, ok bool) {
	if d.pos+n > len(d.code) {
		return 0, false
	}
	b := d.code[d.pos:]
	switch n {
	case 1:
		v = int64(int8(b[0]))
	case 2:
		v = int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		v = int64(int32(binary.LittleEndian.Uint32(b)))
	case 8:
		v = int64(binary.LittleEndian.Uint64(b))
	}
	d.pos += n
	return v, true
}

// operand fills in.Args[i].
func (d *decoder) operand(i int, a *arg) Reason {
	in := d.in
	o := &in.Args[i]
	o.Access = a.access
	o.Size = d.resolve(a.size)
	switch a.kind {
	case kReg:
		return d.gpr(o, d.reg|d.r)
	case kRM, kVM, kPM, kKM, kMem, kVSIB:
		if in.HasMem {
			o.Class = Memory
			in.Mem.Access = a.access
			in.Mem.Size = d.resolve(a.mem)
			o.Size = in.Mem.Size
			return 0
		}
		return d.registerInRM(o, a.kind)
	case kGPR, kVU, kPU, kKU, kTU:
		return d.registerInRM(o, a.kind)
	case kVvvvG:
		return d.gpr(o, d.vvvv)
	case kOp:
		return d.gpr(o, in.Op&7|d.b)
	case kFixed:
		o.Class, o.Reg = GPR, a.fixed
	case kV:
		o.Class, o.Reg = Vector, d.reg|d.r
	case kVH:
		o.Class, o.Reg = Vector, d.vvvv
	case kVFixed:
		o.Class = Vector
	case kVL:
		v, reason := d.immediate(1)
		if reason != 0 {
			return reason
		}
		o.Class, o.Reg = Vector, uint8(v)>>4
		if v&15 != 0 {
			return Invalid
		}
	case kP:
		o.Class, o.Reg = MMX, d.reg
	case kK, kKPair:
		return small(o, Mask, d.reg|d.r)
	case kKH:
		return small(o, Mask, d.vvvv)
	case kT:
		return small(o, Tile, d.reg|d.r)
	case kTH:
		return small(o, Tile, d.vvvv)
	case kST:
		o.Class = X87
	case kSTi:
		o.Class, o.Reg = X87, d.rm
	case kSegFixed:
		o.Class, o.Reg = Segment, a.fixed
	case kSeg:
		o.Class, o.Reg = Segment, d.reg
		if d.reg > 5 || a.access == Write && d.reg == 1 {
			return Invalid
		}
	case kCR, kDR:
		o.Class, o.Reg = ControlReg, d.reg|d.r
		if a.kind == kDR {
			o.Class = DebugReg
		}
	default:
		return d.constant(o, a)
	}
	return 0
}

// constant fills an operand that is an immediate, an offset or an absolute address.
func (d *decoder) constant(o *Operand, a *arg) Reason {
	in := d.in
	o.Class = Immediate
	n := 1
	switch a.kind {
	case kOne:
		in.Imm = 1
		return 0
	case kMoffs:
		return d.moffs(o, a)
	case kImmW:
		n = 2
	case kImmZ, kRelZ:
		n = 4
		if in.Prefixes&Prefix66 != 0 && !in.W {
			n = 2
		}
	case kImmV:
		n = int(o.Size)
	}
	v, reason := d.immediate(n)
	if reason != 0 {
		return reason
	}
	switch a.kind {
	case kImmB:
		v = int64(uint8(v))
	case kImmW:
		v = int64(uint16(v))
	case kRelB, kRelZ:
		o.Class, o.Size = Relative, 0
	}
	if d.secondImmByte {
		in.Imm2 = v
	} else {
		in.Imm = v
	}
	d.secondImmByte = true
	return 0
}

// immediate takes n bytes; the first immediate of an instruction is where ImmOff points.
func (d *decoder) immediate(n int) (int64, Reason) {
	if d.in.ImmSize == 0 {
		d.in.ImmOff = uint8(d.pos)
	}
	v, ok := d.take(n)
	if !ok {
		return 0, Truncated
	}
	d.in.ImmSize += uint8(n)
	return v, 0
}

func (d *decoder) moffs(o *Operand, a *arg) Reason {
	in := d.in
	n := 8
	if in.Prefixes&Prefix67 != 0 {
		n = 4
	}
	in.DispOff, in.DispSize = uint8(d.pos), uint8(n)
	v, ok := d.take(n)
	if !ok {
		return Truncated
	}
	if n == 4 {
		v = int64(uint32(v))
	}
	o.Class = Memory
	in.HasMem = true
	in.Mem = MemOperand{Access: a.access, Base: NoReg, Index: NoReg, Scale: 1, Disp: v, Size: o.Size, Absolute64: true}
	return 0
}

// gpr fills a general-purpose register; without REX the numbers 4 … 7 of byte registers are the high bytes.
func (d *decoder) gpr(o *Operand, n uint8) Reason {
	if n > 15 {
		return Unsupported // R16 … R31 of APX
	}
	o.Class, o.Reg = GPR, n
	if o.Size == 1 && n >= 4 && n < 8 && d.in.Prefixes&PrefixREX == 0 && d.in.Enc == Legacy {
		o.Class, o.Reg = HighByte, n-4
	}
	return 0
}

func small(o *Operand, c Class, n uint8) Reason {
	if n > 7 {
		return Invalid
	}
	o.Class, o.Reg = c, n
	return 0
}

func (d *decoder) registerInRM(o *Operand, k kind) Reason {
	switch k {
	case kRM, kGPR:
		if d.xVector != 0 {
			return Unsupported
		}
		return d.gpr(o, d.rm|d.b)
	case kVM, kVU:
		o.Class, o.Reg = Vector, d.rm|d.b|d.xVector
	case kPM, kPU:
		o.Class, o.Reg = MMX, d.rm
	case kKM, kKU:
		return small(o, Mask, d.rm|d.b)
	case kTU:
		return small(o, Tile, d.rm|d.b)
	default:
		return Invalid
	}
	return 0
}
