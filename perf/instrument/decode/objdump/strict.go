package objdump

import (
	"bytes"
	"math/bits"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// leniency is a field of a VEX or EVEX prefix that processors check and objdump does not always.
type leniency struct {
	name   string
	change func(p []byte) // makes the field harmless
}

const severalFields = "objdump prints what processors reject: two or more of these at once"

var evexLeniencies = []leniency{
	{"masking or zeroing where the instruction has none", func(p []byte) { p[3] &^= 0x87 }},
	{"zeroing where masked lanes cannot be zeroed", func(p []byte) { p[3] &^= 0x80 }},
	{"rounding or broadcast where the instruction has none", func(p []byte) { p[3] &^= 0x10 }},
	{"a W bit that the instruction fixes", func(p []byte) { p[2] ^= 0x80 }},
	{"a mandatory prefix that the instruction fixes", func(p []byte) { p[2] = p[2]&^3 | 1 }},
	{"V' where there is no vector index or second source", func(p []byte) { p[3] |= 8 }},
	{"vvvv where there is no second source", func(p []byte) { p[2] |= 0x78 }},
	{"a vector length that the instruction fixes", func(p []byte) { p[3] &^= 0x60 }},
	{"a vector length that the instruction fixes", func(p []byte) { p[3] |= 0x40 }},
	{"a register where only memory is possible", func(p []byte) { p[5] &^= 0xc0 }},
	{"memory where only a register is possible", func(p []byte) { p[5] |= 0xc0 }},
	{"a missing mask of a gather or scatter", func(p []byte) { p[3] |= 1 }},
}

var vexLeniencies = []leniency{
	{"a W bit that the instruction fixes", func(p []byte) { p[2] ^= 0x80 }},
	{"a mandatory prefix that the instruction fixes", func(p []byte) { p[2] &^= 3 }},
	{"vvvv where there is no second source", func(p []byte) { p[2] |= 0x78 }},
	{"a vector length that the instruction fixes", func(p []byte) { p[2] ^= 4 }},
	{"a ModRM.reg field that the instruction fixes", func(p []byte) { p[4] &^= 0x38 }},
}

// explainStrict finds the fields of a VEX or EVEX prefix because of which an encoding was refused: with them changed, the
// decoder reads an instruction of the same name and length.
func explainStrict(l Line, slot []byte) string {
	var fields []leniency
	switch slot[0] {
	case 0x62:
		fields = evexLeniencies
	case 0xc4:
		fields = vexLeniencies
	case 0xc5:
		fields = []leniency{{"a mandatory prefix that the instruction fixes", func(p []byte) { p[1] &^= 3 }}}
	}
	name := l.Name()
	if fields == nil {
		return explainLegacy(l, slot, name)
	}
	for n := 1; n <= 4; n++ {
		for set := range uint(1) << len(fields) {
			if bits.OnesCount(set) != n {
				continue
			}
			p := bytes.Clone(slot)
			var field string
			for i, f := range fields {
				if set>>i&1 != 0 {
					f.change(p)
					field = f.name
				}
			}
			in, err := decode.Decode(p, l.Addr)
			if err != nil || int(in.Len) != len(l.Code) && in.ModRM == p[5] && p[5] == slot[5] {
				continue
			}
			if ours, _ := expected(&in, l.Text); ours == name || in.Mnemonic.String() == name || sameName(name, ours) {
				if n > 1 {
					return severalFields
				}
				return "objdump prints what processors reject: " + field
			}
		}
	}
	return ""
}

const ignoredPrefix = "objdump prints what processors reject or read differently: a prefix that the instruction does not take"

// explainLegacy finds an encoding that is taken without its prefixes.
func explainLegacy(l Line, slot []byte, name string) string {
	for n := 1; n <= 2 && isPrefix(slot[n-1]); n++ {
		in, err := decode.Decode(slot[n:], l.Addr)
		if err == nil && int(in.Len)+n == len(l.Code) && in.Mnemonic.String() == name {
			return ignoredPrefix
		}
	}
	return ""
}
