package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrNotCounting means that the kernel has put the group into its error state: it is pinned, and the PMU had no room.
var ErrNotCounting = errors.New("the pinned group could not be put on the PMU and does not count")

// Group is a set of events that the kernel schedules together. One that counts the calling OS thread belongs on that
// thread: the goroutine must be locked to it. Enable, Disable and Read allocate nothing. A Group is not safe for
// concurrent use.
type Group struct {
	sys    kernel
	at     place
	fds    []int // the leader first
	buf    []byte
	single bool // the kernel refused to read inherited events as a group: they are read one by one
	pages  []*page
	hw     *registers // with which the pages are read
}

// Reading is the state of a group's counters since they were first enabled.
type Reading struct {
	Enabled uint64   // ns that the group was enabled
	Running uint64   // ns that it counted
	Values  []uint64 // raw counts, in the order of the events
}

const (
	readTimes = unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING
	readGroup = unix.PERF_FORMAT_GROUP | readTimes
)

// NewGroup makes an empty group for the calling thread.
func NewGroup() *Group { return newGroup(linux{}, thisThread) }

func newGroup(sys kernel, at place) *Group { return &Group{sys: sys, at: at} }

// open makes a group of the events given and opens them all, or none, for the calling thread.
func open(sys kernel, attrs ...unix.PerfEventAttr) (*Group, error) {
	g := newGroup(sys, thisThread)
	for _, a := range attrs {
		if err := g.Add(a); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// Add opens one more event in the group. The attr's Type, Config, Ext1, Ext2 and Bits are kept as given; size, read
// format and the leader's disabled bit are set here. The error wraps the errno; the group is as before then, so that
// another event can be tried.
//
// Only the leader is opened disabled: then the kernel checks right here that the whole group fits on the PMU. Inherited
// events are read as a group where the kernel allows it (Linux ≥ 4.13), else one by one.
func (g *Group) Add(attr unix.PerfEventAttr) error {
	attr.Size = uint32(unsafe.Sizeof(attr))
	attr.Bits &^= unix.PerfBitDisabled
	leader := -1
	if len(g.fds) == 0 {
		attr.Bits |= unix.PerfBitDisabled
	} else {
		leader = g.fds[0]
	}
	fd, err := g.open(&attr, leader)
	if err == unix.EINVAL && leader < 0 && !g.single && attr.Bits&unix.PerfBitInherit != 0 {
		g.single = true
		if fd, err = g.open(&attr, leader); err != nil {
			g.single = false
		}
	}
	if err != nil {
		return fmt.Errorf("open event type %d config %#x: %w", attr.Type, attr.Config, err)
	}
	g.fds = append(g.fds, fd)
	g.buf = make([]byte, 8*(3+len(g.fds)))
	return nil
}

func (g *Group) open(attr *unix.PerfEventAttr, leader int) (int, error) {
	attr.Read_format = readGroup
	if g.single {
		attr.Read_format = readTimes
	}
	return g.sys.open(attr, g.at, leader)
}

// Len returns the number of events.
func (g *Group) Len() int { return len(g.fds) }

// Enable starts all counters of the group.
func (g *Group) Enable() error { return g.control(unix.PERF_EVENT_IOC_ENABLE, "enable") }

// Disable stops all counters of the group.
func (g *Group) Disable() error { return g.control(unix.PERF_EVENT_IOC_DISABLE, "disable") }

func (g *Group) control(request uint, verb string) error {
	if len(g.fds) == 0 {
		return fmt.Errorf("%s event group: it is empty", verb)
	}
	if err := g.sys.ioctl(g.fds[0], request); err != nil {
		return fmt.Errorf("%s event group: %w", verb, err)
	}
	return nil
}

// Read reads all counters at once into r, whose Values are reused when large enough.
func (g *Group) Read(r *Reading) error {
	if len(g.fds) == 0 {
		return errors.New("read event group: it is empty")
	}
	if g.single {
		return g.readSingly(r)
	}
	if g.pages != nil && g.readPages(r) {
		return nil
	}
	if err := g.fill(g.fds[0], g.buf); err != nil {
		return err
	}
	return parseGroup(g.buf, len(g.fds), r)
}

// readSingly reads every event for itself: value, enabled, running. The times of a group's events are the same but for
// what passes between two reads; the leader's are taken.
func (g *Group) readSingly(r *Reading) error {
	r.Values = r.Values[:0]
	for i, fd := range g.fds {
		b := g.buf[:24]
		if err := g.fill(fd, b); err != nil {
			r.Values = r.Values[:0]
			return err
		}
		if i == 0 {
			r.Enabled, r.Running = word(b, 1), word(b, 2)
		}
		r.Values = append(r.Values, word(b, 0))
	}
	return nil
}

// fill reads exactly len(b) bytes.
func (g *Group) fill(fd int, b []byte) error {
	n, err := g.sys.read(fd, b)
	switch {
	case err != nil:
		return fmt.Errorf("read event group: %w", err)
	case n == 0:
		return fmt.Errorf("read event group: %w", ErrNotCounting)
	case n != len(b):
		return fmt.Errorf("read event group: got %d bytes, want %d", n, len(b))
	}
	return nil
}

// parseGroup takes apart what the kernel wrote for a group of n events: their number, the two times, the values.
func parseGroup(b []byte, n int, r *Reading) error {
	r.Values = r.Values[:0]
	if len(b) != 8*(3+n) || word(b, 0) != uint64(n) {
		return fmt.Errorf("read event group: the kernel reports %d events in %d bytes, want %d", word(b, 0), len(b), n)
	}
	r.Enabled, r.Running = word(b, 1), word(b, 2)
	for i := range n {
		r.Values = append(r.Values, word(b, 3+i))
	}
	return nil
}

func word(b []byte, i int) uint64 {
	if len(b) < 8*(i+1) {
		return 0
	}
	return binary.NativeEndian.Uint64(b[8*i:])
}

// Close closes the events. The group can be filled again.
func (g *Group) Close() error {
	g.unmapPages()
	var errs []error
	for _, fd := range g.fds {
		errs = append(errs, g.sys.close(fd))
	}
	g.fds, g.buf, g.single = nil, nil, false
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close event group: %w", err)
	}
	return nil
}
