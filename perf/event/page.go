package event

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// page is the first page of a mapped event, in which the kernel tells how to read its counter in user space. The kernel
// writes it whenever the thread is switched, and counts lock up before and after.
type page unix.PerfEventMmapPage

// capabilities of a page (linux/perf_event.h).
const (
	capUserRDPMC     = 1 << 2
	capUserTime      = 1 << 3
	capUserTimeShort = 1 << 5
)

// registers are the processor's, as far as reading a counter needs them; tests replace them.
type registers struct {
	rdpmc func(counter uint32) uint64
	rdtsc func() uint64
}

// maxTries bounds how often a reading that the kernel interrupted is begun again.
const maxTries = 16

// usable says whether the kernel allows the counter and the clock to be read in user space.
func (p *page) usable() bool {
	const both = capUserRDPMC | capUserTime
	return atomic.LoadUint64(&p.Capabilities)&both == both
}

// read returns the count and the times like the read system call. ok is false where the counter is not on the PMU now, or
// is not to be read in user space: then the system call has to be made.
func (p *page) read(hw *registers) (count, enabled, running uint64, ok bool) {
	for range maxTries {
		seq := atomic.LoadUint32(&p.Lock)
		index := atomic.LoadUint32(&p.Index)
		width := uint(p.Pmc_width)
		if index == 0 || width == 0 || width > 64 || !p.usable() {
			return 0, 0, 0, false
		}
		now := p.sinceUpdate(hw.rdtsc())
		enabled = atomic.LoadUint64(&p.Time_enabled) + now
		running = atomic.LoadUint64(&p.Time_running) + now
		value := int64(hw.rdpmc(index-1)<<(64-width)) >> (64 - width) // the counter's top bit is its sign
		count = uint64(atomic.LoadInt64(&p.Offset) + value)
		if atomic.LoadUint32(&p.Lock) == seq {
			return count, enabled, running, true
		}
	}
	return 0, 0, 0, false
}

// sinceUpdate is the time in ns since the kernel wrote the page's times, from the time-stamp counter.
func (p *page) sinceUpdate(cycles uint64) uint64 {
	if atomic.LoadUint64(&p.Capabilities)&capUserTimeShort != 0 {
		from := atomic.LoadUint64(&p.Time_cycles)
		cycles = from + (cycles-from)&atomic.LoadUint64(&p.Time_mask)
	}
	shift, mult := p.Time_shift, uint64(p.Time_mult)
	quotient := cycles >> shift
	remainder := cycles & (1<<shift - 1)
	return atomic.LoadUint64(&p.Time_offset) + quotient*mult + remainder*mult>>shift
}

// mapPages maps the pages of all events, so that Read needs no system call while the group is on the PMU. Where the kernel
// or the processor does not allow that, Read goes on with system calls.
func (g *Group) mapPages(hw *registers) {
	if hw == nil || g.single {
		return
	}
	for _, fd := range g.fds {
		m, err := g.sys.mmap(fd)
		if err != nil {
			g.unmapPages()
			return
		}
		g.pages = append(g.pages, (*page)(m))
		if !g.pages[len(g.pages)-1].usable() {
			g.unmapPages()
			return
		}
	}
	g.hw = hw
}

func (g *Group) unmapPages() {
	for _, p := range g.pages {
		g.sys.munmap(unsafe.Pointer(p))
	}
	g.pages = nil
}

// readPages reads all events in user space. It fails, leaving r unusable, as soon as one of them is not on the PMU.
func (g *Group) readPages(r *Reading) bool {
	r.Values = r.Values[:0]
	for i, p := range g.pages {
		count, enabled, running, ok := p.read(g.hw)
		if !ok {
			return false
		}
		if i == 0 {
			r.Enabled, r.Running = enabled, running
		}
		r.Values = append(r.Values, count)
	}
	return true
}
