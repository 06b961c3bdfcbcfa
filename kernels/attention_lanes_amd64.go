package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
)

// Blocks of 96 keys: with 48 queries their scores take 18 KiB of an L1 of 32 KiB or more.
var (
	attentionAVX2 = &laneKernels{
		isa: cpu.AVX2, lanes: 8, keys: 96, group: 8,
		block:     [laneVectors]laneBlock{asm.AttentionBlock1AVX2, asm.AttentionBlock2AVX2, asm.AttentionBlock3AVX2},
		transpose: asm.TransposeScaleAVX2,
	}
	attentionAVX512 = &laneKernels{
		isa: cpu.AVX512, lanes: 16, keys: 96, group: 4,
		block:     [laneVectors]laneBlock{asm.AttentionBlock1AVX512, asm.AttentionBlock2AVX512, asm.AttentionBlock3AVX512},
		transpose: asm.TransposeScaleAVX512,
	}
)
