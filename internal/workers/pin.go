package workers

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// maskSize is more CPUs than any kernel is built for.
const maskSize = 1 << 14

// pin binds the calling thread to one CPU until unpin is called.
func pin(cpu int) (unpin func(), err error) {
	before, one := unix.NewCPUSet(maskSize), unix.NewCPUSet(maskSize)
	if err := unix.SchedGetaffinityDynamic(0, before); err != nil {
		return func() {}, fmt.Errorf("pin worker to CPU %d: read affinity mask: %w", cpu, err)
	}
	one.Set(cpu)
	if !one.IsSet(cpu) {
		return func() {}, fmt.Errorf("pin worker to CPU %d: there is no such CPU", cpu)
	}
	if err := unix.SchedSetaffinityDynamic(0, one); err != nil {
		return func() {}, fmt.Errorf("pin worker to CPU %d: %w", cpu, err)
	}
	return func() { _ = unix.SchedSetaffinityDynamic(0, before) }, nil
}
