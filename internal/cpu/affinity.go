package cpu

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// startMask is the affinity mask with which the process started. It cannot be asked for later: the mask that the kernel
// reports for a process is that of its first thread, and a pinned worker may run on that one.
var startMask, startMaskErr = ThreadAffinity()

// Affinity returns the logical CPUs that this process was allowed to run on when it started, ascending.
// Pinning threads does not change it.
func Affinity() ([]int, error) { return slices.Clone(startMask), startMaskErr }

// ThreadAffinity returns the logical CPUs that the calling thread may run on now, ascending.
func ThreadAffinity() ([]int, error) {
	set, err := mask()
	if err != nil {
		return nil, err
	}
	return members(set), nil
}

// members are the CPUs of a mask, ascending.
func members(set unix.CPUSetDynamic) (cpus []int) {
	for c := range maxCPU {
		if set.IsSet(c) {
			cpus = append(cpus, c)
		}
	}
	return cpus
}

// Pin binds the calling thread, which must be locked, to one CPU until unpin is called.
func Pin(cpu int) (unpin func() error, err error) {
	before, err := mask()
	if err != nil {
		return nil, fmt.Errorf("pin thread to CPU %d: %w", cpu, err)
	}
	one := unix.NewCPUSet(maxCPU)
	one.Set(cpu)
	if cpu < 0 || !one.IsSet(cpu) {
		return nil, fmt.Errorf("pin thread to CPU %d: there is no such CPU", cpu)
	}
	if err := unix.SchedSetaffinityDynamic(0, one); err != nil {
		return nil, fmt.Errorf("pin thread to CPU %d: %w%s", cpu, err, filtered("sched_setaffinity", err))
	}
	return func() error {
		if err := unix.SchedSetaffinityDynamic(0, before); err != nil {
			return fmt.Errorf("unpin thread from CPU %d: %w", cpu, err)
		}
		return nil
	}, nil
}

// filtered is the cure where a system call failed that everybody may make for his own threads: a filter keeps it from this process.
func filtered(call string, err error) string {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
		return fmt.Sprintf(" (a system-call filter forbids %s: allow it, as the default one of Docker does)", call)
	}
	return ""
}

// mask reads the affinity mask of the calling thread, however many CPUs the kernel knows.
func mask() (unix.CPUSetDynamic, error) {
	set := unix.NewCPUSet(maxCPU)
	if err := unix.SchedGetaffinityDynamic(0, set); err != nil {
		return nil, fmt.Errorf("read affinity mask: %w%s", err, filtered("sched_getaffinity", err))
	}
	if set.Count() == 0 {
		return nil, fmt.Errorf("read affinity mask: it is empty")
	}
	return set, nil
}
