//go:build linux && (amd64 || arm64)

package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets within struct seccomp_data.
const (
	dataNr   = 0
	dataArch = 4
	dataArg0 = 16
)

// installFilter lets the supervisor answer perf_event_open, and read, pread64, ioctl and close on descriptors from base
// on. It returns the listener.
func installFilter(base uint32) (int, error) {
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	jump := func(test uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	ret := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	program := []unix.SockFilter{
		load(dataArch),
		jump(unix.BPF_JEQ, auditArch, 0, 8), // another architecture: allow
		load(dataNr),
		jump(unix.BPF_JEQ, unix.SYS_PERF_EVENT_OPEN, 7, 0), // notify
		jump(unix.BPF_JEQ, unix.SYS_READ, 3, 0),
		jump(unix.BPF_JEQ, unix.SYS_PREAD64, 2, 0),
		jump(unix.BPF_JEQ, unix.SYS_CLOSE, 1, 0),
		jump(unix.BPF_JEQ, unix.SYS_IOCTL, 0, 2), // else allow
		load(dataArg0),
		jump(unix.BPF_JGE, base, 1, 0),
		ret(unix.SECCOMP_RET_ALLOW),
		ret(unix.SECCOMP_RET_USER_NOTIF),
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err
	}
	whole := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	// A call that is being answered must not be interrupted and begun again: it would open its event twice.
	const flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	fd, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&whole)))
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}
