package event

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// refusals says what the errnos of perf_event_open mean for one event, once it is known that the PMU as a whole works.
var refusals = map[syscall.Errno]string{
	unix.ENOENT:     "the kernel has no such event for this CPU",
	unix.EOPNOTSUPP: "the PMU does not support it",
	unix.ENODEV:     "the PMU does not support it",
	unix.ENOSYS:     "the system call is refused",
	unix.EACCES:     "no permission",
	unix.EPERM:      "no permission",
	unix.EINVAL:     "the PMU refuses it",
	unix.EMFILE:     "too many open files; raise the limit: ulimit -n 4096",
	unix.EBUSY:      "another program holds the PMU",
}

// whyRefused says in words why the event could not be counted.
func whyRefused(name string, err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) && refusals[errno] != "" {
		return name + ": " + refusals[errno] + " (" + unix.ErrnoName(errno) + ")"
	}
	return name + ": " + err.Error()
}
