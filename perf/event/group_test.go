package event

import (
	"errors"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

// openSoftware opens page faults and the task clock of the calling thread, which any kernel with perf offers in user mode.
func openSoftware(t *testing.T) *Group {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	soft := func(config uint64) unix.PerfEventAttr {
		return unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: config, Bits: unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv}
	}
	g, err := open(linux{}, soft(unix.PERF_COUNT_SW_PAGE_FAULTS), soft(unix.PERF_COUNT_SW_TASK_CLOCK))
	if err != nil {
		skipWithoutPerf(t, err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func TestGroupCountsPageFaults(t *testing.T) {
	g := openSoftware(t)
	const pages = 2000
	mem, err := unix.Mmap(-1, 0, pages*unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	if err := unix.Madvise(mem, unix.MADV_NOHUGEPAGE); err != nil && err != unix.EINVAL {
		t.Fatal(err)
	}
	touch := func(from, to int) {
		for p := from; p < to; p++ {
			mem[p*unix.Getpagesize()] = 1
		}
	}
	var before, during, after Reading
	touch(0, 400) // not enabled yet: must not count
	check(t, g.Read(&before))
	from := used()
	check(t, g.Enable())
	touch(400, 1600)
	check(t, g.Disable())
	most := used().since(from).faults
	check(t, g.Read(&during))
	touch(1600, 2000)
	check(t, g.Read(&after))
	if before.Values[0] != 0 || before.Enabled != 0 {
		t.Errorf("before Enable: %+v", before)
	}
	// The Go runtime may fault in pages of its own now and then. The event also has the few that the kernel begins again.
	if n := during.Values[0]; n < 1200 || n > uint64(most)+100 {
		t.Errorf("1200 pages touched, %d faults counted, %d by getrusage", n, most)
	}
	if after.Values[0] != during.Values[0] || after.Enabled != during.Enabled {
		t.Errorf("counted on after Disable: %+v, then %+v", during, after)
	}
	if during.Enabled == 0 || during.Running != during.Enabled {
		t.Errorf("software events always run: %+v", during)
	}
}

func TestGroupDoesNotAllocate(t *testing.T) {
	g := openSoftware(t)
	var r Reading
	check(t, g.Read(&r)) // makes r.Values
	if n := testing.AllocsPerRun(100, func() {
		if g.Enable() != nil || g.Read(&r) != nil || g.Disable() != nil {
			t.Error("enable, read or disable failed")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestGroupKeepsBits(t *testing.T) {
	k := &fakeKernel{value: func(*unix.PerfEventAttr) uint64 { return 1 }}
	const bits = unix.PerfBitExcludeKernel | unix.PerfBitPinned
	_, err := open(k, unix.PerfEventAttr{Type: 9, Config: 1, Ext1: 5, Bits: bits}, unix.PerfEventAttr{Config: 2, Bits: bits | unix.PerfBitDisabled})
	check(t, err)
	if a := k.opened[0]; a.Bits != bits|unix.PerfBitDisabled || a.Type != 9 || a.Config != 1 || a.Ext1 != 5 || a.Size != 128 {
		t.Errorf("leader %+v", a)
	}
	if a := k.opened[1]; a.Bits != bits {
		t.Errorf("a member must be opened enabled, with its own bits, has %#x", a.Bits)
	}
}

func TestGroupErrors(t *testing.T) {
	// One of two events refused: the errno is kept and nothing stays open.
	k := &fakeKernel{refuse: func(a *unix.PerfEventAttr, in int, _ []unix.PerfEventAttr, _ place) error {
		if in == 1 {
			return unix.ENOENT
		}
		return nil
	}}
	if _, err := open(k, unix.PerfEventAttr{}, unix.PerfEventAttr{}); !errors.Is(err, unix.ENOENT) {
		t.Errorf("open: %v", err)
	}
	if len(k.live) != 0 {
		t.Errorf("%d events left open", len(k.live))
	}

	k = &fakeKernel{value: func(*unix.PerfEventAttr) uint64 { return 7 }}
	g, err := open(k, unix.PerfEventAttr{}, unix.PerfEventAttr{})
	check(t, err)
	reads := []struct {
		name string
		raw  func([]byte) (int, error)
		want error // nil: any error
	}{
		{"errno", func([]byte) (int, error) { return -1, unix.EIO }, unix.EIO},
		{"error state of a pinned group", func([]byte) (int, error) { return 0, nil }, ErrNotCounting},
		{"short", func(b []byte) (int, error) { return len(b) - 8, nil }, nil},
		{"other number of events", func(b []byte) (int, error) { clear(b); b[0] = 1; return len(b), nil }, nil},
	}
	for _, tt := range reads {
		k.raw = tt.raw
		var r Reading
		if err := g.Read(&r); err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if len(r.Values) != 0 {
			t.Errorf("%s: a failed read left values %v", tt.name, r.Values)
		}
	}
	check(t, g.Close())
	if err := g.Enable(); err == nil {
		t.Error("enabled an empty group")
	}
	if err := g.Read(&Reading{}); err == nil {
		t.Error("read an empty group")
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noPerf is the reason of a skip: the kernel refuses even software events of one's own thread in user mode.
type noPerf struct{ error }

func (noPerf) Unsupported() string { return "perf" }

func skipWithoutPerf(t testing.TB, err error) {
	t.Helper()
	for _, e := range []error{unix.ENOSYS, unix.EACCES, unix.EPERM} {
		if errors.Is(err, e) {
			err = noPerf{err}
			break
		}
	}
	testkit.SkipUnsupported(t, err)
}
