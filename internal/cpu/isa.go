package cpu

// ISA is a named group of instruction-set features that a kernel or a ceiling needs as a whole.
type ISA string

// The groups. Go means "no assembly at all" and is usable everywhere.
const (
	Go         ISA = "go"
	SSE        ISA = "sse"        // scalar and 128-bit: the amd64 baseline (SSE2)
	AVX2       ISA = "avx2"       // AVX, AVX2, FMA3
	AVX512     ISA = "avx512"     // F, BW, DQ, VL
	AVX512FP16 ISA = "avx512fp16" // AVX512 + FP16
	AVX512BF16 ISA = "avx512bf16" // AVX512 + BF16
	AVX512VNNI ISA = "avx512vnni" // AVX512 + VNNI
	AMXBF16    ISA = "amx-bf16"   // AVX512BF16 + AMX-TILE + AMX-BF16, permission granted by the kernel
	AMXINT8    ISA = "amx-int8"   // AVX512VNNI + AMX-TILE + AMX-INT8, permission granted by the kernel
)
