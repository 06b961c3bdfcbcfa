package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is one set-associative cache written as plainly as the definitions of the policies read: the oracle for one level.
type naive struct {
	policy Policy
	ways   int
	set    func(line uint64) uint64
	sets   map[uint64]*naiveSet
}

type naiveSet struct {
	lines []uint64 // by way; 0: empty
	ages  []int    // QLRU
	used  []uint64 // LRU: the most recent last
	trees [][]bool // PLRU: each bit by its place in the tree, root first
	order []int    // PLRU: trees, most recent first
}

func (n *naive) at(line uint64) *naiveSet {
	i := n.set(line)
	s := n.sets[i]
	if s == nil {
		s = &naiveSet{lines: make([]uint64, n.ways), ages: slices.Repeat([]int{3}, n.ways)}
		leaves := n.leaves()
		for t := range n.ways / leaves {
			s.trees = append(s.trees, make([]bool, leaves))
			s.order = append(s.order, t)
		}
		n.sets[i] = s
	}
	return s
}

// leaves is the highest power of two that divides the ways.
func (n *naive) leaves() int {
	l := 1
	for n.ways%(2*l) == 0 {
		l *= 2
	}
	return l
}

// access returns whether the line hits. Lines are numbered from 1.
func (n *naive) access(line uint64) bool {
	s := n.at(line)
	way := slices.Index(s.lines, line)
	hit := way >= 0
	if !hit {
		way = n.choose(s)
		s.used = slices.DeleteFunc(s.used, func(l uint64) bool { return l == s.lines[way] })
		s.lines[way] = line
	}
	n.used(s, way, hit)
	return hit
}

func (n *naive) choose(s *naiveSet) int {
	if n.policy == QLRUH00M1R2U1 {
		for w := n.ways - 1; w >= 0; w-- {
			if s.lines[w] == 0 {
				return w
			}
		}
	}
	if w := slices.Index(s.lines, 0); w >= 0 {
		return w
	}
	switch n.policy {
	case LRU:
		return slices.Index(s.lines, s.used[0])
	case TreePLRU:
		t, leaves := s.order[len(s.order)-1], n.leaves()
		lo, hi, node := 0, leaves, 0
		for hi-lo > 1 {
			mid := (lo + hi) / 2
			if s.trees[t][node] {
				lo, node = mid, 2*node+2
			} else {
				hi, node = mid, 2*node+1
			}
		}
		return t*leaves + lo
	}
	return max(0, slices.Index(s.ages, 3))
}

func (n *naive) used(s *naiveSet, way int, hit bool) {
	line := s.lines[way]
	s.used = append(slices.DeleteFunc(s.used, func(l uint64) bool { return l == line }), line)
	leaves := n.leaves()
	t := way / leaves
	s.order = append([]int{t}, slices.DeleteFunc(s.order, func(o int) bool { return o == t })...)
	lo, hi, node := 0, leaves, 0
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		right := way%leaves >= mid
		s.trees[t][node] = !right
		if right {
			lo, node = mid, 2*node+2
		} else {
			hi, node = mid, 2*node+1
		}
	}
	switch {
	case !hit:
		n.grow(s, way, 1)
	case n.policy == QLRUH11M1R0U0:
		n.grow(s, way, []int{0, 0, 1, 1}[s.ages[way]])
	default:
		n.grow(s, way, 0)
	}
}

// grow gives a way its age; then all rise, or all others under U1, until one is 3.
func (n *naive) grow(s *naiveSet, way, age int) {
	s.ages[way] = age
	highest := 0
	for w, a := range s.ages {
		if w != way || n.policy == QLRUH11M1R0U0 {
			highest = max(highest, a)
		}
	}
	for w := range s.ages {
		if w != way || n.policy == QLRUH11M1R0U0 {
			s.ages[w] += 3 - highest
		}
	}
}

var allPolicies = []Policy{LRU, TreePLRU, QLRUH11M1R0U0, QLRUH00M1R0U1, QLRUH00M1R2U1}

// TestPoliciesAgainstDefinitions compares each access of random streams with the plain oracle, for all policies, shapes of
// sets and indices.
func TestPoliciesAgainstDefinitions(t *testing.T) {
	for _, p := range allPolicies {
		for _, ways := range []int{1, 2, 3, 4, 6, 8, 11, 12, 15, 16, 20, 24, 32} {
			for _, index := range []Index{Modulo, Hashed} {
				for _, sets := range []int{1, 4, 6, 7} {
					t.Run(fmt.Sprintf("%v/%d/%v/%d", p, ways, index, sets), func(t *testing.T) {
						compare(t, Level{Bytes: int64(64 * ways * sets), Ways: ways, Policy: p, Index: index})
					})
				}
			}
		}
	}
}

func compare(t *testing.T, l Level) {
	t.Helper()
	s := machine(t, Config{Levels: []Level{l}})
	c, k := s.Core(0), s.levels[0][0]
	n := naive{policy: l.Policy, ways: l.Ways, set: k.set, sets: map[uint64]*naiveSet{}}
	r := rand.New(rand.NewPCG(1, uint64(l.Ways)))
	span := uint64(l.Bytes / 64 * 3 / 2)
	misses := uint64(0)
	for i := range 4000 {
		line := 1 + r.Uint64N(span)
		if r.IntN(4) == 0 { // repeat some at once
			line = 1 + uint64(i)%7
		}
		for range 1 + r.IntN(2) {
			if !n.access(line) {
				misses++
			}
			c.Load(line*64+r.Uint64N(57), 8)
			if got := k.arrays[0].misses[load]; got != misses {
				t.Fatalf("access %d, line %d: %d misses, want %d", i, line, got, misses)
			}
		}
	}
	if misses == 0 || misses == 4000 {
		t.Fatalf("%d misses tell nothing", misses)
	}
}

func machine(t testing.TB, c Config) *System {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
