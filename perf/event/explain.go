package event

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// whyRefused says in words why an event could not be opened. err begins with the event's name.
func whyRefused(err error) string {
	for _, known := range []struct {
		errno syscall.Errno
		text  string
	}{
		{unix.ENOENT, "the kernel has no such event for this CPU"},
		{unix.EOPNOTSUPP, "this PMU does not support it"},
		{unix.ENODEV, "this CPU's PMU does not support it"},
		{unix.EACCES, "no permission"},
		{unix.EPERM, "no permission"},
		{unix.EINVAL, "the PMU refuses it"},
		{unix.EMFILE, "too many open files"},
		{unix.EBUSY, "another program holds the PMU"},
	} {
		if errors.Is(err, known.errno) {
			return err.Error() + " (" + known.text + ")"
		}
	}
	return err.Error()
}
