package region

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/region/board"
)

// counters are those of one thread: resource usage, and the groups of events that the tool asks for. A marked program
// shall stay small, so this is the least that can open and read a group and no part of package event.
type counters struct {
	usage   unix.Rusage
	leaders []int // descriptor of each group's leader, -1 where the group was refused
	sizes   []int
	buf     []uint64 // nr, enabled, running, counts
	opened  uint64
	errno   uint32
	refused int
}

// openCounters opens the events for the calling thread. A group opens as a whole or not at all.
func openCounters(events []board.Event, sizes []int) counters {
	c := counters{sizes: sizes, buf: make([]uint64, 3+board.MaxEvents)}
	for g, n := range sizes {
		leader, err := openGroup(events[:n])
		events = events[n:]
		c.leaders = append(c.leaders, leader)
		if err == nil {
			c.opened |= 1 << g
		} else if errno := syscall.Errno(0); c.errno == 0 && errors.As(err, &errno) {
			c.errno, c.refused = uint32(errno), g
		}
	}
	return c
}

// openGroup opens and enables events as one group, and returns the descriptor of its leader; -1 with an error.
func openGroup(events []board.Event) (leader int, err error) {
	leader = -1
	var fds []int
	for _, e := range events {
		attr := unix.PerfEventAttr{Type: e.Type, Config: e.Config, Ext1: e.Config1, Ext2: e.Config2,
			Bits:        e.Bits &^ (unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec),
			Read_format: unix.PERF_FORMAT_GROUP | unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING}
		attr.Size = uint32(unsafe.Sizeof(attr))
		if leader < 0 {
			attr.Bits |= unix.PerfBitDisabled // so that the kernel checks each member against the whole group
		}
		fd, err := unix.PerfEventOpen(&attr, 0, -1, leader, unix.PERF_FLAG_FD_CLOEXEC)
		if err != nil {
			closeAll(fds)
			return -1, err
		}
		fds = append(fds, fd)
		leader = fds[0]
	}
	return enable(fds)
}

// enable has the group count whose leader is the first. A group that cannot be enabled is closed: it would count nothing.
func enable(fds []int) (leader int, err error) {
	if err := unix.IoctlSetInt(fds[0], unix.PERF_EVENT_IOC_ENABLE, unix.PERF_IOC_FLAG_GROUP); err != nil {
		closeAll(fds)
		return -1, err
	}
	return fds[0], nil
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}

// readUsage fills in the resource usage in a set of values without the clock. What cannot be read stays as it was: it adds
// nothing.
func (c *counters) readUsage(to []uint64) {
	if unix.Getrusage(unix.RUSAGE_THREAD, &c.usage) == nil {
		u := &c.usage
		to[0], to[1] = uint64(u.Utime.Nano()), uint64(u.Stime.Nano())
		to[2], to[3] = uint64(u.Minflt), uint64(u.Majflt)
		to[4], to[5] = uint64(u.Nvcsw), uint64(u.Nivcsw)
	}
}

// readGroups fills in the groups that were opened.
func (c *counters) readGroups(to []uint64) {
	times := to[6:]
	counts := times[2*len(c.sizes):]
	for g, n := range c.sizes {
		if c.leaders[g] >= 0 && readGroup(c.leaders[g], c.buf[:3+n]) {
			times[2*g], times[2*g+1] = c.buf[1], c.buf[2]
			copy(counts[:n], c.buf[3:])
		}
		counts = counts[n:]
	}
}

func readGroup(fd int, buf []uint64) bool {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&buf[0])), 8*len(buf))
	n, err := unix.Read(fd, b)
	for err == unix.EINTR {
		n, err = unix.Read(fd, b)
	}
	return err == nil && n == len(b)
}
