package cpu

import (
	"math"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// tscHz returns the rate of the time-stamp counter: as CPUID states it, else measured; 0 where there is none.
func tscHz() float64 {
	if runtime.GOARCH != "amd64" {
		return 0
	}
	if hz := statedTSC(func(leaf, subleaf uint32) Regs { r, _ := CPUID(leaf, subleaf); return r }); hz > 0 {
		return hz
	}
	return measuredTSC()
}

// statedTSC is the rate that CPUID states exactly: leaf 0x15 is the crystal clock times a ratio (Intel SDM vol. 2);
// leaf 0x40000010 has kHz, by a convention of VMware that KVM follows. Leaf 0x16 rounds to MHz and is not used.
// It returns 0 where neither is there.
func statedTSC(cpuid func(leaf, subleaf uint32) Regs) float64 {
	const ratio, hypervisor, timing = 0x15, 0x40000000, 0x40000010
	if cpuid(0, 0).EAX >= ratio {
		if r := cpuid(ratio, 0); r.EAX > 0 && r.EBX > 0 && r.ECX > 0 {
			return float64(r.ECX) * float64(r.EBX) / float64(r.EAX)
		}
	}
	if cpuid(1, 0).ECX>>31 == 1 {
		h := cpuid(hypervisor, 0)
		if name := hypervisorName(signature(h)); h.EAX >= timing && (name == "KVM" || name == "VMware") {
			return float64(cpuid(timing, 0).EAX) * 1000
		}
	}
	return 0
}

// tscCalibration is how long measuredTSC sleeps between its two readings.
const tscCalibration = 20 * time.Millisecond

// measuredTSC compares the counter with the kernel's clock that no one adjusts.
func measuredTSC() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ticks0, nanos0 := readBoth()
	time.Sleep(tscCalibration)
	ticks1, nanos1 := readBoth()
	if nanos1 <= nanos0 || ticks1 <= ticks0 {
		return 0
	}
	return float64(ticks1-ticks0) / float64(nanos1-nanos0) * 1e9
}

// readBoth reads counter and clock at the same moment: of several tries the one that took the fewest ticks.
func readBoth() (ticks uint64, nanos int64) {
	least := uint64(math.MaxUint64)
	for range 10 {
		var ts unix.Timespec
		before := rdtsc()
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &ts); err != nil {
			return 0, 0
		}
		if took := rdtsc() - before; took < least {
			least, ticks, nanos = took, before+took/2, ts.Nano()
		}
	}
	return ticks, nanos
}
