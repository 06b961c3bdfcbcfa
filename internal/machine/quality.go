package machine

import (
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

// Limits beyond which an environment counts as disturbed.
const (
	maxBusyCPUs   = 0.25  // CPUs' worth of other load at the start
	maxSibling    = 0.05  // busy share of the other threads of the cores used
	maxStealShare = 0.005 // as fine as the half-width that samples are taken to
)

// facts is what the checks judge.
type facts struct {
	env      roofline.Environment
	vm       string
	cpus     []int   // that this process may use
	pinErr   error   // of pinning a thread
	busy     float64 // CPUs' worth of other load; -1: unknown
	siblings []int   // CPUs beside ours on our cores
	sibling  float64 // busy share of the siblings; -1: unknown

	interruptions      *roofline.Interruptions // nil: not known
	whyNoInterruptions string
}

// judge returns the checks that can be made before a measurement.
func judge(f facts) []roofline.Check {
	return []roofline.Check{
		checkPinning(f), checkGovernor(f), checkSMT(f), checkLoad(f), checkQuota(f), checkTHP(f), checkInterruptions(f),
	}
}

func ok(name, format string, args ...any) roofline.Check {
	return roofline.Check{Name: name, OK: true, Text: fmt.Sprintf(format, args...)}
}

func unfit(name, cure, format string, args ...any) roofline.Check {
	return roofline.Check{Name: name, Text: fmt.Sprintf(format, args...), Cure: cure}
}

func checkPinning(f facts) roofline.Check {
	if f.pinErr != nil {
		return unfit("pinning", "allow sched_setaffinity for this process", "threads cannot be pinned: %v", f.pinErr)
	}
	return ok("pinning", "threads can be pinned to %s", cpuList(f.cpus))
}

func checkGovernor(f facts) roofline.Check {
	switch g := f.env.Governor; {
	case g == "performance":
		return ok("governor", "performance")
	case g == "" && f.vm != "":
		return ok("governor", "not visible in a virtual machine: the host controls the clock")
	case g == "":
		return ok("governor", "no frequency driver: the kernel does not change the clock")
	default:
		return unfit("governor", "sudo cpupower frequency-set -g performance", "%s: the clock may follow the load", g)
	}
}

func checkSMT(f facts) roofline.Check {
	switch {
	case !f.env.SMT && f.vm != "":
		return ok("smt", "one thread per core, as far as the virtual machine shows")
	case !f.env.SMT:
		return ok("smt", "one thread per core")
	case len(f.siblings) == 0:
		return ok("smt", "more than one thread per core; all of them are ours")
	case f.sibling < 0:
		return unfit("smt", "keep the other threads of the cores idle", "cores are shared with %s; how busy is unknown", cpuList(f.siblings))
	case f.sibling > maxSibling:
		return unfit("smt", "keep them idle, or switch SMT off: echo off | sudo tee /sys/devices/system/cpu/smt/control",
			"cores are shared with %s, busy %.0f %% of the time", cpuList(f.siblings), 100*f.sibling)
	}
	return ok("smt", "cores are shared with %s, which are idle", cpuList(f.siblings))
}

func checkLoad(f facts) roofline.Check {
	average := "load average unknown"
	if l := f.env.LoadAverage; l != nil {
		average = fmt.Sprintf("load average %.2f", *l)
	}
	switch {
	case f.busy < 0:
		return unfit("load", "make sure that nothing else runs", "other load is unknown (%s)", average)
	case f.busy > maxBusyCPUs:
		return unfit("load", "stop other programs", "others keep %.1f of %d CPUs busy (%s)", f.busy, max(len(f.cpus), 1), average)
	}
	return ok("load", "others use %.2f of %d CPUs (%s)", f.busy, max(len(f.cpus), 1), average)
}

func checkQuota(f facts) roofline.Check {
	q := f.env.CPUQuota
	switch {
	case q <= 0:
		return ok("quota", "no CPU quota")
	case q >= float64(len(f.cpus)):
		return ok("quota", "the CPU quota of %.3g covers all %d CPUs", q, len(f.cpus))
	}
	return unfit("quota", "lift the container's CPU limit, or measure with fewer threads",
		"a quota of %.3g CPUs interrupts work on %d CPUs", q, len(f.cpus))
}

func checkTHP(f facts) roofline.Check {
	switch f.env.THP {
	case "always", "madvise":
		return ok("huge pages", "transparent huge pages: %s", f.env.THP)
	case "":
		return unfit("huge pages", "use a kernel with CONFIG_TRANSPARENT_HUGEPAGE", "no transparent huge pages: large operands pay for TLB misses")
	}
	return unfit("huge pages", "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
		"transparent huge pages: %s; large operands pay for TLB misses", f.env.THP)
}

// checks are those that can be made only after a measurement.
func (d Disturbance) checks(vm string) []roofline.Check {
	var list []roofline.Check
	switch s := d.StealShare; {
	case s != nil && *s > maxStealShare:
		list = append(list, unfit("steal", "use a dedicated host, or measure when the neighbours are quiet", "the hypervisor took %.1f %% of the CPU time away", 100**s))
	case s != nil:
		list = append(list, ok("steal", "the hypervisor took %.1f %% of the CPU time away", 100**s))
	case vm != "":
		list = append(list, ok("steal", "too short to tell"))
	}
	switch n := d.Throttles; {
	case n > 0:
		list = append(list, unfit("throttling", "improve the cooling, or measure in shorter runs", "the CPU was slowed down by heat %d times", n))
	case n == 0:
		list = append(list, ok("throttling", "the CPU was not slowed down by heat"))
	}
	return list
}

// cpuList words a list of CPUs: "CPU 3", "CPUs 0-3,8".
func cpuList(cpus []int) string {
	if len(cpus) == 0 {
		return "no CPU"
	}
	word := "CPUs "
	if len(cpus) == 1 {
		word = "CPU "
	}
	return word + cpu.FormatList(slices.Sorted(slices.Values(cpus)))
}
