package cpu

import "syscall"

// Request of arch_prctl(2) for extended state, and the number of the AMX tile data state.
const (
	archReqXCompPerm = 0x1023
	xfeatureTileData = 18
)

// readRaw stands in place of internal/cpu's in programs that run under internal/tileemu: a processor without tiles has those of AMX-TILE,
// AMX-BF16 and AMX-INT8 all the same. One that has tiles is told as it is.
func readRaw() *raw {
	r := &raw{arch: "amd64", words: readWords(func(leaf, subleaf uint32) Regs { regs, _ := CPUID(leaf, subleaf); return regs })}
	if r.words.osxsave() {
		r.xcr0 = xgetbv()
	}
	if r.feature("amx_tile") != usable {
		r.words[leaf7EDX] |= 1<<22 | 1<<24 | 1<<25
		r.xcr0 |= xcr0AMX
		return r
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archReqXCompPerm, xfeatureTileData, 0); errno != 0 {
		r.tileErr = errno
	}
	return r
}
