// Package-level x86-64 decoder: instruction length, prefixes, memory operand
// (base/index/scale/disp incl. EVEX disp8*N), access size and direction.
package decode

import (
	"encoding/binary"
	"strings"
)

const (
	pLegacy = iota
	pVEX
	pEVEX
	pXOP
)

const (
	pMemNone  = iota // no memory operand
	pMemAddr         // address computed but not accessed (lea, nop, prefetch...)
	pMemLoad         //
	pMemStore        //
	pMemRMW          //
)

const (
	pRegNone = -1
	pRegRIP  = 16
)

type pInst struct {
	Len                        int
	Enc, Map, PP, Op           uint8
	W                          bool
	R, X, B                    uint8 // extension bits, already shifted: 0 or 8 (EVEX R': 16)
	LL                         uint8 // 0/1/2 = 128/256/512
	HasModrm                   bool
	Modrm                      byte
	Mod, Reg, RM               uint8 // Reg/RM extended
	V                          uint8 // vvvv (un-inverted, with V')
	AAA                        uint8 // EVEX mask
	Z, Bc                      bool
	Opsz, Addr32, Lock         bool
	Rep                        byte // 0, F2, F3
	Seg                        byte
	HasMem                     bool
	Base, Index                int // GPR number / pRegNone / pRegRIP; Index is vector number when VSIB
	VSIB                       bool
	Scale                      uint8 // 1,2,4,8
	Disp                       int64
	DispOff, DispSize          int
	ImmOff, ImmSize            int
	Imm                        int64
	OpOff, ModrmOff, PrefixLen int
	MemKind                    int
	MemSize                    int // bytes (element size for gather/scatter/tile row handled by caller)
	Bytes                      []byte
}

type errT string

func (e errT) Error() string { return string(e) }

const (
	errShort = errT("short")
	errBad   = errT("invalid opcode")
)

// ---- legacy length tables: m=modrm, b=imm8, w=imm16, z=imm16/32, v=imm16/32/64,
// r=rel8, R=rel32, o=moffs, e=enter(3 bytes), .=nothing, x=invalid, p=prefix/escape
var oneByte = buildMap(
	"m m m m b z x x  m m m m b z x p " + // 00
		"m m m m b z x x  m m m m b z x x " +
		"m m m m b z p x  m m m m b z p x " +
		"m m m m b z p x  m m m m b z p x " +
		"p p p p p p p p  p p p p p p p p " + // 40
		". . . . . . . .  . . . . . . . . " +
		"x x p m p p p p  z mz b mb . . . . " +
		"r r r r r r r r  r r r r r r r r " +
		"mb mz x mb m m m m  m m m m m m m m " + // 80
		". . . . . . . .  . . x . . . . . " +
		"o o o o . . . .  b z . . . . . . " +
		"b b b b b b b b  v v v v v v v v " +
		"mb mb w . p p mb mz  e . w . . b x . " + // C0
		"m m m m x x x .  m m m m m m m m " +
		"r r r r b b b b  R R x r . . . . " +
		"p . p p . . m m  . . . . . . m m ") // F0
var map0F = buildMap(
	"m m m m x . . .  . . x . x m . mb " +
		"m m m m m m m m  m m m m m m m m " +
		"m m m m x x x x  m m m m m m m m " +
		". . . . . . x .  p x p x x x x x " +
		"m m m m m m m m  m m m m m m m m " + // 40
		"m m m m m m m m  m m m m m m m m " +
		"m m m m m m m m  m m m m m m m m " +
		"mb mb mb mb m m m .  m m x x m m m m " +
		"R R R R R R R R  R R R R R R R R " + // 80
		"m m m m m m m m  m m m m m m m m " +
		". . . m mb m x x  . . . m mb m m m " +
		"m m m m m m m m  m m mb m m m m m " +
		"m m mb m mb mb mb m  . . . . . . . . " + // C0
		"m m m m m m m m  m m m m m m m m " +
		"m m m m m m m m  m m m m m m m m " +
		"m m m m m m m m  m m m m m m m m ")

