package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Sync returns when the content of a file, or the entries of a directory, are on the disk. Where the file system cannot do that
// or the call is refused (network and overlay file systems, a sandbox's filter) it is left to the system.
func Sync(f *os.File) error {
	err := f.Sync()
	if refused(err) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}

// Lock takes an flock, which closing the file gives back. Where there are none (some network file systems) or the call is
// refused one goes without.
func Lock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOLCK), refused(err):
			return nil
		}
		return err
	}
}

// refused says that a system call does not exist for a file, or for this process.
func refused(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM)
}
