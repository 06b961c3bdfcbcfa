package enc

import "fmt"

// vex encodes a three-byte VEX prefix of map 0F38, W0, L0 and the opcode. The register extension bits r, x, b are 0 or 1.
func vex(pp, opcode, r, x, b, vvvv byte) []byte {
	return []byte{0xc4, (^r&1)<<7 | (^x&1)<<6 | (^b&1)<<5 | 2, (^vvvv&15)<<3 | pp, opcode}
}

func tile(t int) byte {
	if t < 0 || t > 7 {
		panic(fmt.Sprintf("enc: there is no tile register %d", t))
	}
	return byte(t)
}

var amxTile = []string{"AMXTILE"}

func amxMem(text string, pp, opcode, tile byte, m Mem, sib bool) Inst {
	x, b := m.extend()
	return Inst{Text: text, Bytes: append(vex(pp, opcode, 0, x, b, 0), m.modrm(tile, sib)...), ISA: amxTile}
}

// LdTileCfg loads the shapes of all tiles from 64 bytes of memory.
func LdTileCfg(m Mem) Inst { return amxMem("ldtilecfg "+m.text(), np, 0x49, 0, m, false) }

// StTileCfg stores the shapes of all tiles to 64 bytes of memory.
func StTileCfg(m Mem) Inst { return amxMem("sttilecfg "+m.text(), p66, 0x49, 0, m, false) }

// TileRelease returns all tiles to their initial state.
func TileRelease() Inst {
	return Inst{Text: "tilerelease", Bytes: append(vex(np, 0x49, 0, 0, 0, 0), 0xc0), ISA: amxTile}
}

// TileZero clears tile t.
func TileZero(t int) Inst {
	return Inst{
		Text:  fmt.Sprintf("tilezero %%tmm%d", t),
		Bytes: append(vex(pF2, 0x49, 0, 0, 0, 0), 0xc0|tile(t)<<3), ISA: amxTile,
	}
}

// TileLoad loads tile t; the index of m is the distance of the rows in memory.
func TileLoad(m Mem, t int) Inst {
	return amxMem(fmt.Sprintf("tileloadd %s,%%tmm%d", m.text(), t), pF2, 0x4b, tile(t), m, true)
}

// TileLoadT1 is TileLoad with the hint that the data will not be used again soon.
func TileLoadT1(m Mem, t int) Inst {
	return amxMem(fmt.Sprintf("tileloaddt1 %s,%%tmm%d", m.text(), t), p66, 0x4b, tile(t), m, true)
}

// TileStore stores tile t; the index of m is the distance of the rows in memory.
func TileStore(t int, m Mem) Inst {
	return amxMem(fmt.Sprintf("tilestored %%tmm%d,%s", t, m.text()), pF3, 0x4b, tile(t), m, true)
}

// tdp encodes acc += a·b on tiles.
func tdp(name string, pp, opcode byte, isa string, b, a, acc int) Inst {
	return Inst{
		Text:  fmt.Sprintf("%s %%tmm%d,%%tmm%d,%%tmm%d", name, b, a, acc),
		Bytes: append(vex(pp, opcode, 0, 0, 0, tile(b)), 0xc0|tile(acc)<<3|tile(a)), ISA: []string{"AMXTILE", isa},
	}
}

// TDPBF16PS adds the product of bf16 tiles a (rows × pairs) and b (pairs × columns) to the float32 tile acc.
func TDPBF16PS(b, a, acc int) Inst { return tdp("tdpbf16ps", pF3, 0x5c, "AMXBF16", b, a, acc) }

// TDPFP16PS is TDPBF16PS for IEEE half precision.
func TDPFP16PS(b, a, acc int) Inst { return tdp("tdpfp16ps", pF2, 0x5c, "AMXFP16", b, a, acc) }

// TDPBSSD adds the product of int8 tiles a (signed) and b (signed) to the int32 tile acc.
func TDPBSSD(b, a, acc int) Inst { return tdp("tdpbssd", pF2, 0x5e, "AMXINT8", b, a, acc) }

// TDPBSUD is TDPBSSD with b unsigned.
func TDPBSUD(b, a, acc int) Inst { return tdp("tdpbsud", pF3, 0x5e, "AMXINT8", b, a, acc) }

// TDPBUSD is TDPBSSD with a unsigned.
func TDPBUSD(b, a, acc int) Inst { return tdp("tdpbusd", p66, 0x5e, "AMXINT8", b, a, acc) }

// TDPBUUD is TDPBSSD with a and b unsigned.
func TDPBUUD(b, a, acc int) Inst { return tdp("tdpbuud", np, 0x5e, "AMXINT8", b, a, acc) }
