package kernels

import "github.com/roofline-go/roofline/kernels/asm"

func init() {
	decodeF32AVX2.block, decodeF32AVX512.block = asm.DecodeBlockF32AVX2, asm.DecodeBlockF32AVX512
	decodeBF16AVX2.block, decodeBF16AVX512.block = asm.DecodeBlockBF16AVX2, asm.DecodeBlockBF16AVX512
	decodeINT8AVX2.block, decodeINT8AVX512.block = asm.DecodeBlockINT8AVX2, asm.DecodeBlockINT8AVX512
	decodeBF16Dot.block, decodeINT8VNNI.block = asm.DecodeBlockBF16AVX512BF16, asm.DecodeBlockINT8AVX512VNNI
}