const (
	fModrm = 1 << iota
	fImm8
	fImm16
	fImmZ
	fImmV
	fRel8
	fRel32
	fMoffs
	fEnter
	fBad
	fPfx
)

func buildMap(s string) (t [256]uint16) {
	f := strings.Fields(s)
	if len(f) != 256 {
		panic(len(f))
	}
	flag := map[rune]uint16{'m': fModrm, 'b': fImm8, 'w': fImm16, 'z': fImmZ, 'v': fImmV, 'r': fRel8, 'R': fRel32, 'o': fMoffs, 'e': fEnter, 'x': fBad, 'p': fPfx, '.': 0}
	for i, x := range f {
		for _, c := range x {
			t[i] |= flag[c]
		}
	}
	return
}

// ---- vector memory-operand classes (VEX/EVEX; legacy SSE uses VL=16) ----
// class letters: V full vector, H half, Q quarter, O eighth, D movddup,
// w = W?8:4, b = W?2:1, sN = N bytes, n = not accessed; "/e" broadcast element (default W?8:4);
// a trailing '!' marks a store. Qualifier .pp (n,6,3,2 for none,66,F3,F2) and optional W digit and E(vex only e / evex E).
const vecTab = `
1: 10-11.3=s4 10-11.2=s8 11.n=V! 11.6=V! 11.3=s4! 11.2=s8! 12.n=s8 12.6=s8 12.2=D 12.3=V 13=s8! 16.n=s8 16.6=s8 17=s8! 29=V! 2b=V! 2a=w
 2c-2d.3=s4 2c-2d.2=s8 2e-2f.n=s4 2e-2f.6=s8 51-53.3=s4 58-59.3=s4 5c-5f.3=s4 51.2=s8 58-59.2=s8 5c-5f.2=s8
 5a.n=H/4 5a.6=V/8 5a.3=s4 5a.2=s8 6e=w 7e.n=w! 7e.6=w! 7e.3=s8 7f=V! d6=s8! c2.3=s4 c2.2=s8 c4=s2 d1-d3=s16 e1-e2=s16 f1-f3=s16
 e6.30=H/4 e7=V! 78-79.60=H/4 78-79.3=s4 78-79.2=s8 7a.60=H/4 7a.30=H/4 7b.60=H/4 7b.3=w 7b.2=w
 90.n0=s2 90.n1=s8 90.60=s1 90.61=s4 91.n0=s2! 91.n1=s8! 91.60=s1! 91.61=s4! ae=s4
2: 10.3=H! 11.3=Q! 12.3=O! 13.3=H! 14.3=Q! 15.3=H! 13.6=H 18=s4 19=s8 1a=s16 1b=s32 20-25.3=T! 30-35.3=T! 20-25.6=T 30-35.6=T
 2de=V 2dE=w 2ee=V! 2fe=V! 41=s16 43=w 49=s64 4b.3=s64! 4b.2=s64 4b.6=s64 4d=w 4f=w 52.2=s16 53.2=s16 58=s4 59=s8 5a=s16 5b=s32
 62=b 63=b! 66.6=V 78=s1 79=s2 88=w 89=w 8a=w! 8b=w! 8e=V! 90-93=w a0-a3=w! 99=w 9b.6=w 9d=w 9f=w a9=w ab.6=w ad=w af=w b9=w bb=w bd=w bf=w
 9a.2=s16 9b.2=s16 aa.2=s16 ab.2=s16 c6-c7=n cb=w cd=w e0-ef.6=w f2-f7=w b1.6=s2 b1.3=s2
3: 0a.n=s2 0a.6=s4 0b=s8 14=s1! 15=s2! 16=w! 17=s4! 18=s16 19=s16! 1a=s32 1b=s32! 1d=H! 20=s1 21=s4 22=w 27.6=w 27.n=s2 38=s16 39=s16! 3a=s32 3b=s32!
 51=w 55=w 57.6=w 57.n=s2 67.6=w 67.n=s2 6a=s4 6e=s4 7a=s4 7e=s4 6b=s8 6f=s8 7b=s8 7f=s8 f0=w 60-63=s16 df=s16 c2.3=s2 c2.n=V/2
 08.n=V/2 26.n=V/2 56.n=V/2 66.n=V/2
5: 10.3=s2 11.3=s2! 1d.6=V/4 1d.n=s4 2a=w 2c-2d=s2 2e-2f=s2 51.n=V/2 58-59.n=V/2 5c-5f.n=V/2 51.3=s2 58-59.3=s2 5c-5f.3=s2
 5a.n=Q/2 5a.6=V/8 5a.3=s2 5a.2=s8 5b.n=V 5b.6=H/2 5b.3=H/2 6e=s2 7e=s2! 78-79.n=H/2 78-79.6=Q/2 78-79.3=s2 7a.6=Q/2 7a.2=V 7b.6=Q/2 7b.3=w 7c-7d=V/2
6: 13.6=H/2 13.n=s2 2c=V/2 2d=s2 42=V/2 43=s2 4c=V/2 4d=s2 4e=V/2 4f=s2 56=V/4 57=s4 d6=V/4 d7=s4
 96-98=V/2 9a=V/2 9c=V/2 9e=V/2 a6-a8=V/2 aa=V/2 ac=V/2 ae=V/2 b6-b8=V/2 ba=V/2 bc=V/2 be=V/2
 99=s2 9b=s2 9d=s2 9f=s2 a9=s2 ab=s2 ad=s2 af=s2 b9=s2 bb=s2 bd=s2 bf=s2
`

