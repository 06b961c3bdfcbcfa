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
	t.noteLives()
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
	case q != perf.SlotsRetiring && slices.Contains(perf.TopDown, q):
		return perf.SlotsRetiring
	}
	return ""
}

func (t *Tally) proveZero(q perf.Quantity, counts map[perf.Quantity]perf.Count) {
	c := counts[q]
	if c.Quality == perf.Missing || q.OfSystem() || q == perf.AMXBusy {
		return
	}
	missing := func(x chosen, why string) { counts[q] = perf.NotCounted(c.Source, t.amount(x).names+": "+why) }
	for _, x := range t.plan.chosen[q] {
		switch {
		case x.why != "":
		case c.Value == 0:
			if why := t.plan.whyDead(x); why != "" {
				missing(x, why)
				return
			}
		case c.Value > 0 && x.recipe.weight != perFLOPs:
			for _, part := range t.zeroParts(x) {
				if why := t.plan.whyDead(part); why != "" {
					missing(part, why)
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
		if strings.HasSuffix(role, "*") || strings.Contains(role, ".pf.") {
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

// noteLives notes which events have counted something.
func (t *Tally) noteLives() {
	for p, pass := range t.plan.Passes {
		for i, s := range pass.Sets {
			for k, e := range s.Events {
				if t.seen[p][i][k].raw > 0 {
					t.plan.memory.keepLife(e, true)
				}
			}
		}
	}
}

// whyDead says why events that read 0 are not believed: none of those of which the recipe is the sum counts anything while
// memory is written and read that was in no cache and a few operations are done. That tells work without misses from a dead
// event. What is found out of an event holds as long as the process lives.
func (p *Plan) whyDead(x chosen) string {
	const dead = "the event opens but counts nothing, not even for known work"
	if x.recipe.always {
		return dead
	}
	var names []string
	for _, e := range x.events {
		c := x.unit.events[e]
		if sign, _ := x.recipe.sign(c.role); sign > 0 {
			names = append(names, c.name)
		}
	}
	pass := p.passOf(x.unit, names)
	lives, known := p.anyLives(pass, names)
	if !lives && !known {
		if p.Busy {
			return "reads 0, and has not been seen to count yet"
		}
		p.runKnownWork(x.unit, pass)
		lives, _ = p.anyLives(pass, names)
	}
	if lives {
		return ""
	}
	return dead
}

// anyLives says whether one of the named events is known to count; known, whether that is decided.
func (p *Plan) anyLives(pass Pass, names []string) (lives, known bool) {
	known = len(pass.Sets) > 0
	for _, s := range pass.Sets {
		for _, e := range s.Events {
			if slices.Contains(names, e.Name) {
				l, k := p.memory.live(e)
				lives, known = lives || l, known && k
			}
		}
	}
	return lives, known
}

// runKnownWork counts known work and notes which of the pass's events counted. An event that was not put on the PMU tells nothing.
func (p *Plan) runKnownWork(u *unit, pass Pass) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	target := System()
	if u.core {
		target = ThisThread()
		if cpus := u.instances[0].cpus; len(cpus) > 0 {
			defer stay(cpus[0])()
		}
	}
	c, err := pass.open(p.sys, target)
	if err != nil {
		return
	}
	defer c.Close()
	mem := make([]byte, knownWalk)
	var s Snapshot
	if c.Start() != nil {
		return
	}
	for i := 0; i < len(mem); i += lineBytes { // dirty lines, to be written back
		mem[i] = 1
	}
	runtime.KeepAlive(walk(mem))
	runtime.KeepAlive(calculate())
	if c.Stop(&s) != nil {
		return
	}
	for i, r := range s.readings {
		for k, v := range r.Values {
			if r.Running > 0 {
				p.memory.keepLife(pass.Sets[c.groups[i].set].Events[k], v > 0)
			}
		}
	}
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
