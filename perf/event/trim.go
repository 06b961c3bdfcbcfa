package event

import (
	"fmt"
	"slices"
)

// trim makes what is counted in one pass on a unit small enough: details only where they need no group of their own, and at
// most mostGroups in all. With more, quantities are left out, from the last: another recipe with fewer events would be
// another definition.
//
// Where there are several types of core each has a single group: its running share is then the time on its cores, which
// multiplexing could not be told from.
func (p *Plan) trim(u *unit, list []chosen, needs []need, r room, l *lessons) {
	most := mostGroups
	tooMany := fmt.Sprintf("left out of the single pass: with it the events on %s would take so many turns that each counts less than %.0f %% of the time", u.name, 100*leastShare)
	if u.core && len(p.machine.cores) > 1 {
		most = 1
		tooMany = fmt.Sprintf("left out of the single pass: %s has no counter left for it, and turns could not be told from the time on other cores", u.name)
	}
	groups := func(of []chosen) int {
		g, _ := pack(needs, u.bundles(of, l), r)
		return len(g)
	}
	wanted := slices.DeleteFunc(slices.Clone(list), func(c chosen) bool { return p.optional(c) })
	limit := min(max(groups(wanted), 1), most)
	var details []int
	for i, c := range list {
		if c.why == "" && p.optional(c) {
			details = append(details, i)
			list[i].why = "left out of the single pass: it would need a further group of events"
		}
	}
	var left []int
	for i := len(list) - 1; i >= 0 && groups(list) > limit; i-- {
		if list[i].why == "" && list[i].recipe.weight != perFLOPs {
			list[i].why = tooMany
			left = append([]int{i}, left...)
		}
	}
	for _, i := range append(left, details...) { // what there is room for after all
		why := list[i].why
		if list[i].why = ""; groups(list) > limit {
			list[i].why = why
		}
	}
}

// optional says whether the quantity is a detail that nobody asked for.
func (p *Plan) optional(c chosen) bool {
	return c.recipe.detail && !slices.Contains(p.want, c.recipe.quantity)
}
