//go:build !amd64

package peercall

// There is no code of ours on this architecture.
const maskAddress, softmaxAddress, divideAddress uintptr = 0, 0, 0
