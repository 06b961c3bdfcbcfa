package event

import (
	"encoding/binary"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fakeKernel answers like the kernel with a PMU. Every opened event counts value(attr) while it is enabled, of which
// the share running is seen. It is safe for concurrent use.
type fakeKernel struct {
	mu      sync.Mutex
	refuse  func(attr *unix.PerfEventAttr, in int, group []unix.PerfEventAttr, at place) error // in: events that are in the group already
	value   func(attr *unix.PerfEventAttr) uint64                                              // count per enabled period, before multiplexing
	shareOf func(group []unix.PerfEventAttr) float64                                           // replaces running
	running float64                                                                            // 0 is taken as 1; negative as never
	raw     func(b []byte) (int, error)                                                        // replaces read
	opened  []unix.PerfEventAttr                                                               // every attr that was opened
	live    map[int]*fakeEvent
	next    int
}

type fakeEvent struct {
	attr    unix.PerfEventAttr
	at      place
	members []int // of a leader
	periods uint64
}

func (k *fakeKernel) open(attr *unix.PerfEventAttr, at place, group int) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	in := 0
	if group >= 0 {
		in = len(k.live[group].members)
	}
	if k.refuse != nil {
		var members []unix.PerfEventAttr
		if group >= 0 {
			for _, m := range k.live[group].members {
				members = append(members, k.live[m].attr)
			}
		}
		if err := k.refuse(attr, in, members, at); err != nil {
			return -1, err
		}
	}
	if k.live == nil {
		k.live = map[int]*fakeEvent{}
	}
	k.next++
	fd := 100 + k.next
	k.live[fd] = &fakeEvent{attr: *attr, at: at}
	k.opened = append(k.opened, *attr)
	if group < 0 {
		group = fd
	}
	k.live[group].members = append(k.live[group].members, fd)
	return fd, nil
}

func (k *fakeKernel) ioctl(fd int, request uint) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if request == unix.PERF_EVENT_IOC_ENABLE {
		k.live[fd].periods++
	}
	return nil
}

func (k *fakeKernel) read(fd int, b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.raw != nil {
		return k.raw(b)
	}
	share := k.running
	if share == 0 {
		share = 1
	}
	leader := k.live[fd]
	if k.shareOf != nil {
		var attrs []unix.PerfEventAttr
		for _, m := range leader.members {
			attrs = append(attrs, k.live[m].attr)
		}
		share = k.shareOf(attrs)
	}
	share = max(share, 0)
	words := []uint64{uint64(len(leader.members)), 1_000_000 * leader.periods, uint64(1_000_000 * share * float64(leader.periods))}
	for _, m := range leader.members {
		words = append(words, uint64(share*float64(k.value(&k.live[m].attr)*leader.periods)))
	}
	for i, w := range words {
		binary.NativeEndian.PutUint64(b[8*i:], w)
	}
	return 8 * len(words), nil
}

func (k *fakeKernel) close(fd int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.live, fd)
	return nil
}

func (k *fakeKernel) mmap(int) (unsafe.Pointer, error) { return nil, unix.EINVAL }

func (k *fakeKernel) munmap(unsafe.Pointer) {}

// refusesGroups is a kernel older than Linux 4.13: inherited events cannot be read as a group.
type refusesGroups struct{ linux }

func (k refusesGroups) open(attr *unix.PerfEventAttr, at place, group int) (int, error) {
	if attr.Bits&unix.PerfBitInherit != 0 && attr.Read_format&unix.PERF_FORMAT_GROUP != 0 {
		return -1, unix.EINVAL
	}
	return k.linux.open(attr, at, group)
}

type attrT = unix.PerfEventAttr // short for signatures
