package event

import (
	"cmp"
	"slices"
)

// bundle is events of one PMU that belong together, by their index.
type bundle struct {
	events  []int
	anchors []int // counted in every group that has one of the events, so that ratios to them come from one group
	whole   bool  // the events cannot be divided over several groups
}

// pack puts bundles into as few groups as it finds, each of which fits the room. Bundles that do not fit alone are divided,
// with their anchors in every part; where not even one event fits beside the anchors, it goes without them. An event that
// several bundles name is counted once where they come to stand together. unfit lists the bundles that cannot be counted:
// whole ones that are too large, and events that need a counter which is not there.
func pack(needs []need, bundles []bundle, r room) (groups [][]int, unfit []int) {
	type part struct {
		events []int
		size   int
	}
	var parts []part
	for i, b := range bundles {
		divided, ok := divide(needs, b, r)
		if !ok {
			unfit = append(unfit, i)
			continue
		}
		for _, events := range divided {
			parts = append(parts, part{events, r.generalNeeded(pick(needs, events))})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(len(b.events), len(a.events)))
	})
	for _, p := range parts {
		groups = placeIn(needs, groups, p.events, r)
	}
	return groups, unfit
}

// placeIn adds the events to a group that has them already, else to the first that has room for them, else to a new one.
func placeIn(needs []need, groups [][]int, events []int, r room) [][]int {
	for _, g := range groups {
		if len(union(g, events)) == len(g) {
			return groups
		}
	}
	for i, g := range groups {
		if both := union(g, events); r.fits(pick(needs, both)) {
			groups[i] = both
			return groups
		}
	}
	return append(groups, slices.Clone(events))
}

// divide cuts a bundle into parts that fit.
func divide(needs []need, b bundle, r room) (parts [][]int, ok bool) {
	if all := union(b.anchors, b.events); r.fits(pick(needs, all)) {
		return [][]int{all}, true
	} else if b.whole {
		return nil, false
	}
	var anchors []int // as far as they fit themselves
	for _, a := range b.anchors {
		if more := union(anchors, []int{a}); r.fits(pick(needs, more)) {
			anchors = more
		}
	}
	part := anchors
	for _, e := range b.events {
		if grown := union(part, []int{e}); r.fits(pick(needs, grown)) {
			part = grown
			continue
		}
		if len(part) > len(anchors) {
			parts = append(parts, part)
		}
		part = union(anchors, []int{e})
		if !r.fits(pick(needs, part)) {
			if !r.fits(pick(needs, []int{e})) {
				return nil, false
			}
			parts = append(parts, []int{e})
			part = anchors
		}
	}
	wanted := slices.ContainsFunc(b.events, func(e int) bool { return slices.Contains(anchors, e) })
	if len(part) > len(anchors) || wanted {
		parts = append(parts, part)
	}
	return parts, true
}

// union keeps the order: a, then what b adds.
func union(a, b []int) []int {
	u := slices.Clone(a)
	for _, e := range b {
		if !slices.Contains(u, e) {
			u = append(u, e)
		}
	}
	return u
}

func pick(needs []need, events []int) []need {
	picked := make([]need, len(events))
	for i, e := range events {
		picked[i] = needs[e]
	}
	return picked
}
