package event

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/perf/uarch"
)

// kinds are one event of every sort.
var kinds = []need{
	{Counters: uarch.Counters{Kind: uarch.AnyCounter}},
	{Counters: uarch.Counters{Kind: uarch.SomeCounters, Mask: 0b11}},
	{Counters: uarch.Counters{Kind: uarch.SomeCounters, Mask: 0b1}},
	{Counters: uarch.Counters{Kind: uarch.FixedCounter, Fixed: 1}},
	{Counters: uarch.Counters{Kind: uarch.FixedCounter, Fixed: 0}, fixedOnly: true},
	{Counters: uarch.Counters{Kind: uarch.CounterPair}},
	{Counters: uarch.Counters{Kind: uarch.CycleCounter}},
	{Counters: uarch.Counters{Kind: uarch.PerfMetrics}},
}

// tryAll is the independent truth: it tries every assignment of counters, one event after the other.
func tryAll(r room, needs []need, general, fixed []bool) bool {
	if len(needs) == 0 {
		return true
	}
	n, rest := needs[0], needs[1:]
	take := func(from []bool, at ...int) bool {
		for _, i := range at {
			if i >= len(from) || from[i] {
				return false
			}
		}
		for _, i := range at {
			from[i] = true
		}
		ok := tryAll(r, rest, general, fixed)
		for _, i := range at {
			from[i] = false
		}
		return ok
	}
	hasFixed := func(i int) bool { return r.fixed>>i&1 == 1 && take(fixed, i) }
	anyOf := func(ok func(i int) bool) bool {
		for i := range r.general {
			if ok(i) && take(general, i) {
				return true
			}
		}
		return false
	}
	switch n.Kind {
	case uarch.PerfMetrics, uarch.FreeRunning, uarch.OwnCounter:
		return tryAll(r, rest, general, fixed)
	case uarch.CounterPair:
		for i := 0; i < r.general; i += 2 {
			if take(general, i, i+1) {
				return true
			}
		}
		return false
	case uarch.SomeCounters:
		return anyOf(func(i int) bool { return n.Mask>>i&1 == 1 })
	case uarch.FixedCounter:
		return hasFixed(n.Fixed) || !n.fixedOnly && anyOf(func(int) bool { return true })
	case uarch.CycleCounter:
		return hasFixed(0) || anyOf(func(int) bool { return true })
	}
	return anyOf(func(int) bool { return true })
}

func possible(r room, needs []need) bool {
	return tryAll(r, needs, make([]bool, r.general), make([]bool, 16))
}

// Every set of up to four events of every sort, on every small PMU.
func TestFitsExhaustively(t *testing.T) {
	n := 0
	for general := range 6 {
		for fixed := range uint64(4) {
			r := room{general: general, fixed: fixed}
			var sets func(needs []need, from, left int)
			sets = func(needs []need, from, left int) {
				if got, want := r.fits(needs), possible(r, needs); got != want {
					t.Fatalf("%+v: fits(%+v) = %t, want %t", r, needs, got, want)
				}
				n++
				if left == 0 {
					return
				}
				for i := from; i < len(kinds); i++ {
					sets(append(slices.Clone(needs), kinds[i]), i, left-1)
				}
			}
			sets(nil, 0, 4)
		}
	}
	if n < 10_000 {
		t.Errorf("only %d sets were tried", n)
	}
}

func TestGeneralNeeded(t *testing.T) {
	r := room{general: 6, fixed: 0b11}
	cycles := need{Counters: uarch.Counters{Kind: uarch.FixedCounter, Fixed: 1}}
	one, pair := kinds[0], kinds[5]
	for _, tt := range []struct {
		needs []need
		want  int
	}{{nil, 0}, {[]need{cycles}, 0}, {[]need{cycles, cycles}, 1}, {[]need{one, cycles, one}, 2}, {[]need{pair, pair}, 4}, {[]need{pair, one}, 3}, {[]need{one, one, one, one, one, one, one}, 6}} {
		if got := r.generalNeeded(tt.needs); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.needs, got, tt.want)
		}
	}
}

