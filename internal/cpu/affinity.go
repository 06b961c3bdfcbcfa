package cpu

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// startMask is the affinity mask with which the process started. It cannot be asked for later: the mask that the kernel
// reports for a process is that of its first thread, and a pinned worker may run on that one.
var startMask, startMaskErr = readAffinity()

// Affinity returns the logical CPUs that this process was allowed to run on when it started, ascending.
// Pinning threads does not change it.
func Affinity() ([]int, error) { return slices.Clone(startMask), startMaskErr }

// readAffinity reads the mask of the calling thread, however many CPUs the kernel knows.
func readAffinity() ([]int, error) {
	var err error
	for size := 1024; size <= maxCPU; size *= 4 {
		set := unix.NewCPUSet(size)
		if err = unix.SchedGetaffinityDynamic(0, set); err == unix.EINVAL { // the kernel's mask is longer
			continue
		}
		var cpus []int
		for c := range size {
			if set.IsSet(c) {
				cpus = append(cpus, c)
			}
		}
		if err == nil && len(cpus) > 0 {
			return cpus, nil
		}
		break
	}
	return nil, fmt.Errorf("read affinity mask: %w", err)
}
