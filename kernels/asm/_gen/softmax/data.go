// Package softmax has what the generators of the attention and decode kernels share: exp2 and tables of constants.
package softmax

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// Sets are the instruction sets to generate for.
func Sets() []vec.Set {
	var sets []vec.Set
	for _, s := range vec.Sets {
		if s.Type == "F32" {
			sets = append(sets, s)
		}
	}
	return sets
}

// Wide says whether vectors have 512 bits: AVX-512, with its own instructions for comparing, shuffling and scaling.
func Wide(s vec.Set) bool { return s.Bytes == 64 }

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
