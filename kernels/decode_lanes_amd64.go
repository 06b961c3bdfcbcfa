package kernels

import "github.com/roofline-go/roofline/kernels/asm"

func init() {
	decodeF32AVX2.block, decodeF32AVX512.block = asm.DecodeKeysF32AVX2, asm.DecodeKeysF32AVX512
	decodeBF16AVX2.block, decodeBF16AVX512.block = asm.DecodeKeysBF16AVX2, asm.DecodeKeysBF16AVX512
	decodeINT8AVX2.block, decodeINT8AVX512.block = asm.DecodeKeysINT8AVX2, asm.DecodeKeysINT8AVX512
	decodeBF16Dot.block, decodeINT8VNNI.block = asm.DecodeKeysBF16AVX512BF16, asm.DecodeKeysINT8AVX512VNNI
	decodeBF16Dot.query, decodeINT8VNNI.query = asm.DecodeQueryBF16AVX512BF16, asm.DecodeQueryINT8AVX512VNNI
}