type vclass struct {
	c     byte
	n, el uint8
	store bool
	set   bool
}

// index: [map][vex=0/evex=1][pp][w][op]
var vtab [7][2][4][2][256]vclass

func init() {
	ppOf := map[byte]int{'n': 0, '6': 1, '3': 2, '2': 3}
	hex := func(s string) int {
		v := 0
		for _, c := range []byte(s) {
			if c >= 'a' {
				v = v*16 + int(c-'a') + 10
			} else {
				v = v*16 + int(c-'0')
			}
		}
		return v
	}
	mp := 0
	for _, tok := range strings.Fields(vecTab) {
		if strings.HasSuffix(tok, ":") {
			mp = int(tok[0] - '0')
			continue
		}
		l, r, _ := strings.Cut(tok, "=")
		l, q, _ := strings.Cut(l, ".")
		encs := []int{0, 1}
		if strings.HasSuffix(l, "E") {
			encs, l = []int{1}, l[:len(l)-1]
		} else if len(l) == 3 && l[2] == 'e' {
			encs, l = []int{0}, l[:2]
		}
		lo, hi, rng := strings.Cut(l, "-")
		a := hex(lo)
		b := a
		if rng {
			b = hex(hi)
		}
		pps, ws := []int{0, 1, 2, 3}, []int{0, 1}
		if q != "" {
			pps = []int{ppOf[q[0]]}
			if len(q) > 1 {
				ws = []int{int(q[1] - '0')}
			}
		}
		var vc vclass
		vc.set = true
		if strings.HasSuffix(r, "!") {
			vc.store = true
			r = r[:len(r)-1]
		}
		r, e, _ := strings.Cut(r, "/")
		if e != "" {
			vc.el = e[0] - '0'
		}
		vc.c = r[0]
		if r[0] == 's' {
			n := 0
			for _, c := range r[1:] {
				n = n*10 + int(c-'0')
			}
			vc.n = uint8(n)
		}
		for op := a; op <= b; op++ {
			v := vc
			if v.c == 'T' { // pmov{s,z}x / vpmov trunc: 0 H,1 Q,2 O,3 H,4 Q,5 H
				v.c = "HQOHQH"[op&7]
			}
			for _, en := range encs {
				for _, p := range pps {
					for _, w := range ws {
						vtab[mp][en][p][w][op] = v
					}
				}
			}
		}
	}
}

