package cache

import (
	"math"
	"slices"
	"strings"
	"testing"
)

const kib, mib = 1 << 10, 1 << 20

var (
	smallL3 = []Level{
		{Level: 1, Type: "data", Bytes: 32 * kib, Shared: "0,4"},
		{Level: 2, Type: "unified", Bytes: 1 * mib, Shared: "0,4"},
		{Level: 3, Type: "unified", Bytes: 32 * mib, Shared: "0-7"},
	}
	hugeL3 = []Level{
		{Level: 1, Type: "data", Bytes: 48 * kib, Shared: "0"},
		{Level: 2, Type: "unified", Bytes: 2 * mib, Shared: "0"},
		{Level: 3, Type: "unified", Bytes: 480 * mib, Shared: "0-1"},
	}
)

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		name   string
		levels []Level
		cpus   []int
		most   int64
		want   []Window
	}{
		{"one core", smallL3, []int{0}, 256 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 24 * kib}, {Level: "L2", Lo: 128 * kib, Hi: 768 * kib},
			{Level: "L3", Lo: 4 * mib, Hi: 24 * mib}, {Level: "DRAM", Lo: 128 * mib, Hi: 256 * mib},
		}},
		{"four cores share L3", smallL3, []int{0, 1, 2, 3}, 64 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 24 * kib}, {Level: "L2", Lo: 128 * kib, Hi: 768 * kib},
			{Level: "L3", Lo: 4 * mib, Hi: 6 * mib}, {Level: "DRAM", Lo: 32 * mib, Hi: 64 * mib},
		}},
		{"SMT siblings share L1 and L2", smallL3, []int{0, 4}, 256 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 12 * kib}, {Level: "L2", Lo: 64 * kib, Hi: 384 * kib},
			{Level: "L3", Lo: 2 * mib, Hi: 12 * mib}, {Level: "DRAM", Lo: 64 * mib, Hi: 256 * mib},
		}},
		{"huge L3, memory for twice of it", hugeL3, []int{0}, 1000 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 36 * kib}, {Level: "L2", Lo: 192 * kib, Hi: 1536 * kib},
			{Level: "L3", Lo: 8 * mib, Hi: 360 * mib}, {Level: "DRAM", Lo: 1000 * mib, Hi: 1000 * mib},
		}},
		{"a measured L3, which is that of working sets", []Level{smallL3[0], smallL3[1], {Level: 3, Bytes: 4 * mib, Shared: "0-1", Source: Measured}}, []int{0}, 64 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 24 * kib}, {Level: "L2", Lo: 128 * kib, Hi: 768 * kib},
			{Level: "L3", Lo: 2 * mib, Hi: 4 * mib}, {Level: "DRAM", Lo: 16 * mib, Hi: 64 * mib},
		}},
		{"no memory beyond L3", hugeL3, []int{0}, 500 * mib, []Window{
			{Level: "L1", Lo: 4 * kib, Hi: 36 * kib}, {Level: "L2", Lo: 192 * kib, Hi: 1536 * kib},
			{Level: "L3", Lo: 8 * mib, Hi: 360 * mib}, {Level: "DRAM", Lo: 960 * mib, Hi: 500 * mib, Why: "480 MiB"},
		}},
	} {
		got := Windows(c.levels, c.cpus, c.most)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %d windows", c.name, len(got))
		}
		for i, w := range c.want {
			g := got[i]
			if g.Level != w.Level || g.Lo != w.Lo || g.Hi != w.Hi || g.Empty() != (w.Why != "") || !strings.Contains(g.Why, w.Why) {
				t.Errorf("%s: %+v, want %+v", c.name, g, w)
			}
		}
	}
}

// TestWindowOfACrowdedCache: eight threads on an L3 that is hardly larger than their L2s together leave nothing to it.
func TestWindowOfACrowdedCache(t *testing.T) {
	levels := []Level{smallL3[0], smallL3[1], {Level: 3, Type: "unified", Bytes: 8 * mib, Shared: "0-7"}}
	w := Windows(levels, []int{0, 1, 2, 3, 4, 5, 6, 7}, 256*mib)[2]
	if !w.Empty() || !strings.Contains(w.Why, "1 MiB per thread") {
		t.Errorf("window %+v, want an empty one with its cause", w)
	}
}

