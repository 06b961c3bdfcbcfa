package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
)

var (
	decodeAVX2   = &decodeLanes{isa: cpu.AVX2, lanes: 8, block: asm.DecodeBlockAVX2}
	decodeAVX512 = &decodeLanes{isa: cpu.AVX512, lanes: 16, block: asm.DecodeBlockAVX512}
)
