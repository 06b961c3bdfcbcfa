package event

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

const capsBoth = capUserRDPMC | capUserTime

// still is a page of a counter at rest, and its registers: counter 3, 48 bits, 1 cycle = 2 ns.
func still(value uint64) (*page, *registers) {
	p := &page{Index: 3, Offset: 1000, Time_enabled: 500, Time_running: 400, Capabilities: capsBoth, Pmc_width: 48, Time_shift: 4, Time_mult: 32}
	return p, &registers{
		rdpmc: func(n uint32) uint64 {
			if n != 2 {
				return 0xdead
			}
			return value
		},
		rdtsc: func() uint64 { return 50 },
	}
}

func TestPageRead(t *testing.T) {
	tests := []struct {
		name                    string
		change                  func(*page)
		value                   uint64
		count, enabled, running uint64
		ok                      bool
	}{
		{"as it is", func(*page) {}, 7, 1007, 600, 500, true},
		{"not on the PMU", func(p *page) { p.Index = 0 }, 7, 0, 0, 0, false},
		{"no rdpmc", func(p *page) { p.Capabilities = capUserTime }, 7, 0, 0, 0, false},
		{"no user time", func(p *page) { p.Capabilities = capUserRDPMC }, 7, 0, 0, 0, false},
		{"no width", func(p *page) { p.Pmc_width = 0 }, 7, 0, 0, 0, false},
		{"an impossible width", func(p *page) { p.Pmc_width = 65 }, 7, 0, 0, 0, false},
		{"negative: started below 0 to overflow", func(p *page) { p.Offset = 1 << 47 }, 1<<47 + 5, 5, 600, 500, true},
		{"bits above the width are not the counter's", func(*page) {}, 7 | 0xffff<<48, 1007, 600, 500, true},
		{"64 bits", func(p *page) { p.Pmc_width = 64; p.Offset = 0 }, 1<<63 + 1, 1<<63 + 1, 600, 500, true},
		{"32 bits", func(p *page) { p.Pmc_width = 32 }, 1<<32 + 1, 1001, 600, 500, true},
		{"an offset of the time", func(p *page) { p.Time_offset = 11 }, 7, 1007, 611, 511, true},
		{"a short clock that wrapped", func(p *page) {
			p.Capabilities |= capUserTimeShort
			p.Time_cycles, p.Time_mask = 0x1f0, 0xff // 50 is 0x32: the clock has passed 0x200 and is at 0x232
		}, 7, 1007, 500 + 2*0x232, 400 + 2*0x232, true},
	}
	for _, tt := range tests {
		p, hw := still(tt.value)
		tt.change(p)
		count, enabled, running, ok := p.read(hw)
		if ok != tt.ok || ok && (count != tt.count || enabled != tt.enabled || running != tt.running) {
			t.Errorf("%s: %d, %d, %d, %t; want %d, %d, %d, %t", tt.name, int64(count), enabled, running, ok, tt.count, tt.enabled, tt.running, tt.ok)
		}
	}
}

// The kernel may write the page while it is read: whatever was read then is thrown away.
func TestPageIsReadAgainWhenItChanges(t *testing.T) {
	p, hw := still(7)
	tries := 0
	hw.rdpmc = func(n uint32) uint64 {
		if tries++; tries <= 3 {
			p.Lock += 2
			p.Offset += 100
			p.Index = uint32(10 + tries)
			return 99999
		}
		return uint64(n)
	}
	count, _, _, ok := p.read(hw)
	if !ok || tries != 4 || count != 1300+12 {
		t.Errorf("%d, %t after %d tries", count, ok, tries)
	}
	hw.rdpmc = func(uint32) uint64 { p.Lock++; return 0 }
	if _, _, _, ok := p.read(hw); ok {
		t.Error("a page that changes all the time was believed")
	}
	hw.rdpmc = func(uint32) uint64 { p.Lock++; p.Index = 0; return 0 } // the thread was switched away meanwhile
	if _, _, _, ok := p.read(hw); ok {
		t.Error("a counter that left the PMU was believed")
	}
}

// pagedKernel maps pages of its own.
type pagedKernel struct {
	fakeKernel
	caps   uint64
	mapped map[unsafe.Pointer]*page
	fail   int // the number of the mmap that fails
	reads  int
}

func (k *pagedKernel) mmap(fd int) (unsafe.Pointer, error) {
	if k.fail--; k.fail == 0 {
		return nil, unix.EPERM
	}
	p, _ := still(0)
	p.Capabilities, p.Index = k.caps, uint32(fd-100)
	if k.mapped == nil {
		k.mapped = map[unsafe.Pointer]*page{}
	}
	k.mapped[unsafe.Pointer(p)] = p
	return unsafe.Pointer(p), nil
}

