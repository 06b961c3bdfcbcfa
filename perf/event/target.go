package event

import "golang.org/x/sys/unix"

// Target says whose events are counted. Make one with ThisThread, Process or System.
type Target struct {
	kind targetKind
	pid  int // of a process
}

type targetKind int

const (
	targetThread targetKind = iota
	targetProcess
	targetSystem
)

// ThisThread is the calling OS thread, to which the goroutine must be locked until the Counters are closed.
func ThisThread() Target { return Target{kind: targetThread} }

// Process is a process that has not called execve yet, with all threads and processes that it will make: it counts from
// the execve on. The pid must be that of a single-threaded process, or of the thread that will call execve.
func Process(pid int) Target { return Target{kind: targetProcess, pid: pid} }

// System is the machine as a whole: of a pass, only what no task owns (memory controllers, energy). It needs
// perf_event_paranoid ≤ 0 or CAP_PERFMON.
func System() Target { return Target{kind: targetSystem} }

// places is where a set's events have to be opened; none if the target does not count this set.
func (t Target) places(s *Set) (on []place) {
	switch {
	case s.Uncore != (t.kind == targetSystem):
	case t.kind == targetThread:
		on = []place{thisThread}
	case t.kind == targetProcess:
		on = []place{{pid: t.pid, cpu: -1}}
	default:
		for _, c := range s.CPUs {
			on = append(on, place{pid: -1, cpu: c})
		}
	}
	return on
}

// bits are what the target adds to the attr of a group's leader and members.
func (t Target) bits() (leader, member uint64) {
	if t.kind == targetProcess {
		return unix.PerfBitInherit | unix.PerfBitEnableOnExec, unix.PerfBitInherit
	}
	return 0, 0
}
