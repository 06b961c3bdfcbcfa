//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

// answerOpen answers perf_event_open(attr, pid, cpu, group, flags).
func (s *supervisor) answerOpen(n notification) response {
	attr, errno := readAttr(n)
	if errno != 0 {
		return failWith(errno)
	}
	pid, cpu, group, flags := int(int32(n.Args[1])), int(int32(n.Args[2])), int(int32(n.Args[3])), n.Args[4]
	line := record{
		"call": "perf_event_open", "type": attr.Type, "config": hex(attr.Config), "config1": hex(attr.Config1), "size": attr.Size,
		"read_format": attr.ReadFormat, "bits": hex(attr.Bits), "period": attr.Period, "sample_type": attr.SampleType,
		"pid": pid, "cpu": cpu, "group_fd": group, "flags": flags,
	}
	e, errno := s.open(n.PID, attr, pid, cpu, group)
	fd := -1
	if errno == 0 && e != nil {
		fd, errno = s.place(n, e, flags&unix.PERF_FLAG_FD_CLOEXEC != 0)
		line["id"], line["fd"], line["pmu"], line["known"] = e.ID, fd, e.PMU, e.Known()
		if errno != 0 {
			s.kernel.Close(e)
		}
	}
	line["errno"] = int(errno)
	if errno == 0 && e == nil {
		line["passed"] = true
	}
	s.log(line)
	switch {
	case errno != 0:
		return failWith(errno)
	case e == nil:
		return leave()
	}
	return response{Value: int64(fd)}
}

func readAttr(n notification) (model.Attr, unix.Errno) {
	raw := make([]byte, model.AttrSize)
	if readMemory(n.PID, n.Args[0], raw[:8]) != nil {
		return model.Attr{}, unix.EFAULT
	}
	size, ok := model.SizeOf(raw)
	if !ok {
		return model.Attr{}, unix.E2BIG
	}
	if readMemory(n.PID, n.Args[0], raw[:min(size, len(raw))]) != nil {
		return model.Attr{}, unix.EFAULT
	}
	return model.ParseAttr(raw), 0
}

// open finds the group's leader and asks the model.
func (s *supervisor) open(caller uint32, attr model.Attr, pid, cpu, group int) (*model.Event, unix.Errno) {
	r := model.Request{Attr: attr, Thread: pid, CPU: cpu}
	if pid == 0 {
		r.Thread = int(caller)
	}
	if group >= s.base {
		if r.Leader = s.behind(caller, group); r.Leader == nil {
			return nil, unix.EBADF
		}
	} else if group >= 0 && !attr.Software() {
		return nil, unix.EINVAL // a hardware event behind a leader that the running kernel counts: not modelled
	}
	e, errno := s.kernel.Open(r)
	if e != nil {
		e.Opener = threadGroup(caller)
	}
	return e, errno
}

// place gives the program a descriptor for the event: a memory file whose name carries the event's id, so that forked and
// inherited descriptors are known too, and whose content is the page that the program may map.
func (s *supervisor) place(n notification, e *model.Event, closeOnExec bool) (int, unix.Errno) {
	number := s.freeDescriptor(n.PID)
	if number < 0 {
		return -1, unix.EMFILE
	}
	file, err := unix.MemfdCreate(fmt.Sprintf(eventFile, e.ID), unix.MFD_CLOEXEC)
	if err != nil {
		return -1, unix.ENOMEM
	}
	defer unix.Close(file)
	if unix.Ftruncate(file, mappable) != nil {
		return -1, unix.ENOMEM
	}
	if _, err := unix.Pwrite(file, model.Page(), 0); err != nil {
		return -1, unix.ENOMEM
	}
	add := addDescriptor{ID: n.ID, Flags: flagSetFD, Source: uint32(file), New: uint32(number)}
	if closeOnExec {
		add.NewFlags = unix.O_CLOEXEC
	}
	if _, errno := seccompIoctl(s.listener, requestAddFD, unsafe.Pointer(&add)); errno != 0 {
		fmt.Fprintf(os.Stderr, "fakepmu: place descriptor %d: %v\n", number, errno)
		return -1, unix.EMFILE
	}
	return number, 0
}

// freeDescriptor finds a number that the program does not use. A number is used again as late as possible, so that a
// close that is still under way cannot hit its successor.
func (s *supervisor) freeDescriptor(pid uint32) int {
	for range s.limit - s.base {
		number := max(s.next, s.base)
		s.next = number + 1
		if s.next >= s.limit {
			s.next = s.base
		}
		if _, err := os.Readlink(descriptorPath(pid, number)); os.IsNotExist(err) {
			return number
		}
	}
	return -1
}
