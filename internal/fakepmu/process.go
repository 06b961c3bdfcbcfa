//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

const (
	eventFile = "fakepmu-%d" // name of an event's memory file
	mappable  = 1 << 20      // bytes a program may map of it
)

func descriptorPath(pid uint32, fd int) string { return fmt.Sprintf("/proc/%d/fd/%d", pid, fd) }

// behind finds the event behind a descriptor of a process; nil if it is another file.
func (s *supervisor) behind(pid uint32, fd int) *model.Event {
	link, err := os.Readlink(descriptorPath(pid, fd))
	if err != nil {
		return nil
	}
	var id int
	if _, err := fmt.Sscanf(link, "/memfd:"+eventFile+" ", &id); err != nil {
		return nil
	}
	return s.kernel.Event(id)
}

// threadGroup is the process a thread belongs to.
func threadGroup(thread uint32) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "Tgid:"); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				return n
			}
		}
	}
	return int(thread)
}

func readMemory(pid uint32, at uint64, b []byte) error {
	n, err := unix.ProcessVMReadv(int(pid), local(b), remote(at, b), 0)
	return whole(n, b, err)
}

func writeMemory(pid uint32, at uint64, b []byte) error {
	n, err := unix.ProcessVMWritev(int(pid), local(b), remote(at, b), 0)
	return whole(n, b, err)
}

func local(b []byte) []unix.Iovec {
	v := unix.Iovec{Base: unsafe.SliceData(b)}
	v.SetLen(len(b))
	return []unix.Iovec{v}
}

func remote(at uint64, b []byte) []unix.RemoteIovec {
	return []unix.RemoteIovec{{Base: uintptr(at), Len: len(b)}}
}

func whole(n int, b []byte, err error) error {
	if err == nil && n < len(b) {
		return unix.EFAULT
	}
	return err
}
