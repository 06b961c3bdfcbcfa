//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

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
	return withMemory(pid, func(f *os.File) error { _, err := f.ReadAt(b, int64(at)); return err })
}

func writeMemory(pid uint32, at uint64, b []byte) error {
	return withMemory(pid, func(f *os.File) error { _, err := f.WriteAt(b, int64(at)); return err })
}

func withMemory(pid uint32, f func(*os.File) error) error {
	file, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(file)
}
