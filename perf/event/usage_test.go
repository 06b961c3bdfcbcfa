package event

import (
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

// usage is what getrusage says has happened to a thread: what else preempts it, and pages that the Go runtime touches, are in it.
type usage struct{ switches, voluntary, faults int64 }

// used reads the usage of the calling thread.
func used() usage {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &r) != nil {
		return usage{}
	}
	return usage{switches: r.Nvcsw + r.Nivcsw, voluntary: r.Nvcsw, faults: r.Minflt + r.Majflt}
}

func (u usage) since(from usage) usage {
	return usage{u.switches - from.switches, u.voluntary - from.voluntary, u.faults - from.faults}
}

// within checks a period against what happened for certain within it, and at most around it.
func (d OSDelta) within(t *testing.T, what string, least, most usage) {
	t.Helper()
	if d.ContextSwitches < least.switches || d.ContextSwitches > most.switches || d.PageFaults < least.faults || d.PageFaults > most.faults ||
		d.Involuntary < least.switches-least.voluntary || d.Involuntary > most.switches-most.voluntary || d.Involuntary > d.ContextSwitches {
		t.Errorf("%s: %+v, want from %+v to %+v", what, d, least, most)
	}
}

// nap gives the CPU up n times. A nap may be over before the thread has gone to sleep, as when the hypervisor had the CPU: it does
// not count.
func nap(n int64) {
	for from := used(); used().since(from).voluntary < n; {
		ts := unix.Timespec{Nsec: 50_000}
		_ = unix.Nanosleep(&ts, nil)
	}
}

// fault touches n fresh pages.
func fault(t *testing.T, n int) {
	t.Helper()
	mem, err := unix.Mmap(-1, 0, n*unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	check(t, err)
	defer unix.Munmap(mem)
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	for i := 0; i < len(mem); i += unix.Getpagesize() {
		mem[i] = 1
	}
}

// noUsage is the reason of a skip: the kernel, or what stands in for it, says nothing of switches and page faults.
type noUsage struct{}

func (noUsage) Error() string       { return "getrusage counts no switches or no page faults of a thread" }
func (noUsage) Unsupported() string { return "getrusage" }

// countsUsage says whether this kernel counts switches and page faults.
var countsUsage = sync.OnceValue(func() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from := used()
	fault(new(testing.T), 100)
	for range 1000 {
		if u := used().since(from); u.voluntary > 0 && u.faults >= 100 {
			return true
		}
		ts := unix.Timespec{Nsec: 50_000}
		_ = unix.Nanosleep(&ts, nil)
	}
	return false
})

func needUsage(t *testing.T) {
	t.Helper()
	if !countsUsage() {
		testkit.SkipUnsupported(t, noUsage{})
	}
}
