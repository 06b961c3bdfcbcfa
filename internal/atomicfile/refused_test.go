package atomicfile

import (
	"fmt"
	"io/fs"
	"testing"

	"golang.org/x/sys/unix"
)

// A call that nobody can make here is gone without; a disk that fails or is full is not.
func TestRefused(t *testing.T) {
	for errno, want := range map[unix.Errno]bool{
		unix.EPERM: true, unix.ENOSYS: true, unix.ENOTSUP: true,
		unix.EIO: false, unix.ENOSPC: false, unix.EDQUOT: false, unix.EROFS: false, unix.EWOULDBLOCK: false, 0: false,
	} {
		var err error
		if errno != 0 {
			err = fmt.Errorf("append: %w", &fs.PathError{Op: "sync", Path: "f", Err: errno})
		}
		if refused(err) != want {
			t.Errorf("%v: %v, want %v", err, !want, want)
		}
	}
}
