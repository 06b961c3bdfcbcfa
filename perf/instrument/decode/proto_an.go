package decode

// Static facts about one instruction: GPRs touched/written (over-approximated),
// status-flag liveness, control flow, FLOPs.

const (
	fCF   = 1 // carry
	fRest = 2 // OF SF ZF AF PF
	fAll  = 3
)

func bit(r uint8) uint32 { return 1 << (r & 15) }

const (
	rAX = 0
	rCX = 1
	rDX = 2
	rBX = 3
	rSP = 4
	rBP = 5
	rSI = 6
	rDI = 7
)

// gprs returns registers touched in any way and registers possibly written.
func gprs(in *pInst) (touch, wr uint32) {
	reg, rm, v := uint32(0), uint32(0), uint32(0)
	if in.HasModrm {
		reg = bit(in.Reg)
		if in.Mod == 3 {
			rm = bit(in.RM)
		}
	}
	v = bit(in.V)
	var d uint32 // data registers
	ro := uint32(0)
	op := in.Op
	switch in.Enc {
	case pLegacy:
		switch in.Map {
		case 0:
			byteop := false
			switch {
			case op < 0x40 && op&7 < 4:
				d, byteop = reg|rm, op&1 == 0
				if op&0x38 == 0x38 {
					ro = d
				}
				if in.HasMem && op&7 < 2 {
					ro = reg
				}
			case op < 0x40 && op&7 < 6:
				d = 1
				if op&0x38 == 0x38 {
					ro = 1
				}
			case op >= 0x50 && op <= 0x5f:
				d = bit(op&7|in.B) | 1<<rSP
				if op < 0x58 {
					ro = bit(op&7 | in.B)
				}
			case op >= 0x80 && op <= 0x83:
				d, byteop = rm, op&1 == 0
				if in.Modrm>>3&7 == 7 {
					ro = d
				}
			case op == 0x84 || op == 0x85:
				d, byteop = reg|rm, op == 0x84
				ro = d
			case op == 0x63 || op == 0x69 || op == 0x6b || op == 0x86 || op == 0x87 || op >= 0x88 && op <= 0x8b || op == 0x8d:
				d, byteop = reg|rm, op == 0x86 || op == 0x88 || op == 0x8a
				if op == 0x88 || op == 0x89 {
					ro = reg &^ rm
				}
			case op == 0x8c || op == 0x8e:
				d = rm
			case op == 0x8f:
				d = rm | 1<<rSP
			case op >= 0x90 && op <= 0x97:
				if op != 0x90 || in.B != 0 {
					d = 1 | bit(op&7|in.B)
				}
			case op == 0x98 || op == 0x99:
				d = 1 | 1<<rDX
			case op == 0x9e || op == 0x9f || op == 0xa8 || op == 0xa9:
				d = 1
			case op >= 0xa0 && op <= 0xa3:
				d = 1
			case op >= 0xa4 && op <= 0xa7 || op >= 0xaa && op <= 0xaf:
				d = 1 | 1<<rCX | 1<<rSI | 1<<rDI
			case op >= 0xb0 && op <= 0xbf:
				d, byteop = bit(op&7|in.B), op < 0xb8
			case op == 0xc0 || op == 0xc1 || op == 0xc6 || op == 0xc7 || op == 0xd0 || op == 0xd1:
				d, byteop = rm, op&1 == 0
			case op == 0xd2 || op == 0xd3:
				d, byteop = rm|1<<rCX, op&1 == 0
			case op >= 0xe0 && op <= 0xe3:
				d = 1 << rCX
			case op == 0xf6 || op == 0xf7:
				d, byteop = rm, op&1 == 0
				if in.Modrm>>3&7 >= 4 {
					d |= 1 | 1<<rDX
				} else if in.Modrm>>3&7 < 2 {
					ro = rm
				}
			case op == 0xfe || op == 0xff:
				d, byteop = rm, op == 0xfe
				if in.Modrm>>3&7 >= 2 {
					ro = rm
				}
				if in.Modrm>>3&7 == 6 {
					d |= 1 << rSP
				}
			case op == 0xc8 || op == 0xc9:
				d = 1<<rSP | 1<<rBP
			case op == 0xc3 || op == 0xc2 || op == 0xe8 || op == 0x68 || op == 0x6a || op == 0x9c || op == 0x9d:
				d = 1 << rSP
			case op == 0xdf && in.Mod == 3:
				d = 1
			case op == 0xd7:
				d = 1 | 1<<rBX
			}
			if byteop { // ah..bh
				for r := uint32(4); r < 8; r++ {
					if d>>r&1 != 0 {
						d |= 1 << (r - 4)
					}
				}
				ro = 0
			}
		case 1:
			switch {
			case op >= 0x40 && op <= 0x4f, op == 0xa3, op == 0xab, op == 0xb3, op == 0xbb, op == 0xa4, op == 0xac, op == 0xaf,
				op >= 0xb6 && op <= 0xb8, op >= 0xbc && op <= 0xbf, op == 0xc0, op == 0xc1, op == 0xc3, op == 2, op == 3:
				d = reg | rm
			case op == 0xa5 || op == 0xad:
				d = reg | rm | 1<<rCX
			case op == 0xb0 || op == 0xb1:
				d = reg | rm | 1
			case op >= 0x90 && op <= 0x9f:
				d = rm | rm>>4
			case op == 0xba || op == 0x2a || op == 0x6e || op == 0xc4 || op == 0xae || op == 0:
				d = rm
			case op == 0x7e && in.PP != 2:
				d = rm
			case op == 0x2c || op == 0x2d || op == 0x50 || op == 0xd7 || op == 0xc5:
				d = reg
			case op == 0xc7:
				d = rm | 1 | 1<<rBX | 1<<rCX | 1<<rDX
			case op >= 0xc8 && op <= 0xcf:
				d = bit(op&7 | in.B)
			case op == 0xa2 || op == 0x31 || op == 0x01 || op == 0x05 || op >= 0x30 && op < 0x38:
				d = 1 | 1<<rBX | 1<<rCX | 1<<rDX | 1<<11
			}
		case 2:
			if op >= 0xf0 {
				d = reg | rm
			}
		case 3:
			switch {
			case op >= 0x14 && op <= 0x17 || op == 0x20 || op == 0x22:
				d = rm
			case op >= 0x60 && op <= 0x63:
				d = 1 | 1<<rCX | 1<<rDX
			}
		}
	default:
		switch in.Map {
		case 1, 5:
			switch op {
			case 0x2a, 0x6e, 0xc4, 0x92, 0x7b:
				d = rm
			case 0x7e:
				if in.PP != 2 {
					d = rm
				}
			case 0x2c, 0x2d, 0x50, 0xd7, 0xc5, 0x78, 0x79, 0x93:
				d = reg
			}
		case 2:
			switch {
			case op >= 0xf2 && op <= 0xf7:
				d = reg | rm | v | 1<<rDX
			case op >= 0x7a && op <= 0x7c:
				d = rm
			case op >= 0xe0 && op <= 0xef:
				d = reg | rm | v
			}
		case 3:
			switch {
			case op >= 0x14 && op <= 0x17 || op == 0x20 || op == 0x22:
				d = rm
			case op == 0xf0:
				d = reg | rm
			case op >= 0x60 && op <= 0x63:
				d = 1 | 1<<rCX | 1<<rDX
			}
		case 9, 10:
			d = reg | rm | v
		}
	}
	touch, wr = d, d&^ro
	if in.HasMem {
		if in.Base >= 0 && in.Base < 16 {
			touch |= 1 << in.Base
		}
		if in.Index >= 0 && !in.VSIB {
			touch |= 1 << in.Index
		}
	}
	return
}

