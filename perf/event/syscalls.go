package event

import "golang.org/x/sys/unix"

// kernel is the part of the system-call interface that a Group uses; tests replace it.
type kernel interface {
	open(attr *unix.PerfEventAttr, group int) (fd int, err error) // for the calling thread, on any CPU
	ioctl(fd int, request uint) error                             // for fd's whole group
	read(fd int, b []byte) (int, error)
	close(fd int) error
}

// linux is the running kernel.
type linux struct{}

func (linux) open(attr *unix.PerfEventAttr, group int) (int, error) {
	return unix.PerfEventOpen(attr, 0, -1, group, unix.PERF_FLAG_FD_CLOEXEC)
}

func (linux) ioctl(fd int, request uint) error {
	return unix.IoctlSetInt(fd, request, unix.PERF_IOC_FLAG_GROUP)
}

func (linux) read(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Read(fd, b)
		if err != unix.EINTR {
			return n, err
		}
	}
}

func (linux) close(fd int) error { return unix.Close(fd) }
