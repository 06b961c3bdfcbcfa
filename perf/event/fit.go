package event

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

// lessons are what the kernel taught when a plan was tried.
type lessons struct {
	refused map[eventKey]string // why an event cannot be counted
	general map[string]int      // by unit: general counters that there really are
	bits    map[string]uint64   // by unit: the exclude bits that the PMU takes
	units   map[string]string   // why no event of the unit can be counted
	nothing string              // why no core's PMU can be used at all
	notes   []string
	shrunk  map[string]string // by unit: that it has less room than expected
}

func newLessons() *lessons {
	return &lessons{refused: map[eventKey]string{}, general: map[string]int{}, bits: map[string]uint64{}, units: map[string]string{}}
}

// fit drafts a plan and opens every set of it once, until nothing is refused any more: an event that the kernel refuses
// alone is left out, a set that is too large makes the next draft's smaller. Every round learns something, so it ends.
func (p planner) fit(m *machine, want []perf.Quantity, o Options, l *lessons) *Plan {
	for {
		plan := m.draft(want, o, l)
		plan.sys, plan.memory = p.sys, p.memory
		p.addSoftware(plan, l)
		if !p.try(plan, l) {
			plan.takeBits(l)
			plan.Notes = append(plan.Notes, l.notes...)
			for _, u := range slices.Sorted(maps.Keys(l.shrunk)) {
				plan.Notes = append(plan.Notes, l.shrunk[u])
			}
			return plan
		}
	}
}

// takeBits has every event opened with the bits that its PMU was found to take.
func (p *Plan) takeBits(l *lessons) {
	for _, pass := range p.Passes {
		for _, s := range pass.Sets {
			if s.unit == nil {
				continue
			}
			if bits, ok := l.bits[s.unit.name]; ok {
				for i := range s.Events {
					s.Events[i].Bits = bits
				}
			}
		}
	}
}

// try opens every set of the plan and says whether it learned anything.
func (p planner) try(plan *Plan, l *lessons) (learned bool) {
	for _, pass := range plan.Passes {
		for i := range pass.Sets {
			if s := &pass.Sets[i]; s.unit != nil && p.trySet(s, l) {
				learned = true
			}
		}
	}
	return learned
}

func (p planner) trySet(s *Set, l *lessons) (learned bool) {
	if l.units[s.unit.name] != "" {
		return false
	}
	if !s.unit.roomNow(l).fits(s.unit.needsOf(s.Events)) {
		return true // another set of this draft taught that it is too large
	}
	if bits, ok := p.memory.fit(s); ok {
		if !s.Uncore {
			l.bits[s.unit.name] = bits
		}
		return false
	}
	target := ThisThread()
	if s.Uncore {
		target = System()
	}
	ran := true
	for _, at := range target.places(s) {
		g := newGroup(p.sys, at)
		for i, e := range s.Events {
			if err := p.addFirst(g, s, e, l); err != nil {
				learned = p.learn(s, i, at, err, l)
				break
			}
		}
		if !learned {
			var runs bool
			runs, learned = p.runs(g, s, l)
			ran = ran && runs
		}
		if err := g.Close(); err != nil || learned {
			return learned
		}
	}
	if ran {
		p.memory.keepFit(s, l.bits[s.unit.name])
	}
	return false
}

// runs lets the opened group count for a moment and learns from one that the kernel never puts on the PMU: it is too large,
// though the kernel took it. The arm64 driver does not notice, and no driver knows of the counter that the NMI watchdog holds.
func (p planner) runs(g *Group, s *Set, l *lessons) (ran, learned bool) {
	var r Reading
	err := errors.Join(g.Enable(), spin(), g.Disable(), g.Read(&r))
	if err != nil {
		l.units[s.unit.name] = "PMU " + s.PMU + ": " + err.Error()
		return false, true
	}
	if r.Running > 0 || len(s.Events) < 2 || s.unit.core && !s.unit.here() {
		return r.Running > 0, false
	}
	return false, s.unit.shrink(s, len(s.Events), "it was never put on the PMU", l)
}

// spin works for a few microseconds.
func spin() error {
	runtime.KeepAlive(walk(make([]byte, 64<<10)))
	return nil
}

// here says whether the calling thread can only be on CPUs of this unit.
func (u *unit) here() bool {
	cpus := u.instances[0].cpus
	mine, err := cpu.ThreadAffinity()
	return len(cpus) == 0 || err == nil && !slices.ContainsFunc(mine, func(c int) bool { return !slices.Contains(cpus, c) })
}

