// Package enc encodes the amd64 instructions that neither avo nor the Go assembler knows: AMX, AVX512-FP16, AVX512-BF16 and
// PREFETCHW. An instruction is its bytes, its text in GNU assembler (AT&T) syntax, and the CPU features it needs; Emit puts it
// into an avo program as data directives with the text as a trailing comment.
//
// Encodings follow the instruction reference in volume 2 of Intel's Software Developer's Manual; the tests compare every form
// with the GNU assembler.
//
// The package refuses anything but registers it can name: operands are physical registers, since avo's register allocator
// cannot see into data directives.
package enc

import (
	"fmt"

	"github.com/mmcloughlin/avo/reg"
)

// Inst is one encoded instruction.
type Inst struct {
	Text  string   // GNU assembler syntax, operands in AT&T order
	Bytes []byte   // machine code
	ISA   []string // features as avo spells them, e.g. AMXBF16
}

// Mem is a memory operand base + index·scale + disp. Scale 0 means that there is no index.
type Mem struct {
	Base  reg.GPPhysical
	Index reg.GPPhysical
	Scale int
	Disp  int32
}

// gpNumber maps Go's names of 64-bit registers to their numbers in encodings; gnuNames to those of the GNU assembler.
var (
	gpNumber = map[string]byte{
		"AX": 0, "CX": 1, "DX": 2, "BX": 3, "SP": 4, "BP": 5, "SI": 6, "DI": 7,
		"R8": 8, "R9": 9, "R10": 10, "R11": 11, "R12": 12, "R13": 13, "R14": 14, "R15": 15,
	}
	gnuNames = []string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
)

func number(r reg.GPPhysical) byte {
	if r == nil {
		panic("enc: a memory operand needs a base register")
	}
	n, ok := gpNumber[r.Asm()]
	if !ok || r.Size() != 8 {
		panic(fmt.Sprintf("enc: %s is not a 64-bit general-purpose register", r.Asm()))
	}
	return n
}

func (m Mem) text() string {
	disp := ""
	if m.Disp != 0 {
		disp = fmt.Sprintf("%d", m.Disp)
	}
	base := "%" + gnuNames[number(m.Base)]
	if m.Scale == 0 {
		return fmt.Sprintf("%s(%s)", disp, base)
	}
	return fmt.Sprintf("%s(%s,%%%s,%d)", disp, base, gnuNames[number(m.Index)], m.Scale)
}

// extend returns the high bits of index and base, for REX, VEX and EVEX prefixes.
func (m Mem) extend() (x, b byte) {
	if m.Scale != 0 {
		x = number(m.Index) >> 3
	}
	return x, number(m.Base) >> 3
}

// modrm encodes reg and the memory operand: ModRM, SIB where needed (always where sib asks for it), displacement.
func (m Mem) modrm(reg byte, sib bool) []byte {
	base := number(m.Base) & 7
	mod, disp := byte(2), []byte{byte(m.Disp), byte(m.Disp >> 8), byte(m.Disp >> 16), byte(m.Disp >> 24)}
	switch {
	case m.Disp == 0 && base != 5: // base 5 with mod 0 means no base
		mod, disp = 0, nil
	case m.Disp >= -128 && m.Disp <= 127:
		mod, disp = 1, disp[:1]
	}
	head := mod<<6 | reg&7<<3
	if m.Scale == 0 && base != 4 && !sib {
		return append([]byte{head | base}, disp...)
	}
	scale, index := byte(0), byte(4) // index 4: none
	if m.Scale != 0 {
		if number(m.Index) == 4 {
			panic("enc: SP cannot be an index")
		}
		scale, index = map[int]byte{1: 0, 2: 1, 4: 2, 8: 3}[m.Scale], number(m.Index)&7
	}
	return append([]byte{head | 4, scale<<6 | index<<3 | base}, disp...)
}

// Mandatory prefixes as VEX and EVEX encode them.
const (
	np byte = iota
	p66
	pF3
	pF2
)
