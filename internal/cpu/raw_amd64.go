package cpu

import "syscall"

// Request of arch_prctl(2) for extended state, and the number of the AMX tile data state.
const (
	archReqXCompPerm = 0x1023
	xfeatureTileData = 18
)

// readRaw asks the processor and, where it has AMX, the kernel for the permission to use it, for the whole process. The kernel refuses it where a thread's
// stack for signals has no room for the registers of tiles, 8 KiB in a frame of some 11 (Documentation/arch/x86/xstate.rst): Go's have 32 KiB.
func readRaw() *raw {
	r := &raw{arch: "amd64", words: readWords(func(leaf, subleaf uint32) Regs { regs, _ := CPUID(leaf, subleaf); return regs })}
	if r.words.osxsave() {
		r.xcr0 = xgetbv()
	}
	if r.feature("amx_tile") == usable {
		if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archReqXCompPerm, xfeatureTileData, 0); errno != 0 {
			r.tileErr = errno
		}
	}
	return r
}
