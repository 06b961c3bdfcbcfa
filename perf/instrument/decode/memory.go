package decode

// memory takes SIB and displacement.
func (d *decoder) memory() Reason {
	in := d.in
	in.HasMem = true
	m := &in.Mem
	*m = MemOperand{Base: NoReg, Index: NoReg, Scale: 1}
	dispSize := [...]uint8{0, 1, 4}[d.mod]
	switch {
	case d.rm == 4:
		s, ok := d.peek()
		if !ok {
			return Truncated
		}
		d.pos++
		m.Scale = 1 << (s >> 6)
		m.Base = int8(s&7 | d.b)
		m.Index = int8(s>>3&7 | d.x)
		if s&7 == 5 && d.mod == 0 {
			m.Base, dispSize = NoReg, 4
		}
		switch {
		case d.form.attr&(Gather|Scatter) != 0:
			m.Index |= int8(d.vvvv & 16)
			d.vsib()
		case m.Index == RSP:
			m.Index, m.Scale = NoReg, 1
		}
	case d.rm == 5 && d.mod == 0:
		m.Base, dispSize = RIP, 4
	default:
		m.Base = int8(d.rm | d.b)
	}
	if dispSize == 0 {
		return 0
	}
	in.DispOff, in.DispSize = uint8(d.pos), dispSize
	v, ok := d.take(int(dispSize))
	if !ok {
		return Truncated
	}
	m.Disp = v
	return 0
}

// vsib describes the vector index: its width, and that of its elements.
func (d *decoder) vsib() {
	for _, a := range d.form.args[:d.form.nargs] {
		if a.kind == kVSIB {
			d.in.Mem.IndexSize = a.fixed
			d.in.Mem.VSIB = uint8(max(d.resolve(a.size), 16))
		}
	}
}

// describeMemory settles access size, elements, lanes and the scaled displacement, once the operands are known.
func (d *decoder) describeMemory() {
	f, in := d.form, d.in
	m := &in.Mem
	m.Segment, m.Addr32 = d.segment, in.Prefixes&Prefix67 != 0
	if m.Absolute64 && m.Addr32 {
		m.Absolute64 = false
	}
	if m.Size <= 64 {
		m.ElemSize = uint8(m.Size)
	}
	lanes := d.lanes()
	switch {
	case d.evexB:
		m.Broadcast = true
		m.Size, m.ElemSize = uint16(f.bcast), f.bcast
	case m.VSIB != 0:
		m.ElemSize = f.elem
		m.Size = uint16(f.elem) * uint16(lanes)
	case lanes > 1 && f.noFault:
		m.ElemSize = min(f.elem, m.ElemSize)
	case lanes > 1:
		m.ElemSize = uint8(m.Size / uint16(lanes))
	}
	for i := range in.Args[:in.NArgs] {
		if in.Args[i].Class == Memory {
			in.Args[i].Size = m.Size
		}
	}
	if in.Enc != EVEX {
		return
	}
	if in.Mask != 0 && !f.noFault && !m.Broadcast && m.Access != NoAccess && f.attr&(Compress|Expand) == 0 {
		in.Attr |= LaneMasked
	}
	if in.DispSize == 1 {
		n := int64(m.Size)
		if f.attr&(Gather|Scatter|Compress|Expand) != 0 {
			n = int64(f.elem)
		}
		m.Disp *= n
	}
}

// lanes is the number of elements that the operation works on.
func (d *decoder) lanes() uint8 {
	f := d.form
	switch {
	case f.elem == 0 || f.vector == 0:
		return 0
	case f.attr&(Gather|Scatter) != 0 && f.half:
		return d.in.VL / 8 // as many as there are indexes
	case f.laneBase == 1:
		return 1
	case f.laneBase != 0:
		return uint8(f.laneBase) / f.elem
	}
	return d.in.VL / f.elem
}