func (k *pagedKernel) munmap(p unsafe.Pointer) { delete(k.mapped, p) }

func (k *pagedKernel) read(fd int, b []byte) (int, error) {
	k.reads++
	return k.fakeKernel.read(fd, b)
}

func TestGroupReadsItsPages(t *testing.T) {
	hw := &registers{rdpmc: func(n uint32) uint64 { return 10 * uint64(n) }, rdtsc: func() uint64 { return 0 }}
	for _, tt := range []struct {
		name  string
		caps  uint64
		fail  int
		reads int // system calls for two readings
	}{
		{"allowed", capsBoth, 0, 0}, {"not allowed", 0, 0, 2}, {"no page", capsBoth, 1, 2}, {"no second page", capsBoth, 2, 2},
	} {
		k := &pagedKernel{caps: tt.caps, fail: tt.fail, fakeKernel: fakeKernel{value: func(*unix.PerfEventAttr) uint64 { return 7 }}}
		g, err := open(k, unix.PerfEventAttr{}, unix.PerfEventAttr{})
		check(t, err)
		g.mapPages(hw)
		check(t, g.Enable())
		var r Reading
		check(t, g.Read(&r))
		check(t, g.Read(&r))
		if k.reads != tt.reads || len(r.Values) != 2 || tt.reads == 0 && (r.Values[0] != 1000 || r.Values[1] != 1010 || r.Enabled != 500 || r.Running != 400) {
			t.Errorf("%s: %d system calls, %+v", tt.name, k.reads, r)
		}
		for _, p := range k.mapped { // off the PMU: the group is read as a whole
			p.Index = 0
		}
		check(t, g.Read(&r))
		if k.reads != tt.reads+1 || r.Values[1] != 7 {
			t.Errorf("%s, off the PMU: %d system calls, %+v", tt.name, k.reads, r)
		}
		check(t, g.Close())
		if len(k.mapped) != 0 {
			t.Errorf("%s: %d pages left mapped", tt.name, len(k.mapped))
		}
	}
}

func TestReadingPagesDoesNotAllocate(t *testing.T) {
	p, hw := still(7)
	g := &Group{fds: []int{1, 2}, pages: []*page{p, p}, hw: hw}
	var r Reading
	check(t, g.Read(&r))
	if n := testing.AllocsPerRun(100, func() { _ = g.Read(&r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever a page holds: no panic, no endless loop, and nothing believed that is not on the PMU.
func FuzzPage(f *testing.F) {
	p, _ := still(7)
	f.Add(unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p)), uint64(7), uint64(50))
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, uint64(1)<<63, ^uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, value, clock uint64) {
		var p page
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&p)), unsafe.Sizeof(p)), b)
		asked := -1
		hw := &registers{rdpmc: func(n uint32) uint64 { asked = int(n); return value }, rdtsc: func() uint64 { return clock }}
		_, _, _, ok := p.read(hw)
		if allowed := p.Capabilities&capsBoth == capsBoth && p.Index != 0; (asked >= 0 || ok) && !allowed {
			t.Fatalf("counter %d was read, ok %t, from %+v", asked, ok, p)
		}
		if asked >= 0 && uint32(asked) != p.Index-1 {
			t.Fatalf("counter %d was read, index %d", asked, p.Index)
		}
	})
}

// A buffer is taken apart exactly as the kernel lays it out, or refused.
func FuzzGroupBuffer(f *testing.F) {
	good := make([]byte, 40)
	binary.NativeEndian.PutUint64(good, 2)
	f.Add(good, 2)
	f.Add(good[:24], 0)
	f.Add([]byte{2}, 2)
	f.Add([]byte{}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > 1000 {
			return
		}
		var r Reading
		err := parseGroup(b, n, &r)
		if len(b) != 24+8*n && err == nil {
			t.Fatalf("%d bytes taken for %d events", len(b), n)
		}
		if err != nil {
			if len(r.Values) != 0 {
				t.Fatalf("refused, but values %v", r.Values)
			}
			return
		}
		for i, v := range r.Values {
			if v != binary.NativeEndian.Uint64(b[24+8*i:]) {
				t.Fatalf("value %d is %d", i, v)
			}
		}
		if len(r.Values) != n || r.Enabled != binary.NativeEndian.Uint64(b[8:]) || r.Running != binary.NativeEndian.Uint64(b[16:]) {
			t.Fatalf("%+v from %x", r, b)
		}
	})
}
