package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
)

var (
	decodeAVX2 = &decodeLanes{isa: cpu.AVX2, lanes: 8, block: map[DType]decodeBlock{
		F32: asm.DecodeBlockF32AVX2, BF16: asm.DecodeBlockBF16AVX2, INT8: asm.DecodeBlockINT8AVX2,
	}}
	decodeAVX512 = &decodeLanes{isa: cpu.AVX512, lanes: 16, block: map[DType]decodeBlock{
		F32: asm.DecodeBlockF32AVX512, BF16: asm.DecodeBlockBF16AVX512, INT8: asm.DecodeBlockINT8AVX512,
	}}
)
