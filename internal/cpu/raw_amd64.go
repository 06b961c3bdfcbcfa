package cpu

import (
	"syscall"

	"github.com/klauspost/cpuid/v2"
)

// Request of arch_prctl(2) for extended state, and the number of the AMX tile data state.
const (
	archReqXCompPerm = 0x1023
	xfeatureTileData = 18
)

var names = map[string]cpuid.FeatureID{
	"sse2": cpuid.SSE2, "sse4_2": cpuid.SSE42, "avx": cpuid.AVX, "avx2": cpuid.AVX2, "fma": cpuid.FMA3, "f16c": cpuid.F16C,
	"avx512f": cpuid.AVX512F, "avx512bw": cpuid.AVX512BW, "avx512dq": cpuid.AVX512DQ, "avx512vl": cpuid.AVX512VL,
	"avx512_fp16": cpuid.AVX512FP16, "avx512_bf16": cpuid.AVX512BF16, "avx512_vnni": cpuid.AVX512VNNI,
	"avx_vnni": cpuid.AVXVNNI, "amx_tile": cpuid.AMXTILE, "amx_bf16": cpuid.AMXBF16, "amx_int8": cpuid.AMXINT8,
	"amx_fp16": cpuid.AMXFP16,
}

func readRaw() *raw {
	r := &raw{arch: "amd64", features: map[string]bool{}}
	for name, id := range names {
		r.features[name] = cpuid.CPU.Has(id)
	}
	if cpuid.CPU.Has(cpuid.OSXSAVE) {
		r.xcr0 = xgetbv()
	}
	if r.features["amx_tile"] && r.xcr0&xcr0AMX == xcr0AMX {
		if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archReqXCompPerm, xfeatureTileData, 0); errno != 0 {
			r.tileErr = errno
		}
	}
	return r
}

// xgetbv returns XCR0; it needs OSXSAVE.
func xgetbv() uint64

// addChain runs 256·n dependent one-cycle additions.
//
//go:noescape
func addChain(n int)
