package workers

import (
	"time"

	"golang.org/x/sys/unix"
)

// waiting reads for how long the thread that opened it has waited on a run queue: ready to run while others had the CPU.
type waiting struct {
	fd  int
	buf [128]byte
}

// open opens the statistics of the calling thread. A kernel without them (CONFIG_SCHED_INFO) tells nothing.
func (w *waiting) open() {
	w.fd = -1
	if fd, err := unix.Open("/proc/thread-self/schedstat", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		w.fd = fd
	}
}

func (w *waiting) close() {
	if w.fd >= 0 {
		_ = unix.Close(w.fd)
		w.fd = -1
	}
}

// read takes about a microsecond and allocates nothing.
func (w *waiting) read() time.Duration {
	if w.fd < 0 {
		return 0
	}
	n, err := unix.Pread(w.fd, w.buf[:], 0)
	if err != nil {
		return 0
	}
	return secondNumber(w.buf[:n])
}

// secondNumber is the second of the numbers in /proc/PID/schedstat, the nanoseconds on a run queue
// (Documentation/scheduler/sched-stats.rst); 0 when there is none.
func secondNumber(text []byte) time.Duration {
	field, v := 0, time.Duration(0)
	for _, c := range text {
		switch {
		case c == ' ':
			field++
		case field == 1 && c >= '0' && c <= '9':
			v = 10*v + time.Duration(c-'0')
		case field > 1:
			return v
		}
	}
	return 0
}
