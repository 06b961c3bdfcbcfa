package main

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/units"
)

// leastAddressSpace is what the arrays of ceilings and kernels, instrumented code and the Go runtime take together: with less the runtime
// ends the program wherever it happens to run out.
const leastAddressSpace = 2 << 30

// checkAddressSpace refuses to measure under a limit of the address space that is too low.
func checkAddressSpace() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil || limit.Cur >= leastAddressSpace {
		return nil // it cannot be asked for: memory that cannot be had has its error where it is mapped
	}
	return unfitError{fmt.Errorf("the address space is limited to %s, and at least %s are needed (raise it: ulimit -v unlimited)",
		units.Bytes(int64(limit.Cur)), units.Bytes(leastAddressSpace))}
}
