package event

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/roofline-go/roofline/perf"
)

// Plan says with which events the wanted quantities are counted, in how many passes, and which of them cannot be counted
// and why. Its passes are plain data: another process can open them.
type Plan struct {
	Passes []Pass
	Notes  []string // what a user should know of how it is counted, e.g. that a group had to be split
	Busy   bool     // what is counted is running: no known work may run beside it

	want    []perf.Quantity
	missing map[perf.Quantity]string // wanted, but no pass counts it
	chosen  map[perf.Quantity][]chosen
	machine *machine
	groups  int // packed so far
	sys     kernel
	memory  *memory
}

// Pass is what is counted at the same time. Without multiplexing every set of a pass fits on its PMU.
type Pass struct {
	Sets []Set `json:"sets"`
}

// Set is the events of one PMU that are counted as one group.
type Set struct {
	PMU    string  `json:"pmu"`              // its directory in sysfs
	Uncore bool    `json:"uncore,omitempty"` // counts for the machine, not for a task; target System opens it
	CPUs   []int   `json:"cpus,omitempty"`   // of the core type; of an uncore PMU, the CPUs to open it on; nil: any
	Events []Event `json:"events"`

	unit  *unit
	group int // number of the packed group: the sets of all instances have the same
}

// Event is one event as the kernel takes it.
type Event struct {
	Name    string `json:"name"` // the vendor's name, or perf's
	Role    string `json:"role"` // what it is used for, as in package uarch
	Type    uint32 `json:"type"`
	Config  uint64 `json:"config"`
	Config1 uint64 `json:"config1,omitempty"`
	Config2 uint64 `json:"config2,omitempty"`
	Bits    uint64 `json:"bits,omitempty"` // exclude_*
}

// Options say how to plan.
type Options struct {
	Uarch   string // microarchitecture key; "": found out
	OnePass bool   // count everything in one pass and let the kernel multiplex
}

// NewPlan finds out how to count the wanted quantities on this machine, and what else can be counted beside them. It opens
// every pass once for the calling thread, to which the goroutine must be locked, so that what the kernel refuses is known
// before anything is counted. A plan without passes has a reason for every quantity; the error is for an unknown Uarch, a
// *uarch.UnknownError.
func NewPlan(want []perf.Quantity, o Options) (*Plan, error) {
	return planner{sys: linux{}, root: os.DirFS("/"), available: Available, memory: remembered}.plan(want, o)
}

// planner makes plans; tests replace the machine.
type planner struct {
	sys       kernel
	root      fs.FS // "/"
	available func() (ok bool, reason, cure string)
	memory    *memory // nil: forget
}

func (p planner) plan(want []perf.Quantity, o Options) (*Plan, error) {
	m, err := findMachine(p.root, o.Uarch)
	if err != nil {
		return nil, err
	}
	if p.memory == nil {
		p.memory = newMemory()
	}
	l := newLessons()
	if ok, reason, _ := p.available(); !ok {
		for _, u := range m.cores {
			l.units[u.name] = reason
		}
		l.nothing = reason
	}
	return p.fit(m, want, o, l), nil
}

// Missing says why no pass counts q; "" if one does, or if q was not wanted.
func (p *Plan) Missing(q perf.Quantity) string { return p.missing[q] }

// Open opens the events of a pass for the target, disabled.
func (p *Plan) Open(pass int, t Target) (*Counters, error) {
	if pass < 0 || pass >= len(p.Passes) {
		return nil, fmt.Errorf("open pass %d of a plan with %d", pass, len(p.Passes))
	}
	return p.Passes[pass].open(p.sys, t)
}
