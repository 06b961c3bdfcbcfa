//go:build !amd64

package kernels

import "github.com/roofline-go/roofline/internal/cpu"

// Listed everywhere, usable on amd64 only.
var (
	decodeAVX2   = &decodeLanes{isa: cpu.AVX2, lanes: 8}
	decodeAVX512 = &decodeLanes{isa: cpu.AVX512, lanes: 16}
)
