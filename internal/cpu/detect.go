package cpu

import (
	"os"
	"runtime"
	"slices"
	"sync"
)

// Detect describes this processor, once: it takes up to 20 ms, to measure the rate of the time-stamp counter where CPUID
// does not state it. A cap set by Cap changes nothing here. CoreHz is left 0: see CoreClock.
func Detect() (*Info, error) {
	info, err := detected()
	if err != nil {
		return nil, err
	}
	copied := *info
	copied.ISAs, copied.Features, copied.CPUs = slices.Clone(info.ISAs), slices.Clone(info.Features), slices.Clone(info.CPUs)
	return &copied, nil
}

var detected = sync.OnceValues(func() (*Info, error) {
	cpus, err := Affinity()
	if err != nil {
		return nil, err
	}
	info := &Info{Arch: runtime.GOARCH, CPUs: cpus, TSCHz: tscHz(), VM: hypervisor(os.DirFS("/sys"))}
	identify(info)
	r := machine()
	if r.arch == "amd64" {
		info.Features = r.usableFeatures()
	}
	for _, isa := range All() {
		if r.check(isa) == nil {
			info.ISAs = append(info.ISAs, isa)
		}
	}
	return info, nil
})
