package event

import (
	"runtime"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// proveZeros turns counts of 0 into missing ones where nothing shows that the events work: they open and count nothing even
// for known work. Parts are believed with the whole.
func (t *Tally) proveZeros(counts map[perf.Quantity]perf.Count) {
	for q := range counts {
		if wholeOf(q) == "" {
			t.proveZero(q, counts)
		}
	}
	for q, c := range counts {
		whole := wholeOf(q)
		if whole == "" || c.Quality == perf.Missing || c.Value != 0 {
			continue
		}
		if w, ok := counts[whole]; !ok || w.Quality == perf.Missing {
			t.proveZero(q, counts)
		}
	}
	if c := counts[perf.AMXBusy]; c.Value == 0 { // no work that is known here would tell
		delete(counts, perf.AMXBusy)
	}
}

// wholeOf is the quantity of which q is a part, so that it may well be 0 while the whole is not.
func wholeOf(q perf.Quantity) perf.Quantity {
	switch {
	case strings.HasPrefix(string(q), string(perf.FLOPs)+"."), strings.HasPrefix(string(q), "fpuops."):
		return perf.FLOPs
	case q != perf.SlotsRetiring && slices.Contains(topDown, q):
		return perf.SlotsRetiring
	}
	return ""
}

func (t *Tally) proveZero(q perf.Quantity, counts map[perf.Quantity]perf.Count) {
	c := counts[q]
	if c.Quality == perf.Missing || q.OfSystem() || q == perf.AMXBusy {
		return
	}
	dead := func(x chosen) {
		counts[q] = perf.NotCounted(c.Source, t.amount(x).names+": the event opens but counts nothing, not even for known work")
	}
	for _, x := range t.plan.chosen[q] {
		switch {
		case x.why != "":
		case c.Value == 0 && (x.recipe.always || !t.plan.countsKnownWork(x)):
			dead(x)
			return
		case c.Value > 0 && x.recipe.weight != perFLOPs:
			for _, part := range t.zeroParts(x) {
				if !t.plan.countsKnownWork(part) {
					dead(part)
					return
				}
			}
		}
	}
}

// zeroParts are the summands of traffic that read 0 beside others that did not: half of a level's traffic must not pass for
// all of it. Memory channels may have no module, and prefetchers nothing to do.
func (t *Tally) zeroParts(x chosen) (parts []chosen) {
	if x.recipe.weight != perLine && x.recipe.weight != perWorth {
		return nil
	}
	for _, role := range x.recipe.roles {
		if strings.HasSuffix(role, "*") || strings.HasPrefix(role, "l2.pf.") {
			continue
		}
		part := x
		part.recipe.roles, part.recipe.unseen = []string{role}, nil
		part.events = x.unit.finds(role)
		if a := t.amount(part); a.why == "" && a.raw == 0 && a.share > 0 {
			parts = append(parts, part)
		}
	}
	if len(parts) == len(x.recipe.roles) {
		return nil
	}
	return parts
}

// knownWalk is how much memory the known work writes and reads: more than private caches hold.
var knownWalk = 64 << 20

// countsKnownWork says whether the events of a recipe count anything while memory is written and read that was in no cache
// and a few operations are done. It is asked only when they read 0: it tells work without misses from a dead event.
func (p *Plan) countsKnownWork(x chosen) bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	target := System()
	if x.unit.core {
		target = ThisThread()
		if cpus := x.unit.instances[0].cpus; len(cpus) > 0 {
			defer stay(cpus[0])()
		}
	}
	var names []string
	for _, e := range x.events {
		names = append(names, x.unit.events[e].name)
	}
	pass := p.passOf(x.unit, names)
	c, err := pass.open(p.sys, target)
	if err != nil {
		return false
	}
	defer c.Close()
	mem := make([]byte, knownWalk)
	var s Snapshot
	if c.Start() != nil {
		return false
	}
	for i := 0; i < len(mem); i += lineBytes { // dirty lines, to be written back
		mem[i] = 1
	}
	runtime.KeepAlive(walk(mem))
	runtime.KeepAlive(calculate())
	if c.Stop(&s) != nil {
		return false
	}
	for i, r := range s.readings {
		for k, v := range r.Values {
			role := pass.Sets[c.groups[i].set].Events[k].Role
			if sign, _ := x.recipe.sign(role); sign > 0 && v > 0 && r.Running > 0 {
				return true
			}
		}
	}
	return false
}

// passOf picks the sets of a unit that count at least one of the events.
func (p *Plan) passOf(u *unit, names []string) Pass {
	var pass Pass
	taken := map[string]bool{}
	for _, from := range p.Passes {
		for _, s := range from.Sets {
			if s.unit != u {
				continue
			}
			for _, e := range s.Events {
				key := s.PMU + "/" + e.Name
				for _, n := range names {
					if e.Name == n && !taken[key] {
						taken[key] = true
						only := s
						only.Events = []Event{e}
						if s.Events[0].Role == slots && e.Role != slots {
							only.Events = []Event{s.Events[0], e}
						}
						pass.Sets = append(pass.Sets, only)
					}
				}
			}
		}
	}
	return pass
}

// walk reads one byte of every cache line. It is a function that a probe can see running.
//
//go:noinline
func walk(mem []byte) (sum byte) {
	for i := 0; i < len(mem); i += 64 {
		sum += mem[i]
	}
	return sum
}

// calculate does some floating-point operations in both precisions, as visibly.
//
//go:noinline
func calculate() float64 {
	d, s := 1.0, float32(1)
	for range 1000 {
		d = d*1.0001 + 1e-9
		s = s*1.0001 + 1e-9
	}
	return d + float64(s)
}