// addFirst adds an event to the group that is tried. A PMU that cannot exclude the hypervisor or the kernel refuses the
// bits that say so; what it takes is found out with its first event.
func (p planner) addFirst(g *Group, s *Set, e Event, l *lessons) error {
	if _, known := l.bits[s.unit.name]; known || s.Uncore {
		if known {
			e.Bits = l.bits[s.unit.name]
		}
		return g.Add(e.attr())
	}
	attr, err := addUser(g, e.attr())
	if err == nil {
		l.bits[s.unit.name] = attr.Bits
		if attr.Bits&unix.PerfBitExcludeKernel == 0 {
			l.notes = append(l.notes, "PMU "+s.PMU+" cannot leave the kernel's work out: it is counted too")
		}
	}
	return err
}

// learn finds out what the refusal of the set's i-th event means: it is refused alone too, or the set is too large.
func (p planner) learn(s *Set, i int, at place, err error, l *lessons) bool {
	e, u := s.Events[i], s.unit
	if s.Uncore && isAny(err, unix.EACCES, unix.EPERM) {
		l.units[u.name] = fmt.Sprintf("%s counts for the whole machine, which needs kernel.perf_event_paranoid ≤ 0 or CAP_PERFMON (%s)", s.PMU, errnoName(err))
		return true
	}
	if isAny(err, unix.EMFILE, unix.ENFILE) {
		l.units[u.name] = whyRefused("the events of "+s.PMU, err)
		return true
	}
	if i == 0 || !p.alone(s, i, at, l) {
		l.refuse(u, e, err)
		return true
	}
	if !u.shrink(s, i, errnoName(err), l) {
		l.refuse(u, e, err)
	}
	return true
}

// refuse notes that an event cannot be counted. If that was known, something else is wrong: the unit is given up.
func (l *lessons) refuse(u *unit, e Event, err error) {
	key := eventKey{u.name, e.Name}
	if l.refused[key] != "" {
		l.units[u.name] = whyRefused(e.Name, err)
	}
	l.refused[key] = whyRefused(e.Name, err)
}

// shrink notes that the unit has no room for more than the first n events of the set, or for fewer than it was taken to
// have. It fails where there is nothing left to take away.
func (u *unit) shrink(s *Set, n int, why string, l *lessons) bool {
	had := u.roomNow(l)
	now := min(had.generalNeeded(u.needsOf(s.Events[:n])), had.general-1)
	if now < 1 {
		return false
	}
	if l.general[u.name] = now; l.shrunk == nil {
		l.shrunk = map[string]string{}
	}
	l.shrunk[u.name] = fmt.Sprintf("PMU %s takes %d general events at a time where %d were expected (%s): it is counted in more groups", s.PMU, now, u.room.general, why)
	return true
}

// alone says whether the set's i-th event can be opened without the others, but for the leader that it may need.
func (p planner) alone(s *Set, i int, at place, l *lessons) bool {
	g := newGroup(p.sys, at)
	defer g.Close()
	if s.Events[0].Role == slots && p.addFirst(g, s, s.Events[0], l) != nil {
		return false
	}
	return p.addFirst(g, s, s.Events[i], l) == nil
}

// roomNow is the unit's room as far as it is known by now.
func (u *unit) roomNow(l *lessons) room {
	r := u.room
	if n, ok := l.general[u.name]; ok {
		r.general = n
	}
	return r
}

func (u *unit) needsOf(events []Event) (needs []need) {
	for _, e := range events {
		for _, c := range u.events {
			if c.name == e.Name {
				needs = append(needs, c.need)
				break
			}
		}
	}
	return needs
}

func (e Event) attr() unix.PerfEventAttr {
	return unix.PerfEventAttr{Type: e.Type, Config: e.Config, Ext1: e.Config1, Ext2: e.Config2, Bits: e.Bits}
}

// addSoftware adds the wanted events of the operating system to the first pass, as far as the kernel allows them.
func (p planner) addSoftware(plan *Plan, l *lessons) {
	set := Set{PMU: softwarePMU}
	for _, e := range softwareSet(plan.want).Events {
		q := perf.Quantity(e.Role)
		key := eventKey{softwarePMU, e.Name}
		if _, tried := l.refused[key]; !tried {
			g := newGroup(p.sys, thisThread)
			l.refused[key] = ""
			if err := g.Add(e.attr()); err != nil {
				l.refused[key] = whyRefused(e.Name, err)
			}
			_ = g.Close()
		}
		if why := l.refused[key]; why != "" {
			plan.missing[q] = why
			continue
		}
		set.Events = append(set.Events, e)
	}
	for _, q := range plan.want {
		if q.OfSystem() && plan.missing[q] == "" && !slices.ContainsFunc(set.Events, func(e Event) bool { return e.Role == string(q) }) {
			plan.missing[q] = "no event of the kernel counts it"
		}
	}
	if len(set.Events) == 0 {
		return
	}
	if len(plan.Passes) == 0 {
		plan.Passes = []Pass{{}}
	}
	plan.Passes[0].Sets = append(plan.Passes[0].Sets, set)
}

// errnoName is e.g. EINVAL.
func errnoName(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	return err.Error()
}
