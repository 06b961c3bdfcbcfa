// Package machine describes the machine that a measurement runs on, and watches what disturbs it meanwhile.
//
// It decides nothing: whatever is unfit becomes a roofline.Check with a text and a cure.
package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
)

// idleSample is how long Describe looks at what else runs: 20 clock ticks per CPU.
const idleSample = 200 * time.Millisecond

// Describe finds out what this machine is and how fit it is for measuring. It takes some 400 ms, half of them asleep to
// see what else runs. The error is for a CPU that cannot be described at all; what is merely unknown is a warning.
func Describe() (roofline.Machine, []roofline.Warning, error) {
	return describe(true)
}

// Identify is Describe in some milliseconds: it neither looks at what else runs and interrupts nor measures the clock of the core,
// which takes time on a CPU that somebody else may be using. The fingerprint is the same.
func Identify() (roofline.Machine, []roofline.Warning, error) {
	return describe(false)
}

func describe(fully bool) (roofline.Machine, []roofline.Warning, error) {
	info, err := cpu.Detect()
	if err != nil {
		return roofline.Machine{}, nil, fmt.Errorf("describe machine: %w", err)
	}
	root := os.DirFS("/")
	m := roofline.Machine{CPU: *info}
	var warnings []roofline.Warning
	warn := func(format string, args ...any) {
		warnings = append(warnings, roofline.Warning{Text: fmt.Sprintf(format, args...)})
	}

	if m.Caches, err = cache.Topology(); err != nil {
		warn("the caches could not be read: %v, nor told by how long loads take; no bandwidth is measured", err)
	}
	m.Environment = environment(root)
	if m.Environment.MemoryBytes, err = memory(root); err != nil {
		warn("the memory size is unknown: %v", err)
	}
	m.PMU.Available, m.PMU.Reason, m.PMU.Cure = event.Available()

	f := facts{env: m.Environment, vm: m.CPU.VM, cpus: m.CPU.CPUs, pinErr: tryPinning(m.CPU.CPUs)}
	f.siblings = siblings(m.CPU.CPUs, cpu.Siblings)
	f.busy, f.sibling = -1, -1
	if fully {
		f.busy, f.sibling = otherLoad(root, m.CPU.CPUs, f.siblings)
		f.interruptions, f.whyNoInterruptions = interruptions()
		m.Environment.Interruptions = f.interruptions
	}
	m.Quality = judge(f)

	if !fully {
		m.Quality = slices.DeleteFunc(m.Quality, func(c roofline.Check) bool { return c.Name == "load" || c.Name == "interruptions" })
	} else if hz, err := cpu.CoreClock(); err != nil {
		why := err.Error()
		if u := (*cpu.UnsupportedError)(nil); errors.As(err, &u) {
			why = u.Cause
		}
		warn("theoretical lines are left out: %s", why)
	} else {
		m.CPU.CoreHz = hz
	}
	m.Fingerprint = fingerprint(m)
	return m, warnings, nil
}

// environment reads what the kernel tells about itself.
func environment(root fs.FS) roofline.Environment {
	return roofline.Environment{
		OS:          kernelRelease(root),
		Go:          runtime.Version(),
		NUMANodes:   cpu.NUMANodes(),
		SMT:         cpu.SMT(),
		Governor:    cpu.Governor(),
		THP:         cpu.THP(),
		CPUQuota:    cpu.Quota(),
		LoadAverage: loadAverage(root),
	}
}

// otherLoad sleeps a little and returns how many CPUs' worth of work ran on the given CPUs meanwhile, and the busy share
// of their siblings; -1 where unknown.
func otherLoad(root fs.FS, cpus, siblings []int) (busy, sibling float64) {
	before, err := readStat(root)
	if err != nil {
		return -1, -1
	}
	time.Sleep(idleSample)
	after, err := readStat(root)
	if err != nil {
		return -1, -1
	}
	busy, sibling = between(before, after, cpus).busyShare(), -1
	if busy >= 0 {
		busy *= float64(len(cpus))
	}
	if len(siblings) > 0 {
		sibling = between(before, after, siblings).busyShare()
	}
	return busy, sibling
}

// siblings returns the CPUs that share a core with one of the given CPUs and are not among them. of lists the CPUs of
// the core of one CPU.
func siblings(cpus []int, of func(cpu int) []int) []int {
	var others []int
	for _, c := range cpus {
		for _, s := range of(c) {
			if !slices.Contains(cpus, s) && !slices.Contains(others, s) {
				others = append(others, s)
			}
		}
	}
	return others
}

// tryPinning pins a thread to the first of the CPUs and lets it go again.
func tryPinning(cpus []int) error {
	if len(cpus) == 0 {
		return fmt.Errorf("no usable CPU is known")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unpin, err := cpu.Pin(cpus[0])
	if err != nil {
		return err
	}
	return unpin()
}
