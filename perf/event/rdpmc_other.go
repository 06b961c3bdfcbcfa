//go:build !amd64

package event

// userRegisters are nil where counters are read by system calls only: on arm64 user-space access is switched off by default
// (kernel.perf_user_access).
var userRegisters *registers
