package decode

import (
	"fmt"
	"strings"
)

var flagLetters = map[rune]Flags{'c': CF, 'p': PF, 'a': AF, 'z': ZF, 's': SF, 'o': OF, 'd': DF, 'x': FlagOther}

var registerNames = map[string]uint32{"a": 1 << RAX, "b": 1 << RBX, "c": 1 << RCX, "d": 1 << RDX, "si": 1 << RSI, "di": 1 << RDI,
	"bp": 1 << RBP, "sp": 1 << RSP, "8": 1 << 8, "9": 1 << 9, "10": 1 << 10, "11": 1 << 11}

var controlNames = map[string]Control{"jcc": CondJump, "count": CountJump, "jmp": Jump, "ijmp": IndirectJump, "call": Call,
	"icall": IndirectCall, "ret": Return, "trap": Trap, "syscall": Syscall, "tx": Transaction}

var implicitNames = map[string]implicit{"push": pushes, "pop": pops, "leave": leaves, "enter": enters, "movs": movsString,
	"stos": stosString, "lods": lodsString, "scas": scasString, "cmps": cmpsString, "ins": insString, "outs": outsString,
	"xlat": xlatTable, "maskmov": maskedStore}

var attrNames = map[string]Attr{"x87": X87State, "mmx": MMXState, "amx": AMX, "tmem": TileMemory, "tcfg": TileConfig, "sys": System, "priv": Privileged,
	"tsx": TSX, "shstk": ShadowStack, "nt": NonTemporal, "pre": Prefetch, "gather": Gather, "scatter": Scatter, "expand": Expand,
	"compress": Compress, "zu": ZeroUpper, "vm": VectorMasked, "bits": BitString, "xlock": xchgLock, "wx0": writesXMM0,
	"idiom": zeroIdiom}

// tag reads a word that is no operand.
func (f *form) tag(w string) {
	if a, ok := attrNames[w]; ok {
		f.attr |= a
		return
	}
	key, value, assigned := strings.Cut(w, "=")
	if assigned {
		f.assign(key, value)
		return
	}
	switch w {
	case "#a":
		f.flags.kill = Status
	case "#c":
		f.flags.read, f.flags.kill = CF, Status
	case "#i":
		f.flags.kill = Status &^ CF
	case "#sh":
		f.flags.special = shift
	case "#ro":
		f.flags.special = rotate
	case "#rc":
		f.flags.special = rotateC
	case "#cc":
		f.flags.special = condition
	case "lk":
		f.lockable = true
	case "refuse":
		f.refuse = true
	case "distinct":
		f.distinct = true
	case "na":
		f.noAddress = true
	case "no66":
		f.no66 = true
	case "opu":
		f.opSize = osU
	case "nk":
		f.elem = 0
	case "s":
		f.elem, f.laneBase = 1, 1
	case "n16":
		f.laneBase = 16
	case "n32":
		f.laneBase = 32
	case "half":
		f.half = true
	case "nf":
		f.noFault = true
	case "er":
		f.er = true
	case "sae":
		f.sae = true
	default:
		f.elements(w)
	}
}

// elements reads eN (lanes of N bytes), bN (and broadcast of N bytes), bN/M (broadcast of N bytes, lanes of M).
func (f *form) elements(w string) {
	n, lane, two := strings.Cut(w[1:], "/")
	switch w[0] {
	case 'e':
		f.elem = uint8(number(n, 10))
	case 'b':
		f.bcast = uint8(number(n, 10))
		f.elem = f.bcast
		if two {
			f.elem = uint8(number(lane, 10))
		}
	default:
		panic("decode tables: tag " + w)
	}
}

func (f *form) assign(key, value string) {
	switch key {
	case "fr":
		f.flags.read |= flagSet(value)
	case "fk":
		f.flags.kill |= flagSet(value)
	case "fw":
		f.flags.may |= flagSet(value)
	case "r":
		f.gprRead |= registerSet(value)
	case "w":
		f.gprWrite |= registerSet(value)
	case "rw":
		f.gprRead |= registerSet(value)
		f.gprWrite |= registerSet(value)
	case "part":
		f.gprPart |= registerSet(value)
	case "ctl":
		f.control = controlNames[value]
	case "imp":
		name := strings.TrimSuffix(value, "1")
		f.implicit = implicitNames[name]
		switch f.implicit {
		case noImplicit:
			panic("decode tables: implicit " + value)
		case movsString, stosString, lodsString, scasString, cmpsString, insString, outsString:
			f.attr |= StringOp
			if name == value {
				f.opSize = osV
			}
		}
		if name != value {
			f.impSize = 1
		}
	default:
		panic(fmt.Sprintf("decode tables: tag %s=%s", key, value))
	}
}

func flagSet(s string) (set Flags) {
	for _, c := range s {
		set |= flagLetters[c]
	}
	return set
}

func registerSet(s string) (set uint32) {
	for name := range strings.SplitSeq(s, ",") {
		bit, ok := registerNames[name]
		if !ok {
			panic("decode tables: register " + name)
		}
		set |= bit
	}
	return set
}
