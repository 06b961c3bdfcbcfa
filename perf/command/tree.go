package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tree adds up the CPU time of a process, of its living descendants, and of those that they have waited for, and the
// resident memory of the living; -1 when no process of it is left. A kernel without /proc/PID/task/TID/children (it
// needs CONFIG_PROC_CHILDREN) shows the process alone.
func tree(pid int) (cpu time.Duration, resident int64) {
	const most = 10_000 // processes; what forks faster than it is read has no end
	resident = -1
	queue := []int{pid}
	for n := 0; n < len(queue) && n < most; n++ {
		pid := queue[n]
		cpu += ownTime(pid) + waitedTime(pid)
		if r := residentOf(pid); r >= 0 {
			resident = max(resident, 0) + r
		}
		lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		if err != nil {
			continue
		}
		for _, list := range lists {
			text, err := os.ReadFile(list)
			if err != nil {
				continue
			}
			for _, f := range strings.Fields(string(text)) {
				if child, err := strconv.Atoi(f); err == nil {
					queue = append(queue, child)
				}
			}
		}
	}
	return cpu, resident
}

// ownTime reads the CPU-time clock of a process, whose number follows from the pid (clock_getcpuclockid(3)). It counts
// nanoseconds, where /proc counts ticks.
func ownTime(pid int) time.Duration {
	const sched = 2 // CPUCLOCK_SCHED
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// waitedTime is the CPU time of the children that a process has waited for, in ticks of 10 ms.
func waitedTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, ok := strings.Cut(string(text), ") ") // the name may contain anything
	for ok && strings.Contains(after, ") ") {
		_, after, ok = strings.Cut(after, ") ")
	}
	fields := strings.Fields(after) // from the third field of proc(5) on
	const cutime, cstime = 16 - 3, 17 - 3
	if len(fields) <= cstime {
		return 0
	}
	var ticks int64
	for _, i := range []int{cutime, cstime} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100) // USER_HZ is 100 on every Linux
}

func residentOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return -1
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return -1
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || pages == 0 {
		return -1
	}
	return pages * int64(unix.Getpagesize())
}
