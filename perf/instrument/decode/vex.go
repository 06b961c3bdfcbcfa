package decode

// vex takes a VEX prefix (C4 or C5) and the opcode byte.
func (d *decoder) vex(c uint8) Reason {
	if d.in.Prefixes&(Prefix66|PrefixF2|PrefixF3|PrefixLock|PrefixREX) != 0 {
		return Invalid
	}
	n := 2
	if c == 0xc4 {
		n = 3
	}
	if d.pos+n >= maxLen {
		return TooLong
	}
	if d.pos+n >= len(d.code) {
		return Truncated
	}
	v := d.code[d.pos+1]
	last := d.code[d.pos+n-1]
	d.in.Enc, d.in.Map = VEX, 1
	d.r = ^v >> 7 << 3
	if c == 0xc4 {
		d.in.Map = v & 0x1f
		d.x, d.b = ^v>>6&1<<3, ^v>>5&1<<3
		d.in.W = last&0x80 != 0
		if d.in.Map == 0 || d.in.Map > 3 {
			return Invalid
		}
	}
	d.vvvv, d.ll, d.in.PP = ^last>>3&15, last>>2&1, last&3
	return d.opcodeByte(n)
}

// evex takes an EVEX prefix (62 and three bytes) and the opcode byte. The bits that APX gives a meaning must have the
// values that AVX-512 fixes.
func (d *decoder) evex() Reason {
	if d.in.Prefixes&(Prefix66|PrefixF2|PrefixF3|PrefixLock|PrefixREX) != 0 {
		return Invalid
	}
	const n = 4
	if d.pos+n >= maxLen {
		return TooLong
	}
	if d.pos+n >= len(d.code) {
		return Truncated
	}
	p0, p1, p2 := d.code[d.pos+1], d.code[d.pos+2], d.code[d.pos+3]
	if p0&8 != 0 || p1&4 == 0 || p0&7 == 4 {
		return Unsupported
	}
	d.in.Enc, d.in.Map = EVEX, p0&7
	if d.in.Map == 0 || d.in.Map == 7 {
		return Invalid
	}
	d.r = ^p0>>7<<3 | ^p0>>4&1<<4
	d.x, d.b = ^p0>>6&1<<3, ^p0>>5&1<<3
	d.xVector = d.x << 1
	d.in.W = p1&0x80 != 0
	d.vvvv = ^p1>>3&15 | ^p2>>3&1<<4
	d.in.PP = p1 & 3
	d.in.Zeroing, d.ll, d.evexB, d.in.Mask = p2&0x80 != 0, p2>>5&3, p2&0x10 != 0, p2&7
	return d.opcodeByte(n)
}

func (d *decoder) opcodeByte(prefix int) Reason {
	d.pos += prefix
	d.in.Op, d.in.OpcodeOff = d.code[d.pos], uint8(d.pos)
	d.pos++
	return 0
}

// checkVector refuses the combinations of prefix fields that processors reject.
func (d *decoder) checkVector() Reason {
	f, in := d.form, d.in
	if in.Enc == Legacy {
		return 0
	}
	usesVvvv := false
	for _, a := range f.args[:f.nargs] {
		switch a.kind {
		case kVH, kVvvvG, kKH, kTH:
			usesVvvv = true
		}
	}
	unused := d.vvvv
	if in.HasMem && in.Mem.VSIB != 0 {
		unused &= 15 // V' extends the index
	}
	if !usesVvvv && unused != 0 {
		return Invalid
	}
	if in.Enc == VEX {
		if f.distinct && d.namedTwice() {
			return Invalid
		}
		return 0
	}
	vectorDest := in.Args[0].Class == Vector
	switch {
	case in.Mask != 0 && !f.maskable,
		in.Zeroing && (in.Mask == 0 || !vectorDest || f.attr&(Gather|Scatter) != 0),
		f.attr&(Gather|Scatter) != 0 && (in.Mask == 0 || d.evexB),
		d.evexB && in.HasMem && f.bcast == 0,
		d.evexB && !in.HasMem && !f.er && !f.sae,
		f.distinct && d.namedTwice():
		return Invalid
	}
	return 0
}

// namedTwice reports that two vector or tile operands, or one and the vector index, are the same register. A complex
// multiplication may use one source twice, so there only the destination counts.
func (d *decoder) namedTwice() bool {
	args := d.in.Args[:d.in.NArgs]
	for i, a := range args {
		if a.Class != Vector && a.Class != Tile {
			continue
		}
		if d.in.Mem.VSIB != 0 && int8(a.Reg) == d.in.Mem.Index {
			return true
		}
		if i > 0 && a.Class == Vector && d.in.Mem.VSIB == 0 {
			continue
		}
		for _, b := range args[i+1:] {
			if b.Class == a.Class && b.Reg == a.Reg {
				return true
			}
		}
	}
	return false
}
