package decode

import "bytes"

// Decode reads the instruction at the start of code, which stands at address pc. It does not read past the instruction.
// What it does not know it refuses with an *UnknownError, and the Inst is zero.
func Decode(code []byte, pc uint64) (Inst, error) {
	var in Inst
	err := DecodeInto(&in, code, pc)
	return in, err
}

// DecodeInto is Decode without a copy of the result. It allocates only when it refuses.
func DecodeInto(in *Inst, code []byte, pc uint64) error {
	d := decoder{code: code, in: in, tables: loadTables()}
	*in = Inst{PC: pc}
	if reason := d.decode(); reason != 0 {
		*in = Inst{}
		return &UnknownError{PC: pc, Bytes: bytes.Clone(code[:min(len(code), maxLen)]), Reason: reason}
	}
	return nil
}

const maxLen = 15

// decoder holds what is needed while one instruction is read.
type decoder struct {
	code   []byte
	pos    int
	in     *Inst
	tables *tables
	form   *form

	rex           uint8
	segment       uint8
	r, x, b       uint8 // extensions of ModRM.reg, SIB.index, ModRM.rm/SIB.base/opcode: 0 or 8; r of EVEX up to 24
	xVector       uint8 // EVEX.X as an extension of a vector register in ModRM.rm: 0 or 16
	vvvv          uint8
	ll            uint8 // 0 … 3
	evexB         bool
	mod, reg, rm  uint8 // ModRM fields, without extensions
	secondImmByte bool
}

func (d *decoder) decode() Reason {
	if reason := d.prefixes(); reason != 0 {
		return reason
	}
	if reason := d.opcode(); reason != 0 {
		return reason
	}
	forms := &d.tables.index[d.in.Enc][d.in.Map][d.in.Op]
	if forms.n == 0 {
		return Invalid
	}
	if forms.modrm {
		m, ok := d.peek()
		if !ok {
			return Truncated
		}
		d.in.ModRM, d.mod, d.reg, d.rm = m, m>>6, m>>3&7, m&7
	}
	if d.form = d.match(forms); d.form == nil {
		return Invalid
	}
	if d.form.refuse || d.form.no66 && d.in.Prefixes&Prefix66 != 0 && (!d.in.W || d.form.attr&X87State != 0) {
		return Unsupported
	}
	if d.form.modrm {
		d.in.HasModRM, d.in.ModRMOff = true, uint8(d.pos)
		d.pos++
	} else {
		d.in.ModRM, d.mod = 0, 3
	}
	return d.operands()
}

// peek is the next byte, without taking it.
func (d *decoder) peek() (uint8, bool) {
	if d.pos >= len(d.code) || d.pos >= maxLen {
		return 0, false
	}
	return d.code[d.pos], true
}

// prefixes takes legacy prefixes and REX.
func (d *decoder) prefixes() Reason {
	for ; ; d.pos++ {
		if d.pos >= maxLen {
			return TooLong
		}
		if d.pos >= len(d.code) {
			return Truncated
		}
		c := d.code[d.pos]
		switch c {
		case 0x66:
			d.in.Prefixes |= Prefix66
		case 0x67:
			d.in.Prefixes |= Prefix67
		case 0xf2:
			d.in.Prefixes = d.in.Prefixes&^PrefixF3 | PrefixF2
		case 0xf3:
			d.in.Prefixes = d.in.Prefixes&^PrefixF2 | PrefixF3
		case 0xf0:
			d.in.Prefixes |= PrefixLock
		case 0x64, 0x65:
			d.in.Prefixes |= PrefixSeg
			d.segment = c
		case 0x2e, 0x36, 0x3e, 0x26: // no effect in 64-bit mode, and they do not cancel FS or GS
			d.in.Prefixes |= PrefixSeg
		default:
			if c&0xf0 == 0x40 { // counts only directly before the opcode
				d.rex = c
				continue
			}
			d.in.segment = d.segment
			if d.rex != 0 {
				d.in.Prefixes |= PrefixREX
				d.in.W = d.rex&8 != 0
				d.r, d.x, d.b = d.rex<<1&8, d.rex<<2&8, d.rex<<3&8
			}
			return 0
		}
		d.rex = 0
	}
}

// opcode takes the rest up to the opcode byte: escapes, VEX, EVEX.
func (d *decoder) opcode() Reason {
	c := d.code[d.pos]
	switch c {
	case 0x62:
		return d.evex()
	case 0xc4, 0xc5:
		return d.vex(c)
	case 0xd5: // REX2
		return Unsupported
	case 0x8f:
		// A pop has ModRM.reg 0; anything else in these bits is XOP's map 8 to 31.
		if d.pos+1 < len(d.code) && d.code[d.pos+1]&0x1f >= 8 {
			return Unsupported
		}
	case 0x0f:
		if reason := d.escape(); reason != 0 {
			return reason
		}
	}
	d.in.Op, d.in.OpcodeOff = d.code[d.pos], uint8(d.pos)
	d.pos++
	switch {
	case d.in.Prefixes&PrefixF3 != 0:
		d.in.PP = PPF3
	case d.in.Prefixes&PrefixF2 != 0:
		d.in.PP = PPF2
	case d.in.Prefixes&Prefix66 != 0:
		d.in.PP = PP66
	}
	return 0
}

// escape takes 0F, 0F 38 and 0F 3A, and leaves the opcode byte.
func (d *decoder) escape() Reason {
	for d.in.Map = 1; ; d.in.Map = 3 {
		d.pos++
		c, ok := d.peek()
		switch {
		case !ok:
			return Truncated
		case d.in.Map != 1:
			return 0
		case c == 0x0f: // 3DNow!
			return Unsupported
		case c == 0x38:
			d.in.Map = 2
			d.pos++
			if _, ok := d.peek(); !ok {
				return Truncated
			}
			return 0
		case c != 0x3a:
			return 0
		}
	}
}

// match finds the form whose conditions the encoding meets.
func (d *decoder) match(o *opcodeForms) *form {
	pp, w, l, mod := uint8(1)<<d.in.PP, uint8(1), uint8(1)<<d.ll, uint8(2)
	if d.in.W {
		w = 2
	}
	if d.mod != 3 {
		mod = 1
	} else if d.evexB {
		l = 1 << 2 // static rounding: the length bits hold the rounding mode
	}
	reg, rm, b := uint8(1)<<d.reg, uint8(1)<<d.rm, uint8(1)
	if d.b != 0 {
		b = 2
	}
	forms := d.tables.forms[o.first : o.first+o.n]
	for i := range forms {
		f := &forms[i]
		if f.pp&pp != 0 && f.w&w != 0 && f.l&l != 0 && f.reg&reg != 0 && f.mod&mod != 0 && f.rm&rm != 0 && f.b&b != 0 {
			if d.in.Enc == Legacy && (f.pp == 15) {
				d.in.PP = PPNone
			}
			return f
		}
	}
	return nil
}
