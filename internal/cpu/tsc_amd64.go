package cpu

import (
	"time"

	"github.com/klauspost/cpuid/v2"
)

const tscCalibration = 20 * time.Millisecond

// tscHz returns the rate of the time-stamp counter: from CPUID leaf 0x15 where it is given, else against the clock.
func tscHz() float64 {
	if hz := cpuid.CPU.Hz; hz > 0 && cpuid.CPU.VendorID == cpuid.Intel && !cpuid.CPU.Has(cpuid.HYPERVISOR) {
		return float64(hz)
	}
	start, t0 := rdtsc(), time.Now()
	for time.Since(t0) < tscCalibration {
	}
	return float64(rdtsc()-start) / time.Since(t0).Seconds()
}

// rdtsc reads the time-stamp counter.
func rdtsc() uint64