// machine makes a sweep of a machine whose levels really end where the capacities say.
func sweepOf(most int64, capacity []int64, rate []float64) (points []SweepPoint) {
	for i, n := range SweepSizes(most, 4) {
		r := rate[len(rate)-1]
		for j, c := range capacity {
			if n <= c {
				r = rate[j]
				break
			}
		}
		points = append(points, SweepPoint{n, r * (1 + 0.01*math.Sin(float64(i*i)))}) // ±1 % noise
	}
	return points
}

func TestPlateaus(t *testing.T) {
	for _, c := range []struct {
		name     string
		levels   []Level
		capacity []int64
		rate     []float64
		want     []Plateau // Rate within 1.5 %, Hi at most
	}{
		{"as the topology says", smallL3, []int64{30 * kib, 900 * kib, 28 * mib}, []float64{200, 110, 90, 30},
			[]Plateau{{Level: "L1", Rate: 200, Hi: 24 * kib, Distinct: true}, {Level: "L2", Rate: 110, Hi: 768 * kib, Distinct: true},
				{Level: "L3", Rate: 90, Hi: 24 * mib, Distinct: true}, {Level: "DRAM", Rate: 30, Hi: 256 * mib, Distinct: true}}},
		{"a small share of L3", smallL3, []int64{30 * kib, 900 * kib, 8 * mib}, []float64{200, 110, 90, 30},
			[]Plateau{{Level: "L1", Rate: 200, Hi: 24 * kib, Distinct: true}, {Level: "L2", Rate: 110, Hi: 768 * kib, Distinct: true},
				{Level: "L3", Rate: 90, Hi: 8 * mib, Distinct: true}, {Level: "DRAM", Rate: 30, Hi: 256 * mib, Distinct: true}}},
		{"no share of L3", smallL3, []int64{30 * kib, 900 * kib, 900 * kib}, []float64{200, 110, 90, 30},
			[]Plateau{{Level: "L1", Rate: 200, Hi: 24 * kib, Distinct: true}, {Level: "L2", Rate: 110, Hi: 768 * kib, Distinct: true},
				{Level: "L3", Rate: 30, Hi: 24 * mib, Distinct: true}, {Level: "DRAM", Rate: 30, Hi: 256 * mib, Distinct: false}}},
		{"a larger L3 than is known", smallL3, []int64{30 * kib, 900 * kib, 160 * mib}, []float64{200, 110, 90, 30},
			[]Plateau{{Level: "L1", Rate: 200, Hi: 24 * kib, Distinct: true}, {Level: "L2", Rate: 110, Hi: 768 * kib, Distinct: true},
				{Level: "L3", Rate: 90, Hi: 24 * mib, Distinct: true}, {Level: "DRAM", Rate: 30, Hi: 256 * mib, Distinct: true}}},
	} {
		windows := Windows(c.levels, []int{0}, 256*mib)
		for i, p := range Plateaus(windows, sweepOf(256*mib, c.capacity, c.rate)) {
			w := c.want[i]
			if p.Level != w.Level || math.Abs(p.Rate/w.Rate-1) > 0.015 || p.Hi > w.Hi || p.Distinct != w.Distinct || p.Points < 1 {
				t.Errorf("%s: %+v, want %+v", c.name, p, w)
			}
			if p.Lo < windows[i].Lo || p.Lo > p.Hi {
				t.Errorf("%s: %+v begins outside its window %+v", c.name, p, windows[i])
			}
		}
	}
}

// TestPlateauIgnoresOneLuckyPoint: a spike is no plateau.
func TestPlateauIgnoresOneLuckyPoint(t *testing.T) {
	sweep := sweepOf(256*mib, []int64{30 * kib, 900 * kib, 28 * mib}, []float64{200, 110, 90, 30})
	for i := range sweep {
		if sweep[i].Bytes == 8*mib {
			sweep[i].Rate = 400
		}
	}
	p := Plateaus(Windows(smallL3, []int{0}, 256*mib), sweep)[2]
	if math.Abs(p.Rate/90-1) > 0.015 {
		t.Errorf("plateau %+v, want about 90", p)
	}
}

