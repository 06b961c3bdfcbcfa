package event

import (
	"fmt"
	"slices"
)

// trim makes what is counted in one pass on a unit small enough: details only where they need no group of their own, and at
// most mostGroups in all. With more, quantities are left out, from the last: another recipe with fewer events would be
// another definition.
func (p *Plan) trim(u *unit, list []chosen, needs []need, r room, l *lessons) {
	groups := func(of []chosen) int {
		g, _ := pack(needs, u.bundles(of, l), r)
		return len(g)
	}
	wanted := slices.DeleteFunc(slices.Clone(list), func(c chosen) bool { return p.optional(c) })
	limit := min(max(groups(wanted), 1), mostGroups)
	var details []int
	for i, c := range list {
		if c.why == "" && p.optional(c) {
			details = append(details, i)
			list[i].why = "left out of the single pass: it would need a further group of events"
		}
	}
	defer func() { // what there is room for after all
		for _, i := range details {
			why := list[i].why
			if list[i].why = ""; groups(list) > limit {
				list[i].why = why
			}
		}
	}()
	for i := len(list) - 1; i >= 0 && groups(list) > limit; i-- {
		if list[i].why == "" && list[i].recipe.weight != perFLOPs {
			list[i].why = fmt.Sprintf("left out of the single pass: %s has counters for so many events at a time that each would count less than %.0f %% of it", u.name, 100*leastShare)
		}
	}
}

// optional says whether the quantity is a detail that nobody asked for.
func (p *Plan) optional(c chosen) bool {
	return c.recipe.detail && !slices.Contains(p.want, c.recipe.quantity)
}
