package compare

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// thread is what the scheduler knows of the first thread of a process.
type thread struct {
	known       bool
	ran, waited time.Duration // on a CPU; ready to run while others had the CPU
}

// serial is the share of the CPU time of a command, on all threads and in all processes, that its first thread must have used
// for the command to be one that computes on one thread.
const serial = 0.98

// ended waits until a process has ended and reads what its first thread has used, before the process is reaped. The caller
// reaps it.
func ended(pid int) thread {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err == nil {
			break
		}
		if err != unix.EINTR {
			return thread{}
		}
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		return thread{} // a kernel without CONFIG_SCHED_INFO
	}
	return parseSchedstat(data)
}

// parseSchedstat reads /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst): nanoseconds on a CPU, nanoseconds
// waiting on a run queue, and the number of time slices.
func parseSchedstat(data []byte) (t thread) {
	fields := bytes.Fields(data)
	if len(fields) < 3 {
		return thread{}
	}
	var ns [2]time.Duration
	for i := range ns {
		v, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil || v < 0 {
			return thread{}
		}
		ns[i] = time.Duration(v)
	}
	return thread{known: true, ran: ns[0], waited: ns[1]}
}
