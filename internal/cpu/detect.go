package cpu

import (
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sort"
	"sync"
)

// Detect describes this processor. CoreHz is left 0: see CoreClock.
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
	info := &Info{Arch: runtime.GOARCH, CPUs: cpus, TSCHz: tscHz(), Hybrid: hybrid(os.DirFS("/sys")), VM: hypervisor(os.DirFS("/sys"))}
	identify(info)
	r := machine()
	for name, has := range r.features {
		if has {
			info.Features = append(info.Features, name)
		}
	}
	sort.Strings(info.Features)
	for _, isa := range All() {
		if r.check(isa) == nil {
			info.ISAs = append(info.ISAs, isa)
		}
	}
	return info, nil
})

// hybrid says whether the kernel knows more than one type of core.
func hybrid(sys fs.FS) bool {
	for _, pmu := range []string{"cpu_atom", "cpu_lowpower"} {
		if _, err := fs.Stat(sys, "bus/event_source/devices/"+pmu); err == nil {
			return true
		}
	}
	return hybridCPUID()
}
