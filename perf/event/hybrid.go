package event

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
)

const pmuDir = "sys/bus/event_source/devices"

// cpuPMUs returns the names of the PMUs that count a CPU's own events: "cpu", or one per core type, each with a list of
// its CPUs (cpu_core and cpu_atom, armv8_cortex_a55 and armv8_cortex_a76).
func cpuPMUs(root fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(root, pmuDir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		_, err := fs.Stat(root, pmuDir+"/"+e.Name()+"/cpus")
		if e.Name() == "cpu" || strings.HasPrefix(e.Name(), "armv8_") || err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// extendedType returns what to put into the upper half of a generic event's config so that the PMU for the core type of
// the CPU on counts it; 0 where there is only one core type.
func extendedType(root fs.FS, on int) uint64 {
	names, err := cpuPMUs(root)
	if err != nil || len(names) < 2 {
		return 0
	}
	for _, name := range names {
		list, err := fs.ReadFile(root, pmuDir+"/"+name+"/cpus")
		if err != nil {
			continue
		}
		if cpus, err := cpu.ParseList(string(list)); err != nil || !slices.Contains(cpus, on) {
			continue
		}
		text, err := fs.ReadFile(root, pmuDir+"/"+name+"/type")
		if err != nil {
			return 0
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 31)
		if err != nil {
			return 0
		}
		return n << 32
	}
	return 0
}

// onCPU returns the CPU to which the calling thread is pinned, or the first on which it may run.
func onCPU() int {
	if cpus, err := cpu.ThreadAffinity(); err == nil {
		return cpus[0]
	}
	return 0
}

// stay pins the calling, locked thread to a CPU until restore is called. Where pinning is refused the thread roams on.
func stay(on int) (restore func()) {
	unpin, err := cpu.Pin(on)
	if err != nil {
		return func() {}
	}
	return func() { _ = unpin() }
}
