package cache

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/units"
)

// Memory is the name of the level behind all caches.
const Memory = "DRAM"

// Window is the range of working sets, in bytes per thread, that a level should serve according to the topology.
type Window struct {
	Level  string // L1, L2, L3, DRAM
	Lo, Hi int64  // Hi < Lo: no working set is certain to be served by it; Why says why
	Why    string
}

// Empty says that the topology leaves no working set to this level.
func (w Window) Empty() bool { return w.Hi < w.Lo }

// Windows derives the windows of all levels and of memory (DRAM) for threads that run on the given CPUs, with at most most
// bytes per thread.
//
// A cache serves working sets from 4 × what the inner caches hold (less, and the inner cache still serves a part: its
// replacement is not exactly least-recently-used) up to 3/4 of its own size (stack, code and page tables need some, and
// hashed or physically indexed sets fill unevenly); all of it where the size was measured as that of such a working set, and then
// from 2 × on, if it is less than 8 × as large. A shared cache is divided among the threads that share it.
// Memory serves from 4 × the last cache on; if that is more than most, from 2 × on.
func Windows(levels []Level, cpus []int, most int64) []Window {
	const smallest = 4 << 10
	var out []Window
	inner := int64(0) // capacity of the level before, per thread
	for _, l := range levels {
		share := l.Bytes / int64(Sharers(l, cpus))
		holds := share * 3 / 4
		if l.Source == Measured {
			holds = share
		}
		w := Window{Level: "L" + strconv.Itoa(l.Level), Lo: max(smallest, 4*inner), Hi: min(holds, most)}
		if w.Empty() || l.Source == Measured && 2*w.Lo > w.Hi {
			w.Lo = 2 * inner // closer, and with a share of hits in the inner cache
		}
		if w.Empty() {
			w.Why = fmt.Sprintf("%s offers %s per thread, which the cache before it (%s) covers", w.Level, units.Bytes(share), units.Bytes(inner))
		}
		out = append(out, w)
		inner = max(inner, share)
	}
	w := Window{Level: Memory, Lo: min(4*inner, max(2*inner, most)), Hi: most}
	if w.Empty() {
		w.Why = fmt.Sprintf("only %s per thread can be used, less than twice the last cache (%s)", units.Bytes(most), units.Bytes(inner))
	}
	return append(out, w)
}

// Sharers returns how many of the CPUs share one instance of the cache: at least 1. The level describes the first of them;
// the others are taken to be alike.
func Sharers(l Level, cpus []int) int {
	shared, err := cpu.ParseList(l.Shared)
	if err != nil {
		return 1
	}
	n := 0
	for _, c := range cpus {
		if slices.Contains(shared, c) {
			n++
		}
	}
	return max(n, 1)
}

// SweepSizes returns working sets from 4 KiB to most, perOctave per doubling, and most itself, in whole blocks.
func SweepSizes(most int64, perOctave int) (sizes []int64) {
	most = most / blockBytes * blockBytes
	for i := 0; ; i++ {
		n := int64(4096*math.Exp2(float64(i)/float64(perOctave))) / blockBytes * blockBytes
		if n >= most {
			return append(sizes, most)
		}
		if len(sizes) == 0 || n > sizes[len(sizes)-1] {
			sizes = append(sizes, n)
		}
	}
}

// SweepPoint is one point of a working-set sweep.
type SweepPoint struct {
	Bytes int64   // working set
	Rate  float64 // B/s
}

// Plateau is the part of a window in which the measured rate hardly depends on the working set.
type Plateau struct {
	Level    string
	Lo, Hi   int64   // bytes; 0 without points
	Reach    int64   // bytes: up to there no working set of the window is slower; at least Hi
	Rate     float64 // median over the points, B/s; 0: nothing was measured in the window
	Distinct bool    // slower than the level before by more than distinctBy
	Points   int
}

// flatWithin is how much the rates of a plateau may differ from its best; distinctBy is how much slower than the level
// before a level must be to be told apart from it.
const (
	flatWithin = 0.05
	distinctBy = 0.10
)

