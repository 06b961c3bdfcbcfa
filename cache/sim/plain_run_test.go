package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestAgainstPlainMachine drives random machines of all policies, relations and numbers of cores with random accesses,
// one at a time and as references of code that runs again and again, and compares all counts with the plain machine.
func TestAgainstPlainMachine(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() {
		seeds = 60
	}
	for seed := range seeds {
		againstPlain(t, seed, 600)
	}
}

func FuzzAgainstPlainMachine(f *testing.F) {
	f.Add(uint64(1), uint16(300))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint16) { againstPlain(t, seed, int(steps%2000)) })
}

func againstPlain(t *testing.T, seed uint64, steps int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	config := randomConfig(r)
	config.Prefetcher = Prefetcher{} // its steps are tested elsewhere
	if r.IntN(2) == 0 {              // sets as they are in the innermost caches of today
		config.Levels[0].Ways = 8 + 4*r.IntN(3)
		config.Levels[0].Bytes = int64(64 * config.Levels[0].Ways * (1 + r.IntN(4)))
	}
	s := machine(t, config)
	lines := uint64(20 + r.IntN(300))
	for i := range 1 + r.IntN(5) {
		if r.IntN(4) > 0 {
			if err := s.Register(fmt.Sprint(i), lines*64/5*uint64(i)+8, int64(lines*64/6)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m := newPlain(s)
	code := randomRefs(r, lines)
	for step := range steps {
		core := r.IntN(s.config.Cores)
		addr, size := 64*r.Uint64N(lines)+r.Uint64N(64), 1+r.IntN(80)
		if r.IntN(3) == 0 { // near the last ones
			addr = 64 * (uint64(step) / 4 % lines)
		}
		switch what := r.IntN(12); {
		case what < 2:
			var bases Bases
			for i := range 4 {
				bases[i] = 64*r.Uint64N(lines) + 8*r.Uint64N(8)
			}
			refs := &code[r.IntN(len(code))]
			for range 1 + r.IntN(4) {
				s.Core(core).RunRefs(&bases, refs)
				for _, x := range refs.list {
					m.issue(core, bases[x.base]+x.delta, int(x.size), x.kind)
				}
				bases[r.IntN(4)] += 4
			}
		case what == 2:
			s.Core(core).Run([]Access{{addr, uint32(size), StorePastAccess}})
			m.issue(core, addr, size, StorePastAccess)
		case what == 3:
			level := 1 + r.IntN(3)
			s.Core(core).Run([]Access{{addr, uint32(level), PrefetchAccess}})
			m.issue(core, addr, level, PrefetchAccess)
		default:
			kind := Kind(what % 2)
			for range 1 + r.IntN(3) {
				s.Core(core).Run([]Access{{addr, uint32(size), kind}})
				m.issue(core, addr, size, kind)
			}
		}
		m.same(t, step)
	}
}

// randomRefs returns some pieces of code: neighbouring loads and stores in the main.
func randomRefs(r *rand.Rand, lines uint64) []Refs {
	code := make([]Refs, 3)
	for i := range code {
		for range 1 + r.IntN(12) {
			kind := []Kind{LoadAccess, LoadAccess, StoreAccess, Kind(r.IntN(4))}[r.IntN(4)]
			size := uint32(1 + r.IntN(70))
			if kind == PrefetchAccess {
				size = uint32(1 + r.IntN(3))
			}
			code[i].Add(uint8(r.IntN(4)), []uint64{8 * r.Uint64N(16), r.Uint64N(64 * lines)}[r.IntN(2)], size, kind)
		}
	}
	return code
}

// issue splits a reference into lines.
func (m *plain) issue(core int, addr uint64, size int, kind Kind) {
	if kind == PrefetchAccess {
		m.prefetch(core, addr/64, size)
		return
	}
	for end := addr + uint64(size); addr < end; {
		n := min(64-addr%64, end-addr)
		if kind == StorePastAccess {
			m.past(core, addr/64, n)
		} else {
			m.access(core, addr/64, n, uint8(kind))
		}
		addr += n
	}
}
