package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestShadowAgainstList compares it with a list in the order of use, also where the times end every now and then.
func TestShadowAgainstList(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		lines := 1 + r.IntN(300)
		s := newShadow(lines)
		if seed%2 == 0 {
			s.final = firstTime + s.mask + r.Uint64N(5000)
		}
		var list []uint64 // most recent first
		known := map[uint64]bool{}
		span := 1 + r.Uint64N(uint64(3*lines))
		for step := range 5000 {
			line := r.Uint64N(span) * (1 + seed%3*linesPerPage/2)
			if r.IntN(3) == 0 {
				line = uint64(step) % span
			}
			at := slices.Index(list, line)
			want := fmt.Sprint(at >= 0, known[line])
			if at >= 0 {
				list = slices.Delete(list, at, at+1)
			}
			switch held, before := false, false; r.IntN(20) {
			case 0:
				s.see(line)
				known[line] = true
				if at >= 0 {
					list = slices.Insert(list, at, line)
				}
			case 1, 2:
				if held, before = s.take(line); fmt.Sprint(held, before) != want {
					t.Fatalf("seed %d, step %d, %d lines: take %d: %v %v, want %s", seed, step, lines, line, held, before, want)
				}
			default:
				if held, before = s.touch(line); fmt.Sprint(held, before) != want {
					t.Fatalf("seed %d, step %d, %d lines: touch %d: %v %v, want %s", seed, step, lines, line, held, before, want)
				}
				known[line] = true
				list = slices.Insert(list, 0, line)
				list = list[:min(len(list), lines)]
			}
		}
	}
}
