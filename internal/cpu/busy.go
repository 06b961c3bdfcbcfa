package cpu

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// OthersTime begins to watch; the function that it returns says for how long other processes have run since, on all CPUs together,
// to a clock tick of 10 ms each. It is 0 where that is not known.
func OthersTime() func() time.Duration {
	before := othersTime(os.DirFS("/"))
	return func() time.Duration {
		if after := othersTime(os.DirFS("/")); before != 0 && after != 0 {
			return max(0, after-before)
		}
		return 0
	}
}

// othersTime is what all have run since boot but this process; 0: not known.
func othersTime(root fs.FS) time.Duration {
	var own unix.Timespec
	all := busyTime(root)
	if all == 0 || unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &own) != nil {
		return 0
	}
	return all - time.Duration(own.Nano())
}

// busyTime adds up the first line of /proc/stat: "cpu user nice system idle iowait irq softirq steal …", but for the idle times.
func busyTime(root fs.FS) time.Duration {
	const tick = time.Second / 100 // USER_HZ of every architecture that Go knows
	const idle, iowait, last = 4, 5, 8
	first, _, _ := strings.Cut(word(root, "proc/stat"), "\n")
	fields := strings.Fields(first)
	if len(fields) < idle+1 || fields[0] != "cpu" {
		return 0
	}
	var ticks int64
	for i, f := range fields[:min(len(fields), last+1)] {
		if i == 0 || i == idle || i == iowait {
			continue
		}
		n, err := strconv.ParseInt(f, 10, 48)
		if err != nil || n < 0 {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * tick
}
