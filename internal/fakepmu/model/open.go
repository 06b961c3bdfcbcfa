package model

import (
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// Request is one call of perf_event_open.
type Request struct {
	Attr   Attr
	Thread int // that is counted; -1: a CPU
	CPU    int // -1: any
	Leader *Event
}

// Open decides one perf_event_open. A nil event without errno means that the running kernel is to answer.
func (k *Kernel) Open(r Request) (*Event, syscall.Errno) {
	pmu, config, errno := k.resolve(r.Attr, r.Leader == nil)
	if errno != 0 || pmu == "" {
		return nil, errno
	}
	if errno := k.refusal(pmu, config, r.Attr.sampling()); errno != 0 {
		return nil, errno
	}
	for _, check := range []func(Request, string) syscall.Errno{k.permission, k.target, k.placement, inGroup} {
		if errno := check(r, pmu); errno != 0 {
			return nil, errno
		}
	}
	if k.topdownMetric(pmu, config) && (r.Leader == nil || r.Leader.Attr.Config != topdownSlots) {
		return nil, unix.EINVAL
	}
	e := &Event{PMU: pmu, Attr: r.Attr, thread: r.Thread, cpu: r.CPU, lead: r.Leader}
	e.Attr.Config = config
	if e.lead == nil {
		e.lead, e.members = e, []*Event{e}
	} else if n := k.scenario.PMUs[pmu].GP; n > 0 && k.need(append(slices.Clone(e.lead.members), e)) > n {
		return nil, unix.EINVAL // the group could never be scheduled
	}
	if errno := k.assign(e); errno != 0 {
		return nil, errno
	}
	k.lastID++
	e.ID = k.lastID
	if e.lead != e {
		e.lead.members = append(e.lead.members, e)
	}
	k.events[e.ID] = e
	if !r.Attr.has(unix.PerfBitDisabled) || r.Attr.has(unix.PerfBitEnableOnExec) { // the exec is taken to be now
		k.enable(e)
	}
	return e, 0
}

// permission is the kernel's check of perf_event_paranoid.
func (k *Kernel) permission(r Request, pmu string) syscall.Errno {
	level := k.scenario.Paranoid
	switch {
	case k.scenario.Privileged || pmu == softwarePMU:
	case level > 2, level > 1 && !r.Attr.has(unix.PerfBitExcludeKernel), level > 0 && r.Thread == -1:
		return unix.EACCES
	}
	return 0
}

// target checks whose events are to be counted.
func (k *Kernel) target(r Request, _ string) syscall.Errno {
	switch {
	case r.Thread == -1 && r.CPU == -1, k.scenario.CPUs > 0 && r.CPU >= k.scenario.CPUs:
		return unix.EINVAL
	case r.Thread > 0 && !k.Alive(r.Thread):
		return unix.ESRCH
	case r.Attr.has(unix.PerfBitInherit) && r.Attr.SampleType&unix.PERF_SAMPLE_READ != 0:
		return unix.EINVAL
	}
	return 0
}

// placement checks what an uncore PMU demands, and the CPUs of a hybrid processor's PMU.
func (k *Kernel) placement(r Request, pmu string) syscall.Errno {
	if k.scenario.PMUs[pmu].Uncore {
		if r.Thread != -1 || r.CPU < 0 || r.Attr.sampling() || r.Attr.has(unix.PerfBitExcludeUser) || r.Attr.has(unix.PerfBitExcludeKernel) {
			return unix.EINVAL
		}
		return 0
	}
	if on := k.cpus[pmu]; on != nil && r.CPU >= 0 && !slices.Contains(on, r.CPU) {
		return unix.ENOENT
	}
	return 0
}

// inGroup checks that a group has one leader, one context and one hardware PMU.
func inGroup(r Request, pmu string) syscall.Errno {
	lead := r.Leader
	if lead == nil {
		return 0
	}
	if lead.lead != lead || lead.cpu != r.CPU || lead.thread != r.Thread {
		return unix.EINVAL
	}
	if lead.PMU != pmu && pmu != softwarePMU && lead.PMU != softwarePMU {
		return unix.EINVAL
	}
	return 0
}

// assign finds what the event counts.
func (k *Kernel) assign(e *Event) syscall.Errno {
	for i := range k.scenario.Events {
		s := &k.scenario.Events[i]
		if s.PMU != e.PMU || number(s.Config) != e.Attr.Config || s.Config1 != "" && number(s.Config1) != e.Attr.Config1 {
			continue
		}
		if s.First && s.assigned {
			return 0
		}
		s.assigned, e.spec = true, s
		return k.attachMeters(e)
	}
	if unknown := k.scenario.Unknown; e.PMU != softwarePMU && unknown != "" && unknown != "zero" {
		return errnos[unknown]
	}
	return 0
}
