package event

import (
	"errors"

	perfutils "github.com/hodgesds/perf-utils"
	"golang.org/x/sys/unix"
)

// generic is an event whose code for this CPU is known to the kernel.
type generic struct {
	name   string // as perf(1) calls it
	role   string // as in package uarch
	attr   unix.PerfEventAttr
	always bool // no program can run without it: a count of 0 means that the event doesn't work
}

// The generic events. There is none for FLOPs, for L2 misses or for bytes at any level. The kernel's cache-misses event
// is left out: on some CPUs it is the last level's misses, on others the L2's.
var generics = []generic{
	{"instructions", "inst.retired", only(perfutils.CPUInstructionsEventAttr()), true},
	{"cycles", "cycles.core", only(perfutils.CPUCyclesEventAttr()), true},
	{"ref-cycles", "cycles.ref", only(perfutils.CPURefCyclesEventAttr()), false},
	{"L1-dcache-load-misses", "l1d.load_miss", only(perfutils.L1DataEventAttr(unix.PERF_COUNT_HW_CACHE_OP_READ, unix.PERF_COUNT_HW_CACHE_RESULT_MISS)), false},
	{"LLC-load-misses", "llc.load_miss", only(perfutils.LLCacheEventAttr(unix.PERF_COUNT_HW_CACHE_OP_READ, unix.PERF_COUNT_HW_CACHE_RESULT_MISS)), false},
}

// only keeps what the event is and drops how the constructor would open it: the bits are Group's and userBits' matter.
func only(a unix.PerfEventAttr) unix.PerfEventAttr {
	return unix.PerfEventAttr{Type: a.Type, Config: a.Config}
}

// userBits are the ways to count user mode only, best first. A PMU that cannot exclude a mode answers EINVAL; the last
// way counts the kernel's work for the thread too, and needs perf_event_paranoid ≤ 1.
var userBits = []uint64{
	unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
	unix.PerfBitExcludeKernel,
	0,
}

// addUser adds the event to the group with the first of userBits that the PMU takes, and returns the attr as opened.
func addUser(g *Group, attr unix.PerfEventAttr) (unix.PerfEventAttr, error) {
	var first error
	for _, bits := range userBits {
		attr.Bits = bits
		err := g.Add(attr)
		if err == nil {
			return attr, nil
		}
		if first == nil {
			first = err
		}
		if !errors.Is(err, unix.EINVAL) {
			break
		}
	}
	return attr, first
}
