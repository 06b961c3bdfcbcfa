//go:build !amd64

package peercall

// maskAddress is 0: nothing masks scores here.
const maskAddress uintptr = 0
