package region

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A group that the kernel does not enable is refused, and leaves no descriptor open. A pipe is one that it never enables.
func TestGroupThatCannotBeEnabled(t *testing.T) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(os.NewSyscallError("pipe2", err))
	}
	if leader, err := enable(fds[:]); leader != -1 || err == nil { // ENOTTY; ENOSYS where qemu emulates the processor
		t.Errorf("leader %d, %v; want -1 and an error", leader, err)
	}
	for _, fd := range fds {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
			t.Errorf("descriptor %d is still open (%v)", fd, err)
			_ = unix.Close(fd)
		}
	}
}