// Plateaus finds the plateau of every window in a sweep: the fastest three neighbours whose rates are within 5 % of each
// other, and what continues them at the same rate on both sides. So a window that claims more than its level really offers
// (a cache shared with other machines) is cut where the rate falls, and a single lucky point decides nothing. That of memory is what
// the largest working sets read at, of which one may be disturbed: a last cache that offers more than is known serves the smaller ones.
func Plateaus(windows []Window, sweep []SweepPoint) []Plateau {
	out := make([]Plateau, 0, len(windows))
	before := math.Inf(1)
	for _, w := range windows {
		p := Plateau{Level: w.Level}
		var in []SweepPoint
		for _, pt := range sweep {
			if !w.Empty() && pt.Bytes >= w.Lo && pt.Bytes <= w.Hi {
				in = append(in, pt)
			}
		}
		run := flat(in)
		if w.Level == Memory {
			run = last(in)
		}
		if len(run) > 0 {
			p.Lo, p.Hi, p.Points, p.Rate = run[0].Bytes, run[len(run)-1].Bytes, len(run), medianRate(run)
			p.Reach = reach(in, run[len(run)-1].Bytes, p.Rate*(1-flatWithin))
			p.Distinct = p.Rate < before*(1-distinctBy)
			before = p.Rate
		}
		out = append(out, p)
	}
	return out
}

// reach is the last working set from one on before the first that is slower than a rate. One that is alone, with two behind it that are
// not slower, was disturbed.
func reach(points []SweepPoint, from int64, rate float64) int64 {
	slow := func(i int) bool { return i >= len(points) || points[i].Rate < rate }
	for i, p := range points {
		switch {
		case p.Bytes <= from:
		case !slow(i):
			from = p.Bytes
		case slow(i+1) || slow(i+2):
			return from
		}
	}
	return from
}

// flat returns the plateau among points; the fastest point alone when no three neighbours agree.
func flat(points []SweepPoint) (best []SweepPoint) {
	if len(points) == 0 {
		return nil
	}
	const neighbours = 3
	lo, hi := -1, -1
	for i := 0; i+neighbours <= len(points); i++ {
		seed := points[i : i+neighbours]
		if spread(seed) <= flatWithin && (lo < 0 || medianRate(seed) > medianRate(points[lo:hi])) {
			lo, hi = i, i+neighbours
		}
	}
	if lo < 0 {
		for i := range points {
			if lo < 0 || points[i].Rate > points[lo].Rate {
				lo, hi = i, i+1
			}
		}
		return points[lo:hi]
	}
	level := medianRate(points[lo:hi])
	same := func(p SweepPoint) bool { return math.Abs(p.Rate-level) <= flatWithin*level }
	for lo > 0 && same(points[lo-1]) {
		lo--
	}
	for hi < len(points) && same(points[hi]) {
		hi++
	}
	return points[lo:hi]
}

// last returns the plateau that ends the points: those within 5 % of the median of the last three, if two of these agree, else of
// the last one. A single point that does not fit, at the end or in between, does not end it.
func last(points []SweepPoint) []SweepPoint {
	if len(points) == 0 {
		return nil
	}
	level := points[len(points)-1].Rate
	same := func(i int) bool { return i >= 0 && math.Abs(points[i].Rate-level) <= flatWithin*level }
	hi := len(points) - 1
	if hi >= 2 {
		alone := level
		level = medianRate(points[hi-2:])
		switch {
		case same(hi) && (same(hi-1) || same(hi-2)):
		case same(hi-1) && same(hi-2):
			hi--
		default:
			level = alone
		}
	}
	lo := hi
	for same(lo-1) || lo > 0 && same(lo-2) {
		lo--
	}
	return points[lo : hi+1]
}

// spread is how much the slowest rate is below the fastest, relative to the fastest.
func spread(points []SweepPoint) float64 {
	lo, hi := points[0].Rate, points[0].Rate
	for _, p := range points {
		lo, hi = min(lo, p.Rate), max(hi, p.Rate)
	}
	return 1 - lo/hi
}

func medianRate(points []SweepPoint) float64 {
	rates := make([]float64, len(points))
	for i, p := range points {
		rates[i] = p.Rate
	}
	slices.Sort(rates)
	return (rates[(len(rates)-1)/2] + rates[len(rates)/2]) / 2
}
