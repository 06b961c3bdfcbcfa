package cpu

// Regs is an answer of the CPUID instruction.
type Regs struct{ EAX, EBX, ECX, EDX uint32 }

// XCR0 bits: which register state the operating system saves. Intel SDM vol. 1, section 13.1.
const (
	xcr0SSE    = 1 << 1
	xcr0AVX    = 1<<2 | xcr0SSE
	xcr0AVX512 = 7<<5 | xcr0AVX // opmask, ZMM_Hi256, Hi16_ZMM
	xcr0AMX    = 3 << 17        // tile configuration, tile data
)

// The registers of the CPUID leaves that hold feature bits.
type register int

const (
	leaf1ECX register = iota
	leaf1EDX
	leaf7EBX
	leaf7ECX
	leaf7EDX
	leaf7s1EAX
	registers // their number
)

// feature is one bit of CPUID, with the state that its instructions use. Intel SDM vol. 2, CPUID.
type feature struct {
	name  string // as in /proc/cpuinfo
	reg   register
	bit   uint
	state uint64 // needed bits of XCR0; 0: none beyond the baseline
}

var allFeatures = []feature{
	{"sse2", leaf1EDX, 26, 0},
	{"pni", leaf1ECX, 0, 0}, // SSE3
	{"ssse3", leaf1ECX, 9, 0},
	{"sse4_1", leaf1ECX, 19, 0},
	{"sse4_2", leaf1ECX, 20, 0},
	{"popcnt", leaf1ECX, 23, 0},
	{"bmi1", leaf7EBX, 3, 0},
	{"bmi2", leaf7EBX, 8, 0},
	{"avx", leaf1ECX, 28, xcr0AVX},
	{"fma", leaf1ECX, 12, xcr0AVX},
	{"f16c", leaf1ECX, 29, xcr0AVX},
	{"avx2", leaf7EBX, 5, xcr0AVX},
	{"avx_vnni", leaf7s1EAX, 4, xcr0AVX},
	{"avx512f", leaf7EBX, 16, xcr0AVX512},
	{"avx512dq", leaf7EBX, 17, xcr0AVX512},
	{"avx512ifma", leaf7EBX, 21, xcr0AVX512},
	{"avx512cd", leaf7EBX, 28, xcr0AVX512},
	{"avx512bw", leaf7EBX, 30, xcr0AVX512},
	{"avx512vl", leaf7EBX, 31, xcr0AVX512},
	{"avx512vbmi", leaf7ECX, 1, xcr0AVX512},
	{"avx512_vbmi2", leaf7ECX, 6, xcr0AVX512},
	{"avx512_vnni", leaf7ECX, 11, xcr0AVX512},
	{"avx512_bitalg", leaf7ECX, 12, xcr0AVX512},
	{"avx512_vpopcntdq", leaf7ECX, 14, xcr0AVX512},
	{"avx512_fp16", leaf7EDX, 23, xcr0AVX512},
	{"avx512_bf16", leaf7s1EAX, 5, xcr0AVX512},
	{"amx_tile", leaf7EDX, 24, xcr0AMX},
	{"amx_bf16", leaf7EDX, 22, xcr0AMX},
	{"amx_int8", leaf7EDX, 25, xcr0AMX},
	{"amx_fp16", leaf7s1EAX, 21, xcr0AMX},
}

// words are the feature bits of CPUID.
type words [registers]uint32

// osxsave says that XGETBV may be executed.
func (w words) osxsave() bool { return w[leaf1ECX]>>27&1 == 1 }

// readWords asks for the leaves that exist and leaves the other words 0.
func readWords(cpuid func(leaf, subleaf uint32) Regs) (w words) {
	highest := cpuid(0, 0).EAX
	if highest >= 1 {
		r := cpuid(1, 0)
		w[leaf1ECX], w[leaf1EDX] = r.ECX, r.EDX
	}
	if highest >= 7 {
		r := cpuid(7, 0)
		w[leaf7EBX], w[leaf7ECX], w[leaf7EDX] = r.EBX, r.ECX, r.EDX
		if r.EAX >= 1 {
			w[leaf7s1EAX] = cpuid(7, 1).EAX
		}
	}
	return w
}