func (in *pInst) vecMem() (size int, kind int) {
	m := int(in.Map)
	if m > 6 {
		return 16 << in.LL, pMemLoad
	}
	en, w := 0, 0
	if in.Enc == pEVEX {
		en = 1
	}
	if in.W {
		w = 1
	}
	vc := vtab[m][en][in.PP][w][in.Op]
	vl := 16 << in.LL
	wsz := 4 << w
	kind = pMemLoad
	if vc.store {
		kind = pMemStore
	}
	if in.Enc == pEVEX && in.Bc { // embedded broadcast
		if vc.el != 0 {
			return int(vc.el), kind
		}
		return wsz, kind
	}
	if !vc.set {
		return vl, kind
	}
	switch vc.c {
	case 'V':
		size = vl
	case 'H':
		size = vl / 2
	case 'Q':
		size = vl / 4
	case 'O':
		size = vl / 8
	case 'D':
		size = vl
		if in.LL == 0 {
			size = 8
		}
	case 'w':
		size = wsz
	case 'b':
		size = 1 << w
	case 's':
		size = int(vc.n)
	case 'n':
		size, kind = wsz, pMemAddr
	}
	if in.Enc == pVEX && m == 1 && in.Op == 0xae && in.Modrm>>3&7 == 3 {
		kind = pMemStore
	}
	if in.Enc == pVEX && m == 2 && in.Op == 0x49 && in.PP == 1 {
		kind = pMemStore
	}
	return
}

