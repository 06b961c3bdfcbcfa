package command

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Ending is how a run ended and what the kernel says of it.
type Ending struct {
	Status  Status
	Elapsed time.Duration // from before the fork to the end
	Usage   Usage
}

// Status is an exit code, or the signal that killed the command.
type Status struct {
	Exit   int            // 0 to 255; meaningless with a signal
	Signal syscall.Signal // 0: it exited by itself
	Core   bool           // it left a core dump
}

func statusOf(ws unix.WaitStatus) Status {
	if ws.Signaled() {
		return Status{Signal: ws.Signal(), Core: ws.CoreDump()}
	}
	return Status{Exit: ws.ExitStatus()}
}

// Code is the exit code to pass on: the command's own, or 128 and the number of the signal, as in shells.
func (s Status) Code() int {
	if s.Signal != 0 {
		return 128 + int(s.Signal)
	}
	return s.Exit
}

// String says it in words, e.g. "exited with code 3", "was killed by SIGSEGV (signal 11, core dumped)".
func (s Status) String() string {
	if s.Signal == 0 {
		return fmt.Sprintf("exited with code %d", s.Exit)
	}
	core := ""
	if s.Core {
		core = ", core dumped"
	}
	name := unix.SignalName(s.Signal)
	if name == "" {
		name = "a signal"
	}
	return fmt.Sprintf("was killed by %s (signal %d%s)", name, int(s.Signal), core)
}

// Usage is the resource usage of the command and of all descendants that were waited for.
type Usage struct {
	User, System           time.Duration
	PeakRSS                int64 // bytes, of the largest process; see Floor
	MinorFaults            int64
	MajorFaults            int64
	Voluntary, Involuntary int64 // context switches
}

func usageOf(u *unix.Rusage) Usage {
	return Usage{
		User: time.Duration(u.Utime.Nano()), System: time.Duration(u.Stime.Nano()), PeakRSS: u.Maxrss << 10, // Linux counts in KiB
		MinorFaults: u.Minflt, MajorFaults: u.Majflt, Voluntary: u.Nvcsw, Involuntary: u.Nivcsw,
	}
}

// Floor is the least PeakRSS that the kernel would report for a command started now, in bytes: a process begins as a
// copy of its parent, whose resident memory counts until the execve. Below or at the floor the command's own peak is unknown.
func Floor() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10
}
