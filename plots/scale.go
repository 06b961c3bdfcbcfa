package plots

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// axis maps values to pixels, linearly or by their logarithm.
type axis struct {
	lo, hi   float64 // values
	from, to float64 // pixels
	log      bool
	ticks    []tick
}

func (a axis) at(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		v, lo, hi = math.Log(v), math.Log(lo), math.Log(hi)
	}
	return a.from + (v-lo)/(hi-lo)*(a.to-a.from)
}

// value is what lies at a pixel, and perPixel how much a pixel stands for near a value.
func (a axis) value(px float64) float64 {
	f := (px - a.from) / (a.to - a.from)
	if a.log {
		return a.lo * math.Pow(a.hi/a.lo, f)
	}
	return a.lo + f*(a.hi-a.lo)
}

func (a axis) perPixel(v float64) float64 {
	px := math.Abs(a.to - a.from)
	if a.log {
		return v * math.Log(a.hi/a.lo) / px
	}
	return (a.hi - a.lo) / px
}

// linearAxis covers lo to hi with about n labelled ticks at round values.
func linearAxis(lo, hi, from, to float64, n int, label func(v, step float64) string) axis {
	if !(hi > lo) {
		pad := math.Max(math.Abs(lo)*0.05, math.SmallestNonzeroFloat32)
		lo, hi = lo-pad, hi+pad
	}
	a := axis{lo: lo, hi: hi, from: from, to: to}
	step := niceStep((hi - lo) / float64(n))
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		a.ticks = append(a.ticks, tick{value: i * step, label: label(i*step, step), major: true})
	}
	return a
}

// niceStep is the smallest of 1, 2 or 5 times a power of ten that is not below v.
func niceStep(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*p*(1+1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// logAxis covers lo to hi by decades.
func logAxis(lo, hi, from, to float64, label func(float64) string) axis {
	a := axis{lo: lo, hi: hi, from: from, to: to, log: true, ticks: ticks(math.Log10(lo), math.Log10(hi), label)}
	if decades := math.Log10(hi / lo); math.Abs(to-from)/decades < 110 { // too near to each other for lines between
		a.ticks = slices.DeleteFunc(a.ticks, func(t tick) bool { return !t.major })
	}
	return a
}

// bytesAxis covers working sets from lo to hi by powers of two.
func bytesAxis(lo, hi, from, to float64) axis {
	a := axis{lo: lo, hi: hi, from: from, to: to, log: true}
	for v := math.Exp2(math.Ceil(math.Log2(lo) - 1e-9)); v <= hi*(1+1e-9); v *= 2 {
		e := int(math.Round(math.Log2(v)))
		t := tick{value: v, major: e%2 == 0}
		if t.major {
			t.label = binaryLabel(v)
		}
		a.ticks = append(a.ticks, t)
	}
	return a
}

// binaryLabel writes a power of two of bytes: 4 KiB, 16 MiB.
func binaryLabel(v float64) string {
	i := 0
	for ; v >= 1024 && i < 5; i++ {
		v /= 1024
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + " " + []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}[i]
}

// stepLabel writes a tick with as many decimals as its step needs, in units of scale.
func stepLabel(scale float64) func(v, step float64) string {
	return func(v, step float64) string {
		d := max(0, -int(math.Floor(math.Log10(step/scale)+1e-9)))
		s := strconv.FormatFloat(v/scale, 'f', min(d, 12), 64)
		if strings.Trim(s, "-0.") == "" {
			return "0"
		}
		return strings.Replace(s, "-", "−", 1)
	}
}

// withUnit writes a tick with an SI prefix and its unit: 10 ns, 200 GB/s.
func withUnit(unit string) func(v float64) string {
	return func(v float64) string {
		l := siLabel(v)
		if !strings.Contains(l, " ") {
			l += " "
		}
		return l + unit
	}
}
