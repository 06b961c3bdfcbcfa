package event

import (
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/perf"
)

// eventKey names an event of a unit.
type eventKey struct{ unit, name string }

// chosen is how a quantity is counted on one unit.
type chosen struct {
	recipe recipe
	unit   *unit
	events []int  // of the unit
	why    string // "" or why it is not counted there; then the rest is empty
}

// mostGroups is how many groups share a PMU at most where everything is counted in one pass: with more, each would count
// less than leastShare of the time.
const mostGroups = 3

// draft chooses recipes for the wanted quantities and the details, and packs their events into passes.
func (m *machine) draft(want []perf.Quantity, o Options, l *lessons) *Plan {
	p := &Plan{want: slices.Clone(want), missing: map[perf.Quantity]string{}, machine: m, chosen: map[perf.Quantity][]chosen{}}
	p.Notes = append(p.Notes, m.notes...)
	for _, u := range m.cores {
		recipes := append(u.flopRecipes(m.flags), recipes...)
		p.add(u, m.choose(u, recipes, onCore, want, l), o, l)
	}
	done := map[perf.Quantity]bool{}
	for q, all := range p.chosen {
		done[q] = slices.ContainsFunc(all, func(c chosen) bool { return c.why == "" })
	}
	for _, u := range m.uncore {
		list := m.choose(u, recipes, onUncore, want, l)
		list = slices.DeleteFunc(list, func(c chosen) bool { return done[c.recipe.quantity] })
		for _, c := range list {
			done[c.recipe.quantity] = done[c.recipe.quantity] || c.why == ""
		}
		p.add(u, list, o, l)
	}
	p.explain(want, l)
	return p
}

// choose picks for every quantity the first recipe that the unit can serve; details that it cannot serve do not appear.
func (m *machine) choose(u *unit, recipes []recipe, at level, want []perf.Quantity, l *lessons) (list []chosen) {
	quantities := slices.Clone(want)
	for _, r := range recipes {
		if !slices.Contains(quantities, r.quantity) {
			quantities = append(quantities, r.quantity)
		}
	}
	for _, q := range quantities {
		c := chosen{unit: u, recipe: recipe{quantity: q}}
		for _, r := range recipes {
			if r.quantity != q || r.level != at {
				continue
			}
			events, ok := u.uses(r)
			if !ok {
				continue
			}
			why := u.whyRefused(events, l)
			if why == "" || c.why == "" {
				c = chosen{recipe: r, unit: u, events: events, why: why}
			}
			if why == "" {
				break
			}
		}
		if c.events != nil {
			list = append(list, c)
		}
	}
	return list
}

// whyRefused says why one of the events cannot be counted.
func (u *unit) whyRefused(events []int, l *lessons) string {
	if why := l.units[u.name]; why != "" {
		return why
	}
	for _, e := range events {
		c := u.events[e]
		if c.broken != "" {
			return c.broken
		}
		if why := l.refused[eventKey{u.name, c.name}]; why != "" {
			return why
		}
	}
	return ""
}

// add packs what was chosen for a unit into the plan's passes.
func (p *Plan) add(u *unit, list []chosen, o Options, l *lessons) {
	r := u.roomNow(l)
	needs := make([]need, len(u.events))
	for i, c := range u.events {
		needs[i] = c.need
	}
	if o.OnePass {
		p.trim(u, list, needs, r, l)
	}
	groups, unfit := pack(needs, u.bundles(list, l), r)
	for i, q := range bundled(list) {
		if slices.Contains(unfit, i) {
			for k := range list {
				if slices.Contains(q, list[k].recipe.quantity) {
					list[k].why = fmt.Sprintf("PMU %s has not the counters that its events need together", u.name)
				}
			}
		}
	}
	for _, c := range list {
		p.chosen[c.recipe.quantity] = append(p.chosen[c.recipe.quantity], c)
	}
	for i, g := range groups {
		p.groups++
		at := i
		if o.OnePass {
			at = 0
		}
		for at >= len(p.Passes) {
			p.Passes = append(p.Passes, Pass{})
		}
		p.Passes[at].Sets = append(p.Passes[at].Sets, u.sets(g, p.groups)...)
	}
}

// bundled groups the quantities whose events belong together: FLOPs of all kinds, instructions with cycles, top-down.
func bundled(list []chosen) (quantities [][]perf.Quantity) {
	var flops, ipc, td []perf.Quantity
	for _, c := range list {
		q := c.recipe.quantity
		switch {
		case c.why != "":
		case c.recipe.weight == perFLOPs:
			flops = append(flops, q)
		case q == perf.Instructions || q == perf.Cycles:
			ipc = append(ipc, q)
		case slices.Contains(perf.TopDown, q):
			td = append(td, q)
		}
	}
	for _, b := range [][]perf.Quantity{flops, ipc, td} {
		if len(b) > 0 {
			quantities = append(quantities, b)
		}
	}
	for _, c := range list {
		q := []perf.Quantity{c.recipe.quantity}
		if c.why == "" && !slices.Contains(flops, q[0]) && !slices.Contains(ipc, q[0]) && !slices.Contains(td, q[0]) {
			quantities = append(quantities, q)
		}
	}
	return quantities
}

// bundles are the events of bundled, in the same order.
func (u *unit) bundles(list []chosen, l *lessons) (all []bundle) {
	for _, quantities := range bundled(list) {
		var b bundle
		for _, c := range list {
			if c.why != "" || !slices.Contains(quantities, c.recipe.quantity) {
				continue
			}
			b.events = union(b.events, c.events)
			b.whole = b.whole || c.recipe.leader != ""
			if c.recipe.weight == perFLOPs {
				b.anchors = u.anchors(l)
			}
		}
		all = append(all, b)
	}
	return all
}

// anchors are what is counted beside FLOPs, as far as the kernel allows.
func (u *unit) anchors(l *lessons) (events []int) {
	for _, role := range anchors {
		for _, e := range u.finds(role) {
			if u.whyRefused([]int{e}, l) == "" {
				events = append(events, e)
			}
		}
	}
	return events
}

// sets makes a group of the unit's events into sets, one per instance. The slots event leads, as the kernel demands.
func (u *unit) sets(group []int, number int) (sets []Set) {
	slices.SortStableFunc(group, func(a, b int) int { return boolInt(u.events[b].role == slots) - boolInt(u.events[a].role == slots) })
	for i, in := range u.instances {
		s := Set{PMU: in.name, Uncore: !u.core, CPUs: in.cpus, unit: u, group: number}
		for _, e := range group {
			s.Events = append(s.Events, u.events[e].on[i])
		}
		sets = append(sets, s)
	}
	return sets
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// explain writes down why wanted quantities are counted nowhere.
func (p *Plan) explain(want []perf.Quantity, l *lessons) {
	for _, q := range want {
		if q.OfSystem() {
			continue
		}
		var whys []string
		served := false
		for _, c := range p.chosen[q] {
			if served = c.why == ""; served {
				break
			}
			whys = append(whys, c.why)
		}
		switch {
		case served:
		case len(whys) > 0:
			p.missing[q] = whys[0]
		case l.nothing != "" && !(servedByUncore(q) && len(p.machine.uncore) > 0):
			p.missing[q] = l.nothing
		default:
			p.missing[q] = p.machine.whyNot(q)
		}
	}
}