func pDecode(b []byte) (in pInst, err error) {
	in.Base, in.Index, in.Scale = pRegNone, pRegNone, 1
	i := 0
	at := func(k int) byte {
		if k >= len(b) {
			err = errShort
			return 0
		}
		return b[k]
	}
	var rex byte
	var p66, last byte
pfx:
	for ; i < 15; i++ {
		switch c := at(i); c {
		case 0x66:
			p66, in.Opsz = 1, true
		case 0xf2, 0xf3:
			in.Rep, last = c, c
		case 0xf0:
			in.Lock = true
		case 0x67:
			in.Addr32 = true
		case 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65:
			in.Seg = c
		default:
			if c&0xf0 == 0x40 {
				rex = c
				n := at(i + 1)
				// a REX not directly before the opcode is ignored
				switch n {
				case 0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65:
					rex = 0
					continue
				}
				if n&0xf0 == 0x40 {
					rex = 0
					continue
				}
				i++
			}
			break pfx
		}
	}
	if err != nil {
		return
	}
	in.PrefixLen = i
	if rex != 0 {
		in.W = rex&8 != 0
		in.R, in.X, in.B = rex<<1&8, rex<<2&8, rex<<3&8
	}
	ppLegacy := func() {
		switch {
		case last == 0xf3:
			in.PP = 2
		case last == 0xf2:
			in.PP = 3
		case p66 != 0:
			in.PP = 1
		}
	}
	var fl uint16
	op := at(i)
	i++
	switch {
	case op == 0xc5: // VEX2
		v := at(i)
		in.Enc, in.Map = pVEX, 1
		in.R = ^v >> 7 << 3
		in.V = ^v >> 3 & 15
		in.LL = v >> 2 & 1
		in.PP = v & 3
		i++
	case op == 0xc4 || op == 0x8f && at(i)&0x1f >= 8:
		v, v2 := at(i), at(i+1)
		in.Enc, in.Map = pVEX, v&0x1f
		if op == 0x8f {
			in.Enc = pXOP
		}
		in.R, in.X, in.B = ^v>>7<<3, ^v>>6&1<<3, ^v>>5&1<<3
		in.W = v2&0x80 != 0
		in.V = ^v2 >> 3 & 15
		in.LL = v2 >> 2 & 1
		in.PP = v2 & 3
		i += 2
	case op == 0x62:
		v, v2, v3 := at(i), at(i+1), at(i+2)
		in.Enc, in.Map = pEVEX, v&7
		in.R = ^v>>7<<3 | ^v>>4&1<<4
		in.X, in.B = ^v>>6&1<<3, ^v>>5&1<<3
		in.W = v2&0x80 != 0
		in.V = ^v2>>3&15 | ^v3>>3&1<<4
		in.PP = v2 & 3
		in.Z, in.LL, in.Bc, in.AAA = v3&0x80 != 0, v3>>5&3, v3&0x10 != 0, v3&7
		i += 3
	}
	in.OpOff = i - 1
	if in.Enc != pLegacy {
		in.OpOff = i
		op = at(i)
		i++
		fl = fModrm
		switch {
		case in.Enc == pXOP:
			switch in.Map {
			case 8:
				fl |= fImm8
			case 9:
			case 10:
				fl |= fImmZ
			default:
				err = errBad
			}
		case in.Map == 1:
			switch {
			case op == 0x77 && in.Enc == pVEX:
				fl = 0
			case op >= 0x70 && op <= 0x73, op == 0xc2, op >= 0xc4 && op <= 0xc6:
				fl |= fImm8
			}
		case in.Map == 3:
			fl |= fImm8
		case in.Map == 2, in.Enc == pEVEX && (in.Map == 5 || in.Map == 6):
		default:
			err = errBad
		}
	} else if op == 0x0f {
		op = at(i)
		in.OpOff = i
		i++
		in.Map = 1
		ppLegacy()
		switch op {
		case 0x38:
			in.Map, op = 2, at(i)
			in.OpOff = i
			i++
			fl = fModrm
		case 0x3a:
			in.Map, op = 3, at(i)
			in.OpOff = i
			i++
			fl = fModrm | fImm8
		default:
			fl = map0F[op]
			if op == 0x78 && (in.PP == 1 || in.PP == 3) { // SSE4a extrq/insertq imm
				fl |= fImm16
			}
		}
	} else {
		fl = oneByte[op]
	}
	in.Op = op
	if fl&(fBad|fPfx) != 0 {
		err = errBad
	}
	if err != nil {
		return
	}
	if fl&fModrm != 0 {
		in.HasModrm, in.ModrmOff = true, i
		m := at(i)
		i++
		in.Modrm, in.Mod, in.Reg, in.RM = m, m>>6, m>>3&7|in.R, m&7|in.B
		if in.Mod == 3 && in.Enc == pEVEX {
			in.RM |= in.X << 1
		}
		if in.Map == 0 && in.Enc == pLegacy {
			if op == 0xf6 && m>>3&7 < 2 {
				fl |= fImm8
			}
			if op == 0xf7 && m>>3&7 < 2 {
				fl |= fImmZ
			}
		}
		if in.Map == 1 && in.Enc == pLegacy && op >= 0x20 && op <= 0x23 {
			in.Mod = 3 // mov cr/dr: mod ignored
		}
		if in.Mod != 3 {
			in.HasMem = true
			rm := m & 7
			if rm == 4 {
				s := at(i)
				i++
				in.Scale = 1 << (s >> 6)
				in.Index = int(s>>3&7 | in.X)
				in.Base = int(s&7 | in.B)
				in.VSIB = in.Enc != pLegacy && in.Map == 2 && (op >= 0x90 && op <= 0x93 || op >= 0xa0 && op <= 0xa3 || op == 0xc6 || op == 0xc7)
				if in.VSIB {
					if in.Enc == pEVEX {
						in.Index |= int(in.V & 16)
					}
				} else if in.Index == 4 {
					in.Index = pRegNone
				}
				if s&7 == 5 && in.Mod == 0 {
					in.Base = pRegNone
					in.DispSize = 4
				}
			} else if rm == 5 && in.Mod == 0 {
				in.Base = pRegRIP
				in.DispSize = 4
			} else {
				in.Base = int(rm | in.B)
			}
			if in.Mod == 1 {
				in.DispSize = 1
			} else if in.Mod == 2 {
				in.DispSize = 4
			}
			in.DispOff = i
			switch in.DispSize {
			case 1:
				in.Disp = int64(int8(at(i)))
			case 4:
				if i+4 > len(b) {
					return in, errShort
				}
				in.Disp = int64(int32(binary.LittleEndian.Uint32(b[i:])))
			}
			i += in.DispSize
		}
	}
	imm := 0
	switch {
	case fl&(fImm8|fRel8) != 0:
		imm = 1
	}
	if fl&fImm16 != 0 {
		imm += 2
	}
	if fl&fEnter != 0 {
		imm = 3
	}
	if fl&fRel32 != 0 {
		imm = 4
	}
	if fl&fImmZ != 0 {
		imm = 4
		if in.Opsz && !in.W {
			imm = 2
		}
	}
	if fl&fImmV != 0 {
		imm = 4
		if in.W {
			imm = 8
		} else if in.Opsz {
			imm = 2
		}
	}
	if fl&fMoffs != 0 {
		imm = 8
		if in.Addr32 {
			imm = 4
		}
	}
	in.ImmOff, in.ImmSize = i, imm
	i += imm
	if i > len(b) || err != nil {
		return in, errShort
	}
	if i > 15 {
		return in, errBad
	}
	switch imm {
	case 1:
		in.Imm = int64(int8(b[in.ImmOff]))
	case 2:
		in.Imm = int64(int16(binary.LittleEndian.Uint16(b[in.ImmOff:])))
	case 4:
		in.Imm = int64(int32(binary.LittleEndian.Uint32(b[in.ImmOff:])))
	case 8:
		in.Imm = int64(binary.LittleEndian.Uint64(b[in.ImmOff:]))
	}
	in.Len = i
	in.Bytes = b[:i]
	if in.HasMem {
		in.memInfo()
		if in.Enc == pEVEX && in.DispSize == 1 {
			n := in.MemSize
			in.Disp *= int64(n)
		}
	}
	return
}