// packed checks everything that a packing has to keep, by the independent truth.
func packed(t *testing.T, needs []need, bundles []bundle, r room) (groups [][]int) {
	t.Helper()
	groups, unfit := pack(needs, bundles, r)
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf(format+"\nroom %+v\nneeds %+v\nbundles %+v\ngroups %v, unfit %v", append(args, r, needs, bundles, groups, unfit)...)
	}
	for i, g := range groups {
		if !possible(r, pick(needs, g)) {
			fail("group %v does not fit", g)
		}
		if u := union(nil, g); len(u) != len(g) {
			fail("group %v counts an event twice", g)
		}
		for _, h := range groups[:i] {
			if possible(r, pick(needs, union(h, g))) {
				fail("groups %v and %v fit together", h, g)
			}
		}
	}
	contains := func(g, events []int) bool { return len(union(g, events)) == len(g) }
	for i, b := range bundles {
		everything := union(b.anchors, b.events)
		if slices.Contains(unfit, i) {
			alone := !slices.ContainsFunc(b.events, func(e int) bool { return !possible(r, pick(needs, []int{e})) })
			if b.whole && possible(r, pick(needs, everything)) || !b.whole && alone {
				fail("bundle %v fits, but was given up", b)
			}
			continue
		}
		if possible(r, pick(needs, everything)) || b.whole {
			if !slices.ContainsFunc(groups, func(g []int) bool { return contains(g, everything) }) {
				fail("bundle %v fits one group, but is in none", b)
			}
			continue
		}
		for _, e := range b.events {
			with := union(b.anchors, []int{e})
			if !possible(r, pick(needs, with)) {
				with = []int{e}
			}
			if !slices.ContainsFunc(groups, func(g []int) bool { return contains(g, with) }) {
				fail("event %d of bundle %v is in no group with its anchors", e, b)
			}
		}
	}
	return groups
}

func TestPackProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	divided, several := 0, 0
	for range 20_000 {
		r := room{general: 1 + rng.IntN(6), fixed: rng.Uint64N(4)}
		needs := make([]need, 1+rng.IntN(10))
		for i := range needs {
			needs[i] = kinds[rng.IntN(len(kinds))]
		}
		some := func(most int) (events []int) {
			for range 1 + rng.IntN(most) {
				events = union(events, []int{rng.IntN(len(needs))})
			}
			return events
		}
		var bundles []bundle
		for range 1 + rng.IntN(4) {
			b := bundle{events: some(6), whole: rng.IntN(4) == 0}
			if rng.IntN(2) == 0 {
				b.anchors = some(2)
			}
			bundles = append(bundles, b)
		}
		groups := packed(t, needs, bundles, r)
		several += boolInt(len(groups) > 1)
		divided += boolInt(len(groups) > len(bundles))
	}
	if several < 1000 || divided < 1000 {
		t.Errorf("only %d packings of several groups, %d with divided bundles: the test tests little", several, divided)
	}
}

// Packings that a person would choose.
func TestPackExamples(t *testing.T) {
	flop := need{Counters: uarch.Counters{Kind: uarch.SomeCounters, Mask: 0xff}}
	inst := need{Counters: uarch.Counters{Kind: uarch.FixedCounter, Fixed: 0}}
	cycles := need{Counters: uarch.Counters{Kind: uarch.FixedCounter, Fixed: 1}}
	eight := []need{cycles, inst, flop, flop, flop, flop, flop, flop, flop, flop}
	flops := bundle{events: []int{2, 3, 4, 5, 6, 7, 8, 9}, anchors: []int{0, 1}}
	amd := []need{kinds[0], kinds[0], kinds[5], kinds[5], kinds[5], kinds[5]}
	pairs := bundle{events: []int{2, 3, 4, 5}, anchors: []int{0, 1}}
	for _, tt := range []struct {
		name   string
		needs  []need
		bundle bundle
		room   room
		groups int
	}{
		{"Ice Lake: eight FLOP events at once", eight, flops, room{general: 8, fixed: 15}, 1},
		{"Skylake with SMT: two groups", eight, flops, room{general: 4, fixed: 7}, 2},
		{"with the NMI watchdog on the cycle counter: three", eight, flops, room{general: 4, fixed: 5}, 3},
		{"four pairs beside cycles and instructions on six counters: two", amd, pairs, room{general: 6}, 2},
		{"on five, with the watchdog: four", amd, pairs, room{general: 5}, 4},
	} {
		if groups := packed(t, tt.needs, []bundle{tt.bundle}, tt.room); len(groups) != tt.groups {
			t.Errorf("%s: %v", tt.name, groups)
		}
	}
}
