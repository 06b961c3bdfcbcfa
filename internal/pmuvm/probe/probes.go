//go:build linux && (amd64 || arm64)

package main

import (
	"math"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/pmuvm/loop"
)

// exact counts the instructions of loops of known length.
func exact() {
	for _, n := range []uint64{1, 1, 1000, 100_000, 3_000_000} {
		g, err := open(instructions, group, userOnly, self)
		if err != nil {
			print(Result{Probe: "exact", Error: text(err)})
			return
		}
		measured(g, n)
		v := read(g)
		print(Result{Probe: "exact", N: n, Count: v.counts[0], Enabled: v.enabled, Running: v.running})
		unix.Close(g)
	}
}

// multiplex counts instructions with k events at a time, each a group of its own, and compares the scaled counts with
// the loop's length.
func multiplex() {
	for _, k := range []int{1, 6, 8, 12} {
		var fds []int
		for range k {
			fd, err := open(instructions, single, userOnly, self)
			if err != nil {
				print(Result{Probe: "multiplex", Events: k, Error: text(err)})
				return
			}
			fds = append(fds, fd)
		}
		for _, fd := range fds {
			ioctl(fd, unix.PERF_EVENT_IOC_ENABLE)
		}
		n := uint64(0)
		for begin := time.Now(); time.Since(begin) < 200*time.Millisecond; n += 200_000 {
			loop.Turn(200_000)
		}
		for _, fd := range fds {
			ioctl(fd, unix.PERF_EVENT_IOC_DISABLE)
		}
		r := Result{Probe: "multiplex", Events: k, N: n}
		for _, fd := range fds {
			v := read(fd)
			scaled := float64(v.counts[0]) * float64(v.enabled) / float64(v.running)
			r.Worst = max(r.Worst, math.Abs(scaled/float64(2*n)-1))
			r.Count, r.Enabled, r.Running = v.counts[0], v.enabled, v.running
			unix.Close(fd)
		}
		print(r)
	}
}

// limits finds the largest group that opens, and what the group then counts.
func limits() {
	for _, bits := range []uint64{userOnly, userOnly &^ unix.PerfBitDisabled} {
		lead, err := open(instructions, group, userOnly, self)
		fds := []int{lead}
		for err == nil && len(fds) < 24 {
			var fd int
			if fd, err = open(instructions, group, bits, target{cpu: -1, lead: lead}); err == nil {
				fds = append(fds, fd)
			}
		}
		measured(lead, 1_000_000)
		v := read(lead)
		name := "limits, members disabled"
		if bits&unix.PerfBitDisabled == 0 {
			name = "limits, members enabled"
		}
		print(Result{Probe: name, Events: len(fds), Error: text(err), Count: v.counts[0], Enabled: v.enabled, Running: v.running})
		for _, fd := range fds {
			unix.Close(fd)
		}
	}
}

// silent opens events that the emulated PMU does not have.
func silent() {
	for _, config := range []uint64{0x03, 0x17, 0x37, 0xffff} {
		fd, err := open(event{unix.PERF_TYPE_RAW, config}, single, userOnly, self)
		if err != nil {
			print(Result{Probe: "silent", Config: config, Error: text(err)})
			continue
		}
		measured(fd, 1_000_000)
		v := read(fd)
		print(Result{Probe: "silent", Config: config, Count: v.counts[0], Enabled: v.enabled, Running: v.running})
		unix.Close(fd)
	}
}

// permissions tries what the levels of perf_event_paranoid tell apart.
func permissions() {
	b, err := os.ReadFile("/proc/sys/kernel/perf_event_paranoid")
	if err != nil {
		print(Result{Probe: "permissions", Error: err.Error()})
		return
	}
	for _, try := range []struct {
		name string
		bits uint64
		at   target
	}{
		{"user mode", userOnly, self},
		{"kernel mode", unix.PerfBitDisabled, self},
		{"whole CPU", unix.PerfBitDisabled, target{pid: -1, cpu: 0, lead: -1}},
	} {
		fd, err := open(instructions, single, try.bits, try.at)
		print(Result{Probe: try.name, Paranoid: strings.TrimSpace(string(b)), Error: text(err)})
		if err == nil {
			unix.Close(fd)
		}
	}
}
