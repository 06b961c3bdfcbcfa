package cpu

// CPUID returns the answer of the CPUID instruction for a leaf and subleaf; ok is false on architectures without it.
// Leaves above the highest one give meaningless answers.
func CPUID(leaf, subleaf uint32) (r Regs, ok bool) {
	r.EAX, r.EBX, r.ECX, r.EDX = cpuidex(leaf, subleaf)
	return r, true
}

func cpuidex(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// xgetbv returns XCR0; it needs OSXSAVE.
func xgetbv() uint64

// rdtsc reads the time-stamp counter.
func rdtsc() uint64

// addChain runs 256·n dependent one-cycle additions.
func addChain(n int)
