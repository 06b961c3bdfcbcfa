package event

import (
	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Target says whose events are counted. Make one with ThisThread, Process, OnCPU, Cgroup or System.
type Target struct {
	kind targetKind
	id   int   // pid, CPU or descriptor
	cpus []int // for a cgroup
}

type targetKind int

const (
	targetThread targetKind = iota
	targetProcess
	targetCPU
	targetCgroup
	targetSystem
)

// ThisThread is the calling OS thread, to which the goroutine must be locked until the Counters are closed.
func ThisThread() Target { return Target{kind: targetThread} }

// Process is a process that has not called execve yet, with all threads and processes that it will make: it counts from
// the execve on. The pid must be that of a single-threaded process, or of the thread that will call execve.
func Process(pid int) Target { return Target{kind: targetProcess, id: pid} }

// OnCPU is everything that runs on one CPU. It needs perf_event_paranoid ≤ 0 or CAP_PERFMON.
func OnCPU(cpu int) Target { return Target{kind: targetCPU, id: cpu} }

// Cgroup is everything in a control group on the CPUs given (all that may run it), by a descriptor of its directory:
// /sys/fs/cgroup/NAME in version 2, the perf_event hierarchy in version 1. It needs perf_event_paranoid ≤ 0 or CAP_PERFMON.
func Cgroup(fd int, cpus []int) Target { return Target{kind: targetCgroup, id: fd, cpus: cpus} }

// System is the machine as a whole: of a pass, only what no task owns (memory controllers, energy). It needs
// perf_event_paranoid ≤ 0 or CAP_PERFMON.
func System() Target { return Target{kind: targetSystem} }

// places is where a set's events have to be opened; none if the target does not count this set.
func (t Target) places(s *Set) []place {
	if s.Uncore != (t.kind == targetSystem) {
		return nil
	}
	var on []place
	switch t.kind {
	case targetThread:
		on = []place{thisThread}
	case targetProcess:
		on = []place{{pid: t.id, cpu: -1}}
	case targetCPU:
		on = []place{{pid: -1, cpu: t.id}}
	case targetCgroup:
		for _, c := range t.cpus {
			on = append(on, place{pid: t.id, cpu: c, flags: unix.PERF_FLAG_PID_CGROUP})
		}
	case targetSystem:
		for _, c := range s.CPUs {
			on = append(on, place{pid: -1, cpu: c})
		}
		return on
	}
	if len(s.CPUs) > 0 && on[0].cpu >= 0 { // a PMU of one core type knows nothing of the others' CPUs
		return within(on, s.CPUs)
	}
	return on
}

func within(on []place, cpus []int) []place {
	var kept []place
	for _, p := range on {
		for _, c := range cpus {
			if p.cpu == c {
				kept = append(kept, p)
			}
		}
	}
	return kept
}

// bits are what the target adds to the attr of a group's leader and members.
func (t Target) bits() (leader, member uint64) {
	if t.kind == targetProcess {
		return unix.PerfBitInherit | unix.PerfBitEnableOnExec, unix.PerfBitInherit
	}
	return 0, 0
}

// AllCPUs is the list to count a cgroup on: every CPU that this process may use.
func AllCPUs() ([]int, error) { return cpu.Affinity() }
