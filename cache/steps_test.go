package cache

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// capacity is a level of a machine made up: loads of working sets up to bytes take seconds.
type capacity struct {
	bytes   int64
	seconds float64
}

// madeUp is the curve of a machine: a working set larger than a level misses it as often as lines are chosen at random to be replaced.
// Translations that miss cost tlb seconds more for each doubling beyond 256 KiB.
func madeUp(levels []capacity, memory, tlb float64) (curve []hop) {
	for size := int64(leastChase); size <= 64*mib; size = nextHalf(size) {
		seconds := memory
		for i := len(levels) - 1; i >= 0; i-- {
			l := levels[i]
			if miss := 1 - float64(l.bytes)/float64(size); miss <= 0 {
				seconds = l.seconds
			} else {
				seconds = l.seconds + miss*(seconds-l.seconds)
			}
		}
		curve = append(curve, hop{size, seconds + tlb*max(0, math.Log2(float64(size)/(256*kib)))})
	}
	return curve
}

func TestEnds(t *testing.T) {
	const ns = 1e-9
	for _, c := range []struct {
		name        string
		levels      []capacity
		memory, tlb float64
	}{
		{"three levels", []capacity{{32 * kib, 1.1 * ns}, {512 * kib, 4 * ns}, {8 * mib, 16 * ns}}, 90 * ns, 0},
		{"three levels, small pages", []capacity{{32 * kib, 1.1 * ns}, {512 * kib, 4 * ns}, {8 * mib, 16 * ns}}, 90 * ns, 1 * ns},
		{"a small share of the last", []capacity{{48 * kib, 1.2 * ns}, {1 * mib, 4 * ns}, {3 * mib, 16 * ns}}, 140 * ns, 1 * ns},
		{"two levels", []capacity{{32 * kib, 2 * ns}, {512 * kib, 14 * ns}}, 150 * ns, 0},
		{"two levels, small pages", []capacity{{64 * kib, 1.5 * ns}, {2 * mib, 8 * ns}}, 110 * ns, 1.5 * ns},
		{"one level", []capacity{{64 * kib, 3 * ns}}, 200 * ns, 0},
		{"a slow clock", []capacity{{32 * kib, 6 * ns}, {256 * kib, 24 * ns}, {2 * mib, 80 * ns}}, 300 * ns, 0},
	} {
		for seed := range uint64(20) {
			curve := madeUp(c.levels, c.memory, c.tlb)
			if seed > 0 { // what disturbs a point makes it slower
				r := rand.New(rand.NewPCG(seed, 0))
				for i := range curve {
					curve[i].Seconds *= 1 + 0.1*r.Float64()
				}
				if i := 1 + r.IntN(len(curve)-3); seed%2 == 0 {
					curve[i].Seconds *= 3
				}
			}
			got := ends(curve)
			good := len(got) == len(c.levels)
			for i := 0; good && i < len(got); i++ {
				good = got[i] >= c.levels[i].bytes*2/3 && got[i] <= c.levels[i].bytes*3/2 // a point beside it
			}
			if !good {
				t.Errorf("%s, noise %d: ends at %v of %v\n%v", c.name, seed, got, c.levels, curve)
				break
			}
		}
	}
}

// What was measured on virtual CPUs of a Zen 5 that shared their L3 with others: L1 has 48 KiB, L2 1 MiB.
func TestEndsOfASharedCache(t *testing.T) {
	inner := []float64{1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.4, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 4.4}
	for _, c := range []struct {
		outer []float64 // from 768 KiB on
		want  int64
	}{
		{[]float64{5.5, 7.6, 11.3, 14.4, 14.9, 15.8, 20.6, 22.4, 74.2, 124.9, 148.3, 158.2, 161.6}, 8 * mib},
		{[]float64{4.9, 8.0, 13.3, 15.1, 17.9, 19.7, 59.4, 113.0, 132.8, 159.1, 169.1, 169.3}, 4 * mib},
		{[]float64{5.1, 8.1, 13.6, 15.8, 16.7, 22.3, 38.4, 46.6, 111.2, 129.5, 147.2, 153.0}, 4 * mib},
		{[]float64{5.1, 8.6, 14.1, 14.4, 20.1, 77.4, 116.5, 130.8, 170.5}, 3 * mib},
		{[]float64{9.7, 16.9, 22.7, 32.8, 141.4, 120.3, 143.1, 141.7, 161.6}, 2 * mib},
	} {
		var curve []hop
		size := int64(leastChase)
		for _, v := range slices.Concat(inner, c.outer) {
			curve = append(curve, hop{size, v * 1e-9})
			size = nextHalf(size)
		}
		got := ends(curve)
		if len(got) != 3 || got[0] != 48*kib || got[1] < 512*kib || got[1] > 1*mib || got[2] != c.want {
			t.Errorf("%v: ends at %v, want the last at %d", c.outer, got, c.want)
		}
	}
}

func TestEndsOfLittle(t *testing.T) {
	flat := madeUp(nil, 5e-9, 0)
	for n := range len(flat) {
		if got := ends(flat[:n]); len(got) > 0 {
			t.Errorf("%d equal points: ends at %v", n, got)
		}
	}
}

func TestAddMeasured(t *testing.T) {
	curve := madeUp([]capacity{{32 * kib, 1e-9}, {512 * kib, 4e-9}, {4 * mib, 16e-9}}, 120e-9, 0)
	l1, l2 := Level{1, "data", 32 * kib, 8, 64, "1", Sysfs}, Level{2, "unified", 512 * kib, 8, 64, "1", Sysfs}
	l3 := Level{3, "unified", 4 * mib, 0, 64, "0-3", Measured}
	huge := Level{2, "unified", 16 * mib, 8, 64, "", CPUID}
	for _, c := range []struct {
		name         string
		levels, want []Level
	}{
		{"nothing described", nil, []Level{{1, "data", 32 * kib, 0, 64, "", Measured}, {2, "unified", 512 * kib, 0, 64, "", Measured}, l3}},
		{"the first", []Level{l1}, []Level{l1, {2, "unified", 512 * kib, 0, 64, "", Measured}, l3}},
		{"all but the last", []Level{l1, l2}, []Level{l1, l2, l3}},
		{"all", []Level{l1, l2, huge}, []Level{l1, l2, huge}},
		{"the last is larger than what was measured", []Level{l1, huge}, []Level{l1, huge}},
	} {
		if got := addMeasured(slices.Clone(c.levels), curve, "0-3"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
