package event

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel is the part of the system-call interface that counting uses; tests replace it.
type kernel interface {
	open(attr *unix.PerfEventAttr, at place, group int) (fd int, err error)
	ioctl(fd int, request uint) error // for fd's whole group
	read(fd int, b []byte) (int, error)
	mmap(fd int) (unsafe.Pointer, error) // the event's first page
	munmap(page unsafe.Pointer)
	close(fd int) error
}

// place is the task and the CPU that an event is opened for, as perf_event_open takes them.
type place struct {
	pid int // 0: the calling thread; -1: whoever runs
	cpu int // -1: wherever the task runs
}

// thisThread is the calling OS thread, on any CPU.
var thisThread = place{pid: 0, cpu: -1}

// linux is the running kernel.
type linux struct{}

func (linux) open(attr *unix.PerfEventAttr, at place, group int) (int, error) {
	return unix.PerfEventOpen(attr, at.pid, at.cpu, group, unix.PERF_FLAG_FD_CLOEXEC)
}

// ioctl and read never wait, so the Go scheduler need not know of them: what it does around other system calls would be
// counted too.
func (linux) ioctl(fd int, request uint) error {
	if _, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), unix.PERF_IOC_FLAG_GROUP); errno != 0 {
		return errno
	}
	return nil
}

func (linux) read(fd int, b []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

func (linux) mmap(fd int) (unsafe.Pointer, error) {
	return unix.MmapPtr(fd, 0, nil, uintptr(unix.Getpagesize()), unix.PROT_READ, unix.MAP_SHARED)
}

func (linux) munmap(page unsafe.Pointer) { _ = unix.MunmapPtr(page, uintptr(unix.Getpagesize())) }

func (linux) close(fd int) error { return unix.Close(fd) }
