package workers

import (
	"time"

	"golang.org/x/sys/unix"
)

// Waits tells for how long the thread that has opened it was ready to run while others had the CPU.
type Waits struct {
	fd      int // 0: not open
	buf     [128]byte
	at      time.Time     // of the mark, before it was read
	ran     time.Duration // of the thread, as are the next at the mark
	delayed time.Duration // on a run queue
	process time.Duration // CPU time of the process
}

// Open opens the statistics of the calling thread. A kernel without them (CONFIG_SCHED_INFO) tells nothing.
func (w *Waits) Open() {
	if fd, err := unix.Open("/proc/thread-self/schedstat", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		w.fd = fd
	}
}

// Known reports whether the kernel tells.
func (w *Waits) Known() bool {
	ran, _, _ := w.read()
	return ran > 0
}

// Close lets go of them.
func (w *Waits) Close() {
	if w.fd > 0 {
		_ = unix.Close(w.fd)
	}
	w.fd = 0
}

// Mark begins a period. It takes about a microsecond and allocates nothing, as do Delayed and ForOthers.
func (w *Waits) Mark() {
	w.at = time.Now()
	w.ran, w.delayed, w.process = w.read()
}

// Delayed is how long the thread has certainly waited for a CPU from begin to end, both after the mark and before now, whoever
// had it; 0 where that is not known. A thread often loses its CPU just between the reading of the statistics and that of the
// clock: what may have been waited there is not counted.
func (w *Waits) Delayed(begin, end time.Time) time.Duration {
	_, delayed, _ := w.read()
	return certainly(delayed-w.delayed, begin.Sub(w.at)+time.Since(end), end.Sub(begin))
}

// ForOthers is how long of it was certainly for other processes: without what other threads of this process computed
// meanwhile. For them it may have waited, and they may do its work.
func (w *Waits) ForOthers(begin, end time.Time) time.Duration {
	ran, delayed, process := w.read()
	return certainly(forOthers(ran-w.ran, delayed-w.delayed, process-w.process), begin.Sub(w.at)+time.Since(end), end.Sub(begin))
}

// certainly is what of a delay was within a period, when the statistics cover so much time beside it.
func certainly(delayed, beside, period time.Duration) time.Duration {
	return min(max(0, delayed-beside), period)
}

// forOthers takes off the waiting of a thread what other threads of its process computed.
func forOthers(ran, delayed, process time.Duration) time.Duration {
	return max(0, delayed-max(process-ran, 0))
}

func (w *Waits) read() (ran, delayed, process time.Duration) {
	var now unix.Timespec
	if w.fd == 0 || unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now) != nil {
		return 0, 0, 0
	}
	n, err := unix.Pread(w.fd, w.buf[:], 0)
	if err != nil {
		return 0, 0, 0
	}
	ran, delayed = parseSchedstat(w.buf[:n])
	return ran, delayed, time.Duration(now.Nano())
}

// parseSchedstat reads /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst): nanoseconds on a CPU, nanoseconds on a
// run queue, and the number of time slices. It gives 0 for what is not there.
func parseSchedstat(text []byte) (ran, delayed time.Duration) {
	var fields [3]time.Duration
	at := 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			fields[at] = 10*fields[at] + time.Duration(c-'0')
		case c == ' ' && at < len(fields)-1:
			at++
		default:
			return fields[0], fields[1]
		}
	}
	return fields[0], fields[1]
}
