package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// amount is how much of a quantity one unit counted.
type amount struct {
	raw    float64 // as counted
	scaled float64 // to the enabled time
	share  float64 // smallest running share of the events, over everybody who counted
	mean   float64 // smallest mean running share
	unseen float64 // what no event sees, at most
	idle   float64 // share of it that was there without the counted work; negative: not known
	why    string  // why it is not known; "" if it is
	names  string  // of the events
}

// amount evaluates a recipe on one unit. Events that were counted in several groups are taken from the group that has all
// of the recipe's, if there is one.
func (t *Tally) amount(c chosen) amount {
	a := amount{share: 1, mean: 1, idle: -1}
	if c.why != "" {
		a.why = c.why
		return a
	}
	var names []string
	var idleRate, rate float64
	common := t.commonGroup(c)
	for _, e := range c.events {
		ev := c.unit.events[e]
		sign, unseen := c.recipe.sign(ev.role)
		if sign == 0 && !unseen {
			continue
		}
		group := common
		if group < 0 {
			group = t.plan.groupsOf(c.unit, ev.name)[0]
		}
		o, ok := t.inGroup(t.seen, c.unit, ev.name, group)
		if !ok {
			a.why = ev.name + ": was not opened"
			return a
		}
		w := c.recipe.weight.of(ev)
		if unseen {
			a.unseen += o.scaled * lineBytes
			continue
		}
		names = append(names, ev.name)
		a.raw += sign * o.raw * w
		a.scaled += sign * o.scaled * w
		a.share = min(a.share, o.least)
		a.mean = min(a.mean, o.running/max(o.enabled, 1))
		if idle, ok := t.inGroup(t.idle, c.unit, ev.name, group); ok && idle.running > 0 && o.running > 0 {
			idleRate += idle.raw / idle.running * w
			rate += o.raw / o.running * w
		}
	}
	if rate > 0 {
		a.idle = idleRate / rate
	}
	a.raw, a.scaled = max(a.raw, 0), max(a.scaled, 0) // a difference may fall below by chance
	a.names = sumOf(names)
	return a
}

// sumOf names the events of a sum, the first few.
func sumOf(names []string) string {
	const most = 3
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, " + ")
}

// sign says how the role goes into the sum: 1, -1, or 0 if not at all; unseen roles bound what is not counted.
func (r recipe) sign(role string) (sign float64, unseen bool) {
	switch {
	case hasRole(r.less, role):
		return -1, false
	case hasRole(r.roles, role):
		return 1, false
	}
	return 0, hasRole(r.unseen, role)
}

func hasRole(roles []string, role string) bool {
	return slices.ContainsFunc(roles, func(r string) bool {
		prefix, open := strings.CutSuffix(r, "*")
		return r == role || open && strings.HasPrefix(role, prefix)
	})
}

// of is the weight of an event's count.
func (w weight) of(c candidate) float64 {
	switch w {
	case perLine:
		return lineBytes
	case perWorth:
		return c.worth
	case perFLOPs:
		return c.flops
	}
	return 1
}

// commonGroup is the first group that counts all events of the recipe; -1 if there is none.
func (t *Tally) commonGroup(c chosen) int {
	var common []int
	for i, e := range c.events {
		groups := t.plan.groupsOf(c.unit, c.unit.events[e].name)
		if i == 0 {
			common = groups
			continue
		}
		common = slices.DeleteFunc(common, func(g int) bool { return !slices.Contains(groups, g) })
	}
	if len(common) == 0 {
		return -1
	}
	return common[0]
}

// neverRan is the reason for an event that was enabled and never counted.
const neverRan = "never got onto the PMU; another profiler or the NMI watchdog may hold its counters"

// judge turns an amount into a count per call, or says why it is none. The value is scaled up where the running share was
// below 1, unless that is too small.
func judge(a amount, source perf.SourceName, calls float64) perf.Count {
	switch {
	case a.why != "":
		return perf.NotCounted(source, a.why)
	case a.share == 0:
		return perf.NotCounted(source, a.names+": "+neverRan)
	case a.share < leastShare:
		return perf.NotCounted(source, fmt.Sprintf("%s: counted only %.0f %% of the time, too little to scale up", a.names, 100*a.share))
	case a.share < 1:
		return perf.Count{Value: a.scaled / calls, Source: source, Quality: perf.Scaled, Running: a.share}
	}
	return perf.Count{Value: a.raw / calls, Source: source, Quality: perf.Exact}
}