// flags returns which status-flag groups are read and which are certainly overwritten.
func flags(in *pInst) (use, kill uint8) {
	op, x := in.Op, in.Modrm>>3&7
	cc := func(c uint8) uint8 {
		switch c & 15 >> 1 {
		case 1:
			return fCF
		case 3:
			return fAll
		}
		return fRest
	}
	if in.Enc == pLegacy {
		switch in.Map {
		case 0:
			switch {
			case op < 0x40 && op&7 < 6:
				kill = fAll
				if op&0x38 == 0x10 || op&0x38 == 0x18 {
					use = fCF
				}
			case op >= 0x70 && op <= 0x7f:
				use = cc(op)
			case op >= 0x80 && op <= 0x83:
				kill = fAll
				if x == 2 || x == 3 {
					use = fCF
				}
			case op == 0x84 || op == 0x85 || op == 0xa8 || op == 0xa9 || op == 0x69 || op == 0x6b:
				kill = fAll
			case op == 0x9f || op == 0x9c || op == 0xe0 || op == 0xe1:
				use = fAll
			case op == 0xf5:
				use = fCF
			case op == 0xc0 || op == 0xc1:
				if x == 2 || x == 3 {
					use = fCF
				}
				if x >= 4 && in.Imm&31 != 0 {
					kill = fAll
				}
			case op == 0xd0 || op == 0xd1:
				if x == 2 || x == 3 {
					use = fCF
				}
				if x >= 4 {
					kill = fAll
				}
			case op == 0xd2 || op == 0xd3:
				if x == 2 || x == 3 {
					use = fCF
				}
			case op == 0xf6 || op == 0xf7:
				if x != 2 {
					kill = fAll
				}
			case op == 0xfe || op == 0xff:
				if x < 2 {
					kill = fRest
				}
			case op == 0xda || op == 0xdb:
				if in.Mod == 3 && x < 4 {
					use = fAll
				}
			case op == 0xc3 || op == 0xe8: // ABI: flags dead across call/ret
				kill = fAll
			case op == 0xa6 || op == 0xa7 || op == 0xae || op == 0xaf:
				if in.Rep == 0 {
					kill = fAll
				}
			}
		case 1:
			switch {
			case op >= 0x80 && op <= 0x8f, op >= 0x90 && op <= 0x9f, op >= 0x40 && op <= 0x4f:
				use = cc(op)
			case op == 0x2e || op == 0x2f || op == 0xaf || op == 0xb8 || op == 0xbc || op == 0xbd || op == 0xc0 || op == 0xc1 || op == 0xb0 || op == 0xb1:
				kill = fAll
			}
		case 2:
			switch {
			case op == 0xf6:
				use = fAll
			case op == 0x17:
				kill = fAll
			}
		}
		return
	}
	switch in.Map {
	case 1, 5:
		switch op {
		case 0x2e, 0x2f:
			kill = fAll
		case 0x98, 0x99:
			if in.Enc == pVEX && in.Map == 1 {
				kill = fAll
			}
		}
	case 2:
		switch op {
		case 0xf2, 0xf3:
			kill = fAll
		case 0xf5, 0xf7:
			if in.PP == 0 {
				kill = fAll
			}
		case 0x17, 0x0e, 0x0f:
			if in.Enc == pVEX {
				kill = fAll
			}
		}
	}
	return
}

const (
	cfNone = iota
	cfJcc
	cfJmp
	cfCall
	cfRet
	cfInd
	cfCallInd
	cfTrap
	cfShort // jrcxz/loop
)

func ctrl(in *pInst) int {
	if in.Enc != pLegacy {
		return cfNone
	}
	switch in.Map {
	case 0:
		switch op := in.Op; {
		case op >= 0x70 && op <= 0x7f:
			return cfJcc
		case op >= 0xe0 && op <= 0xe3:
			return cfShort
		case op == 0xe8:
			return cfCall
		case op == 0xe9 || op == 0xeb:
			return cfJmp
		case op == 0xc3 || op == 0xc2:
			return cfRet
		case op == 0xff && in.Modrm>>3&7 == 4:
			return cfInd
		case op == 0xff && in.Modrm>>3&7 == 2:
			return cfCallInd
		case op == 0xcc || op == 0xf4:
			return cfTrap
		}
	case 1:
		switch op := in.Op; {
		case op >= 0x80 && op <= 0x8f:
			return cfJcc
		case op == 0x0b || op == 0x05:
			return cfTrap
		}
	}
	return cfNone
}
