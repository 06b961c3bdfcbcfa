//go:build linux && (amd64 || arm64)

package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The structures and requests of seccomp's user notification, linux/seccomp.h.
type (
	notification struct {
		ID         uint64
		PID, Flags uint32
		Nr         int32
		Arch       uint32
		IP         uint64
		Args       [6]uint64
	}
	response struct {
		ID    uint64
		Value int64
		Error int32
		Flags uint32
	}
	addDescriptor struct {
		ID                           uint64
		Flags, Source, New, NewFlags uint32
	}
)

const (
	requestReceive = 0xc0502100 // SECCOMP_IOCTL_NOTIF_RECV
	requestSend    = 0xc0182101 // SECCOMP_IOCTL_NOTIF_SEND
	requestAddFD   = 0x40182103 // SECCOMP_IOCTL_NOTIF_ADDFD

	flagContinue = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel runs the call itself
	flagSetFD    = 1 // SECCOMP_ADDFD_FLAG_SETFD: at the number given
)

func seccompIoctl(fd int, request uintptr, arg unsafe.Pointer) (int, unix.Errno) {
	r, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	return int(r), errno
}

func failWith(errno unix.Errno) response { return response{Error: -int32(errno)} }

// leave lets the running kernel run the call.
func leave() response { return response{Flags: flagContinue} }
