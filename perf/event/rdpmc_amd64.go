package event

// rdpmc reads a performance counter. It faults where the kernel has not allowed it: only by what a mapped page says.
func rdpmc(counter uint32) uint64

// rdtsc reads the time-stamp counter.
func rdtsc() uint64

// userRegisters are the processor's own.
var userRegisters = &registers{rdpmc: rdpmc, rdtsc: rdtsc}