func (in *pInst) memInfo() {
	if in.Enc == pVEX || in.Enc == pEVEX {
		in.MemSize, in.MemKind = in.vecMem()
		return
	}
	if in.Enc == pXOP {
		in.MemSize, in.MemKind = 16<<in.LL, pMemLoad
		return
	}
	o := 4
	if in.W {
		o = 8
	} else if in.Opsz {
		o = 2
	}
	reg := in.Modrm >> 3 & 7
	sz, k := 0, pMemLoad
	w1 := func() int { // byte or operand size by opcode bit 0
		if in.Op&1 == 0 {
			return 1
		}
		return o
	}
	switch in.Map {
	case 0:
		switch op := in.Op; {
		case op < 0x40:
			sz = w1()
			if op&7 < 2 && op&0x38 != 0x38 {
				k = pMemRMW
			}
		case op == 0x63:
			sz = 4
		case op == 0x69 || op == 0x6b:
			sz = o
		case op >= 0x80 && op <= 0x83:
			sz = w1()
			if reg != 7 {
				k = pMemRMW
			}
		case op == 0x84 || op == 0x85 || op == 0x8a || op == 0x8b:
			sz = w1()
		case op == 0x86 || op == 0x87 || op >= 0xc0 && op <= 0xc1 || op >= 0xd0 && op <= 0xd3:
			sz, k = w1(), pMemRMW
		case op == 0x88 || op == 0x89 || op == 0xc6 || op == 0xc7:
			sz, k = w1(), pMemStore
		case op == 0x8c:
			sz, k = 2, pMemStore
		case op == 0x8e:
			sz = 2
		case op == 0x8d:
			k = pMemAddr
		case op == 0x8f:
			sz, k = 8, pMemStore
		case op >= 0xd8 && op <= 0xdf:
			s := x87[op-0xd8][reg]
			sz = int(s)
			if s < 0 {
				sz, k = int(-s), pMemStore
			}
		case op == 0xf6 || op == 0xf7:
			sz = w1()
			if reg == 2 || reg == 3 {
				k = pMemRMW
			}
		case op == 0xfe:
			sz, k = 1, pMemRMW
		case op == 0xff:
			switch reg {
			case 0, 1:
				sz, k = o, pMemRMW
			default:
				sz = 8
			}
		}
	case 1:
		mmx := 16
		if in.PP == 0 {
			mmx = 8
		}
		switch op := in.Op; {
		case op <= 1:
			sz, k = 2, pMemAddr
		case op == 0x0d, op >= 0x18 && op <= 0x1f:
			k = pMemAddr
		case op == 0x2a && in.PP < 2, op == 0x2c && in.PP == 0, op == 0x2d && in.PP == 0, op == 0x0f:
			sz = 8
			if in.PP == 1 {
				sz = 8
			}
		case (op == 0x2c || op == 0x2d) && in.PP == 1:
			sz = 16
		case op >= 0x40 && op <= 0x4f:
			sz = o
		case op >= 0x10 && op <= 0x17, op >= 0x28 && op <= 0x2f, op >= 0x50 && op <= 0x5f, op == 0xc2, op == 0xc6:
			sz, k = in.vecMem()
			if op == 0x2b && in.PP == 2 {
				sz = 4
			} else if op == 0x2b && in.PP == 3 {
				sz = 8
			}
		case op >= 0x60 && op <= 0x7f || op >= 0xd0 && op <= 0xfe:
			sz, k = in.vecMem()
			if in.PP == 0 && op != 0x6e && op != 0x7e {
				sz = mmx
				if op == 0x60 || op == 0x61 || op == 0x62 {
					sz = 4
				}
			}
			if op == 0x7e && in.PP == 0 || op == 0x7e && in.PP == 1 {
				k = pMemStore
			}
		case op >= 0x90 && op <= 0x9f:
			sz, k = 1, pMemStore
		case op == 0xa3:
			sz = o
		case op == 0xab || op == 0xb3 || op == 0xbb || op == 0xa4 || op == 0xa5 || op == 0xac || op == 0xad:
			sz, k = o, pMemRMW
		case op == 0xae:
			switch reg {
			case 2:
				sz = 4
			case 3:
				sz, k = 4, pMemStore
			case 7:
				sz, k = 1, pMemAddr
			case 0:
				sz, k = 512, pMemStore
			case 1:
				sz = 512
			}
		case op == 0xaf || op == 0xb8 || op == 0xbc || op == 0xbd:
			sz = o
		case op == 0xb0 || op == 0xb1 || op == 0xc0 || op == 0xc1:
			sz, k = w1(), pMemRMW
		case op == 0xb6 || op == 0xbe:
			sz = 1
		case op == 0xb7 || op == 0xbf:
			sz = 2
		case op == 0xba:
			sz, k = o, pMemRMW
			if reg == 4 {
				k = pMemLoad
			}
		case op == 0xc3:
			sz, k = o, pMemStore
		case op == 0xc4:
			sz = 2
		case op == 0xc7:
			if reg == 1 {
				sz, k = 8, pMemRMW
				if in.W {
					sz = 16
				}
			}
		}
	case 2, 3:
		sz, k = in.vecMem()
		if in.PP == 0 && (in.Map == 2 && in.Op <= 0x1e || in.Map == 3 && in.Op == 0x0f) {
			sz = 8
		}
		if in.Map == 2 && in.Op >= 0xc8 && in.Op <= 0xcd {
			sz = 16 // SHA
		}
		if in.Map == 2 && in.Op >= 0xf0 {
			sz, k = o, pMemLoad
			if in.Op == 0xf0 && in.PP == 3 {
				sz = 1
			}
			if in.Op == 0xf1 && in.PP != 3 {
				k = pMemStore
			}
			if in.Op == 0xf6 || in.Op >= 0xf8 {
				sz = 4
				if in.W {
					sz = 8
				}
				if in.Op == 0xf8 {
					sz = 64
				}
				if in.Op == 0xf9 {
					k = pMemStore
				}
			}
		}
	}
	in.MemSize, in.MemKind = sz, k
}

// x87 memory sizes; negative = store
var x87 = [8][8]int{
	{4, 4, 4, 4, 4, 4, 4, 4},
	{4, 0, -4, -4, 28, 2, -28, -2},
	{4, 4, 4, 4, 4, 4, 4, 4},
	{4, -4, -4, -4, 0, 10, 0, -10},
	{8, 8, 8, 8, 8, 8, 8, 8},
	{8, -8, -8, -8, 108, 0, -108, -2},
	{2, 2, 2, 2, 2, 2, 2, 2},
	{2, -2, -2, -2, 10, 8, -10, -8},
}
