package model

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

const softwarePMU = "software"

// Kernel is the pretended kernel. It is not safe for concurrent use.
type Kernel struct {
	// Calls counts executions of the program's functions, for events with per_call; nil: there is no such means.
	Calls Calls
	// Now is the clock, Alive says whether a process exists, Affinity where a thread may run; tests replace them.
	Now      func() time.Time
	Alive    func(pid int) bool
	Affinity func(thread int) []int

	scenario Scenario
	types    map[uint32]string
	cpus     map[string][]int
	events   map[int]*Event // that are open
	lastID   int
}

// New makes a kernel with the PMUs given.
func New(s Scenario, pmus []Device) *Kernel {
	k := &Kernel{
		Now: time.Now, Alive: alive, Affinity: affinity,
		scenario: s, types: map[uint32]string{}, cpus: map[string][]int{}, events: map[int]*Event{},
	}
	for _, p := range pmus {
		k.types[p.Type], k.cpus[p.Name] = p.Name, p.CPUs
	}
	return k
}

func alive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return err == nil
}

// affinity are the CPUs on which a thread may run; none if that is not known.
func affinity(thread int) []int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(status)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			cpus, _ := ParseCPUs(list)
			return cpus
		}
	}
	return nil
}

// Event is one opened counter.
type Event struct {
	ID     int
	PMU    string
	Attr   Attr // with the raw config of a generic event
	Opener int  // the process that opened it: it ends when that process closes it

	thread, cpu int
	lead        *Event
	members     []*Event // of a leader, itself first
	spec        *EventSpec
	meters      []meter

	on, everOn bool
	since      time.Time
	enabled    time.Duration // in the finished periods
	running    float64       // ns, likewise
	counted    float64       // by meters, likewise
	zero       float64       // subtracted by a reset
}

// Known says whether the scenario gives the event a value.
func (e *Event) Known() bool { return e.spec != nil }

// Event returns the open event of that id, or nil.
func (k *Kernel) Event(id int) *Event { return k.events[id] }

// Close ends an event.
func (k *Kernel) Close(e *Event) {
	k.disable(e)
	for _, m := range e.meters {
		m.calls.Close()
	}
	e.meters = nil
	delete(k.events, e.ID)
}

// refusal is the first error rule that matches.
func (k *Kernel) refusal(pmu string, config uint64, sampling bool) syscall.Errno {
	for _, r := range k.scenario.Errors {
		if (r.PMU == "" || r.PMU == pmu) && (r.Config == "" || number(r.Config) == config) &&
			(!r.Sampling || sampling) && len(k.events) >= r.AfterOpens {
			return errnos[r.Errno]
		}
	}
	return 0
}
