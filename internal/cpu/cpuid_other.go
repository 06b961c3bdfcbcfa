//go:build !amd64

package cpu

// CPUID has no answer on this architecture.
func CPUID(leaf, subleaf uint32) (r Regs, ok bool) { return Regs{}, false }

func rdtsc() uint64 { return 0 }

func addChain(int) {}
