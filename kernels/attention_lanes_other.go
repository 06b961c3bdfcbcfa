//go:build !amd64

package kernels

import "github.com/roofline-go/roofline/internal/cpu"

// Listed everywhere, usable on amd64 only.
var (
	attentionAVX2   = &laneKernels{isa: cpu.AVX2, lanes: 8, keys: 96, group: 8}
	attentionAVX512 = &laneKernels{isa: cpu.AVX512, lanes: 16, keys: 96, group: 4}
)
