//go:build linux && (amd64 || arm64)

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

// supervisor answers the system calls of the program.
type supervisor struct {
	mu       sync.Mutex // held while a call is answered
	kernel   *model.Kernel
	trace    interface{ Encode(any) error }
	listener int
	base     int // first descriptor of fake events
	limit    int // the first beyond
	calls    uprobes
	next     int // to be tried
}

type noTrace struct{}

func (noTrace) Encode(any) error { return nil }

// record is a line of the trace.
type record map[string]any

func (s *supervisor) log(r record) {
	if err := s.trace.Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, "fakepmu: write trace:", err)
	}
}

// serve answers calls until the listener has no process left.
func (s *supervisor) serve() {
	for {
		var n notification
		_, errno := seccompIoctl(s.listener, requestReceive, unsafe.Pointer(&n))
		if errno == unix.EINTR || errno == unix.ENOENT { // the caller was killed meanwhile
			continue
		} else if errno != 0 {
			return
		}
		s.mu.Lock()
		s.calls.turn++
		answer := s.answer(n)
		answer.ID = n.ID
		seccompIoctl(s.listener, requestSend, unsafe.Pointer(&answer))
		s.mu.Unlock()
	}
}

func (s *supervisor) answer(n notification) response {
	if n.Nr == unix.SYS_PERF_EVENT_OPEN {
		return s.answerOpen(n)
	}
	e := s.behind(n.PID, int(int32(n.Args[0])))
	if e == nil {
		return leave()
	}
	switch n.Nr {
	case unix.SYS_READ, unix.SYS_PREAD64:
		return s.answerRead(n, e)
	case unix.SYS_IOCTL:
		return s.answerIoctl(n, e)
	case unix.SYS_CLOSE:
		// A forked child's closing of its copy does not end the event.
		if threadGroup(n.PID) == e.Opener {
			s.kernel.Close(e)
			s.log(record{"call": "close", "id": e.ID})
		}
	}
	return leave()
}

func (s *supervisor) answerRead(n notification, e *model.Event) response {
	b, errno := s.kernel.Read(e, int(n.Args[2]))
	if errno == 0 && writeMemory(n.PID, n.Args[1], b) != nil {
		errno = unix.EFAULT
	}
	values := []uint64{}
	for at := 0; at+8 <= len(b); at += 8 {
		values = append(values, binary.LittleEndian.Uint64(b[at:]))
	}
	s.log(record{"call": "read", "id": e.ID, "pmu": e.PMU, "config": hex(e.Attr.Config), "values": values, "errno": int(errno)})
	if errno != 0 {
		return failWith(errno)
	}
	return response{Value: int64(len(b))}
}

func (s *supervisor) answerIoctl(n notification, e *model.Event) response {
	request := n.Args[1] & 0xffffffff
	reply, errno := s.kernel.Ioctl(e, request, n.Args[2])
	if reply != nil && writeMemory(n.PID, n.Args[2], reply) != nil {
		errno = unix.EFAULT
	}
	s.log(record{"call": "ioctl", "id": e.ID, "op": hex(request), "arg": n.Args[2], "errno": int(errno)})
	if errno != 0 {
		return failWith(errno)
	}
	return response{}
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }
