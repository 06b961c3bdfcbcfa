// Package lanes describes a vector instruction set to the generators of the attention and decode kernels, so that one
// program text emits the AVX2 and the AVX-512 form.
package lanes

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ISA is a vector width with its registers.
type ISA struct {
	Name  string // suffix of the generated functions
	Lanes int    // float32 per vector
	regs  []reg.VecPhysical
}

// The two instruction sets.
var (
	AVX2   = ISA{"AVX2", 8, registers(reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15)}
	AVX512 = ISA{"AVX512", 16, registers(reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31)}
)

func registers(r ...reg.VecPhysical) []reg.VecPhysical { return r }

// Wide says whether vectors have 512 bits.
func (s ISA) Wide() bool { return s.Lanes == 16 }

// Bytes is the size of a vector.
func (s ISA) Bytes() int { return 4 * s.Lanes }

// V returns vector register i.
func (s ISA) V(i int) reg.VecPhysical { return s.regs[i] }

// Regs is the number of vector registers.
func (s ISA) Regs() int { return len(s.regs) }

// Zero clears a vector register.
func (s ISA) Zero(r reg.VecPhysical) {
	if s.Wide() {
		VPXORD(r, r, r)
		return
	}
	VXORPS(r, r, r)
}

// Align starts the next instruction on a 64-byte boundary: for the head of a hot loop.
func Align() {
	Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{Imm(64)}})
}

// Repeated defines a read-only vector of n equal 32-bit words.
func Repeated(name string, word uint32, n int) Mem {
	words := make([]uint32, n)
	for i := range words {
		words[i] = word
	}
	return Words(name, words)
}

// Words defines a read-only table of 32-bit words.
func Words(name string, words []uint32) Mem {
	m := GLOBL(name, 8|16) // RODATA|NOPTR
	for i, w := range words {
		DATA(4*i, U32(w))
	}
	return m
}