// What the last points read decides where memory is, and no single one of them.
func TestPlateauOfMemory(t *testing.T) {
	for _, c := range []struct {
		name  string
		rates []float64 // of 100, 200, … MiB
		rate  float64
		hi    int64 // MiB
		n     int
	}{
		{"flat", []float64{31, 30, 30.5, 29.5, 30}, 30, 500, 5},
		{"a spike at the end", []float64{30, 30.2, 29.8, 30, 45}, 30, 400, 4},
		{"a dip at the end", []float64{30, 30.2, 29.8, 30, 20}, 30, 400, 4},
		{"a spike before the end", []float64{30, 30.2, 29.8, 45, 30}, 30, 500, 5},
		{"a dip before the end", []float64{30, 30.2, 20, 29.8, 30}, 30, 500, 5},
		{"a larger cache than is known", []float64{90, 91, 89, 30, 30.1}, 30, 500, 2},
		{"an end to a larger cache in between", []float64{90, 91, 60, 30, 30.1}, 30, 500, 2},
		{"a fall to the end", []float64{90, 91, 75, 50, 30}, 30, 500, 1},
		{"two points", []float64{45, 30}, 30, 200, 1},
		{"one point", []float64{30}, 30, 100, 1},
	} {
		windows := []Window{{Level: "L3", Lo: 1 * mib, Hi: 50 * mib}, {Level: Memory, Lo: 100 * mib, Hi: 500 * mib}}
		sweep := []SweepPoint{{10 * mib, 31}, {20 * mib, 31}, {30 * mib, 31}}
		for i, rate := range c.rates {
			sweep = append(sweep, SweepPoint{int64(i+1) * 100 * mib, rate})
		}
		if p := Plateaus(windows, sweep)[1]; math.Abs(p.Rate/c.rate-1) > 0.02 || p.Hi != c.hi*mib || p.Points != c.n || p.Distinct {
			t.Errorf("%s: %+v, want %v B/s up to %d MiB, %d points, not distinct", c.name, p, c.rate, c.hi, c.n)
		}
	}
}

// What is faster than the plateau, but not flat, is served as well: 311 KiB to 724 KiB here, as a Zen 5 had it. A single fast point beyond
// a slow one is not; a single slow one was disturbed.
func TestPlateauReach(t *testing.T) {
	in := []SweepPoint{{220 * kib, 177}, {262 * kib, 174}, {311 * kib, 177}, {370 * kib, 183}, {440 * kib, 193}, {524 * kib, 224}, {622 * kib, 221}, {741 * kib, 198}}
	window := []Window{{Level: "L2", Lo: 200 * kib, Hi: 768 * kib}}
	for _, c := range []struct {
		change map[int]float64
		hi     int64
		reach  int64
	}{
		{nil, 370 * kib, 741 * kib},
		{map[int]float64{5: 120, 6: 119, 7: 118}, 370 * kib, 440 * kib},
		{map[int]float64{5: 120}, 370 * kib, 741 * kib},
		{map[int]float64{5: 120, 7: 118}, 370 * kib, 440 * kib},
		{map[int]float64{4: 120, 5: 500, 6: 120, 7: 119}, 370 * kib, 370 * kib},
	} {
		points := slices.Clone(in)
		for i, rate := range c.change {
			points[i].Rate = rate
		}
		if p := Plateaus(window, points)[0]; p.Hi != c.hi || p.Reach != c.reach {
			t.Errorf("%v: %+v, want Hi %d, Reach %d", c.change, p, c.hi, c.reach)
		}
	}
}

func TestPlateausWithoutPoints(t *testing.T) {
	for _, p := range Plateaus(Windows(smallL3, []int{0}, 256*mib), nil) {
		if p.Points != 0 || p.Rate != 0 || p.Distinct {
			t.Errorf("%+v without any point", p)
		}
	}
}

func TestSweepSizes(t *testing.T) {
	for most, count := range map[int64]int{64 * kib: 9, 64*kib + 100: 9, 60 * kib: 9, 65 * kib: 10} {
		sizes := SweepSizes(most, 2)
		if sizes[0] != 4*kib || sizes[len(sizes)-1] != most/blockBytes*blockBytes || len(sizes) != count {
			t.Errorf("up to %d: sizes %v", most, sizes)
		}
		for i, n := range sizes {
			if n%blockBytes != 0 || i > 0 && n <= sizes[i-1] {
				t.Errorf("up to %d: size %d after %v", most, n, sizes[:i])
			}
		}
	}
}
