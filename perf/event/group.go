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

// Group is a set of events that the kernel schedules together, for the OS thread that opened it. The goroutine must be
// locked to that thread. Enable, Disable and Read allocate nothing. A Group is not safe for concurrent use.
type Group struct {
	sys kernel
	fds []int // the leader first
	buf []byte
}

// Reading is the state of a group's counters since they were first enabled.
type Reading struct {
	Enabled uint64   // ns that the group was enabled
	Running uint64   // ns that it counted
	Values  []uint64 // raw counts, in the order of the events
}

// NewGroup makes an empty group.
func NewGroup() *Group { return newGroup(linux{}) }

func newGroup(sys kernel) *Group { return &Group{sys: sys} }

// Open makes a group of the events given and opens them all, or none.
func Open(attrs ...unix.PerfEventAttr) (*Group, error) { return open(linux{}, attrs...) }

func open(sys kernel, attrs ...unix.PerfEventAttr) (*Group, error) {
	g := newGroup(sys)
	for _, a := range attrs {
		if err := g.Add(a); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// Add opens one more event in the group, counting the calling OS thread. The attr's Type, Config, Ext1, Ext2 and Bits
// are kept as given; size, read format and the leader's disabled bit are set here. The error wraps the errno; the group
// is as before then, so that another event can be tried.
//
// Only the leader is opened disabled: then the kernel checks right here that the whole group fits on the PMU.
func (g *Group) Add(attr unix.PerfEventAttr) error {
	attr.Size = uint32(unsafe.Sizeof(attr))
	attr.Read_format = unix.PERF_FORMAT_GROUP | unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING
	attr.Bits &^= unix.PerfBitDisabled
	leader := -1
	if len(g.fds) == 0 {
		attr.Bits |= unix.PerfBitDisabled
	} else {
		leader = g.fds[0]
	}
	fd, err := g.sys.open(&attr, leader)
	if err != nil {
		return fmt.Errorf("open event type %d config %#x: %w", attr.Type, attr.Config, err)
	}
	g.fds = append(g.fds, fd)
	g.buf = make([]byte, 8*(3+len(g.fds)))
	return nil
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
	n, err := g.sys.read(g.fds[0], g.buf)
	switch {
	case err != nil:
		return fmt.Errorf("read event group: %w", err)
	case n == 0:
		return fmt.Errorf("read event group: %w", ErrNotCounting)
	case n != len(g.buf):
		return fmt.Errorf("read event group: got %d bytes, want %d", n, len(g.buf))
	}
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(g.buf[8*i:]) }
	if word(0) != uint64(len(g.fds)) {
		return fmt.Errorf("read event group: the kernel reports %d events, want %d", word(0), len(g.fds))
	}
	r.Enabled, r.Running = word(1), word(2)
	r.Values = r.Values[:0]
	for i := range g.fds {
		r.Values = append(r.Values, word(3+i))
	}
	return nil
}

// Close closes the events. The group can be filled again.
func (g *Group) Close() error {
	var errs []error
	for _, fd := range g.fds {
		errs = append(errs, g.sys.close(fd))
	}
	g.fds, g.buf = nil, nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close event group: %w", err)
	}
	return nil
}
