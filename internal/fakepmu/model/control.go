package model

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"
)

// Ioctl answers an ioctl(2) on an event. A reply is to be written to where arg points.
func (k *Kernel) Ioctl(e *Event, request, arg uint64) (reply []byte, errno syscall.Errno) {
	whole := arg&unix.PERF_IOC_FLAG_GROUP != 0
	set := []*Event{e}
	if whole {
		set = e.lead.members
	}
	switch request {
	case unix.PERF_EVENT_IOC_ENABLE:
		for _, x := range set {
			k.enable(x)
		}
		if e.lead == e && !whole { // enabling the leader lets its enabled members run
			for _, x := range e.members {
				if !x.Attr.has(unix.PerfBitDisabled) {
					k.enable(x)
				}
			}
		}
	case unix.PERF_EVENT_IOC_DISABLE:
		for _, x := range set {
			k.disable(x)
		}
	case unix.PERF_EVENT_IOC_RESET:
		for _, x := range set {
			k.reset(x)
		}
	case unix.PERF_EVENT_IOC_ID:
		return binary.LittleEndian.AppendUint64(nil, uint64(e.ID)), 0
	case unix.PERF_EVENT_IOC_PERIOD, unix.PERF_EVENT_IOC_SET_OUTPUT, unix.PERF_EVENT_IOC_PAUSE_OUTPUT:
	default:
		return nil, unix.ENOTTY
	}
	return nil, 0
}

// reset sets a counter to zero. What a fixed value would have counted by then cannot be told, so it is counted again.
func (k *Kernel) reset(e *Event) {
	if s := e.spec; s != nil && s.Rate == 0 && len(s.PerCall) == 0 {
		return
	}
	shown, _, _ := k.values(e)
	e.zero += shown
}
