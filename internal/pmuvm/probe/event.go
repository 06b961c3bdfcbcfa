//go:build linux && (amd64 || arm64)

package main

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/pmuvm/loop"
)

type event struct {
	kind   uint32
	config uint64
}

// target says whose events are counted: pid 0 is the calling thread, lead -1 no group.
type target struct{ pid, cpu, lead int }

var (
	instructions = event{unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS}
	self         = target{cpu: -1, lead: -1}
)

const (
	single   = unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING
	group    = single | unix.PERF_FORMAT_GROUP
	userOnly = unix.PerfBitDisabled | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv
)

func open(e event, format, bits uint64, t target) (int, error) {
	a := unix.PerfEventAttr{Type: e.kind, Config: e.config, Read_format: format, Bits: bits}
	a.Size = uint32(unsafe.Sizeof(a))
	return unix.PerfEventOpen(&a, t.pid, t.cpu, t.lead, unix.PERF_FLAG_FD_CLOEXEC)
}

func ioctl(fd int, request uint) { _ = unix.IoctlSetInt(fd, request, unix.PERF_IOC_FLAG_GROUP) }

// measured runs the loop between enabling and disabling without a stack check or an entry into the scheduler: after 10 ms
// a request to yield would otherwise be met inside, at a cost of about 1,200 instructions.
//
//go:nosplit
func measured(fd int, n uint64) {
	unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.PERF_EVENT_IOC_ENABLE, unix.PERF_IOC_FLAG_GROUP)
	loop.Turn(n)
	unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.PERF_EVENT_IOC_DISABLE, unix.PERF_IOC_FLAG_GROUP)
}

// values are the counts of a group, or the one of a single event.
type values struct {
	enabled, running uint64
	counts           []uint64
}

func read(fd int) values {
	b := make([]byte, 512)
	n, err := unix.Read(fd, b)
	if err != nil || n < 24 {
		return values{counts: []uint64{0}}
	}
	var w []uint64
	for at := 0; at+8 <= n; at += 8 {
		w = append(w, binary.LittleEndian.Uint64(b[at:]))
	}
	if len(w) == 3 { // a single event: count, enabled, running
		return values{w[1], w[2], w[:1]}
	}
	return values{w[1], w[2], w[3:]}
}
