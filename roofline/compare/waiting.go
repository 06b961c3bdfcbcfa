package compare

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what the scheduler knows of a process that has ended.
type usage struct {
	known       bool
	ran, waited time.Duration // of its first thread: on a CPU; ready to run while others had the CPU
	all         time.Duration // on a CPU: of all threads, and of the children it has waited for
}

// serialShare is the share of the CPU time of a command, on all threads and in all processes, that its first thread must have used
// for the command to be one that computes on one thread.
const serialShare = 0.98

// serial says whether all but a little of what was computed was computed by the first thread.
func (u usage) serial() bool { return u.known && u.ran.Seconds() >= serialShare*u.all.Seconds() }

// ended waits until a process has ended and reads what it has used, before it is reaped. The caller reaps it.
//
// The scheduler adds up the time of a thread when it leaves the CPU, and in between only at its ticks; a process that has
// ended may still be on its way off the CPU. What all threads have used is therefore asked for here, and first: of one thread it
// is then never more than what that thread is said to have used.
func ended(pid int) usage {
	var r unix.Rusage
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, &r)
		if err == nil {
			break
		}
		if err != unix.EINTR {
			return usage{}
		}
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		return usage{} // a kernel without CONFIG_SCHED_INFO
	}
	u := parseSchedstat(data)
	u.all = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	return u
}

// parseSchedstat reads /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst): nanoseconds on a CPU, nanoseconds
// waiting on a run queue, and the number of time slices.
func parseSchedstat(data []byte) usage {
	fields := bytes.Fields(data)
	if len(fields) < 3 {
		return usage{}
	}
	var ns [2]time.Duration
	for i := range ns {
		v, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil || v < 0 {
			return usage{}
		}
		ns[i] = time.Duration(v)
	}
	return usage{known: true, ran: ns[0], waited: ns[1]}
}
