package plots

import (
	"math"
	"testing"
)

// linear is a colour in linear light.
type linear [3]float64

func linearOf(c ink) (l linear) {
	for i, v := range []uint8{c.R, c.G, c.B} {
		if s := float64(v) / 255; s <= 0.04045 {
			l[i] = s / 12.92
		} else {
			l[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return l
}

func (l linear) luminance() float64 { return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2] }

// lab is CIE L*a*b* under D65.
func (l linear) lab() [3]float64 {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124*l[0] + 0.3576*l[1] + 0.1805*l[2]) / 0.95047)
	y := f(l.luminance())
	z := f((0.0193*l[0] + 0.1192*l[1] + 0.9505*l[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func deltaE(a, b [3]float64) float64 { return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2]) }

// sights simulate full dichromacy: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
// Vision Deficiency", IEEE TVCG 15(6), 2009.
var sights = map[string][3][3]float64{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func (l linear) seenBy(m [3][3]float64) (out linear) {
	for i := range out {
		for j := range l {
			out[i] += m[i][j] * l[j]
		}
		out[i] = clamp(out[i], 0, 1)
	}
	return out
}

func TestHuesCanBeToldApart(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		for name, m := range sights {
			for i, a := range families {
				for _, b := range families[:i] {
					if d := deltaE(linearOf(theme.ink(a.hue)).seenBy(m).lab(), linearOf(theme.ink(b.hue)).seenBy(m).lab()); d < 20 {
						t.Errorf("theme %d, %s: %s and %s are only %.1f ΔE apart", theme, name, a.name, b.name, d)
					}
				}
			}
		}
	}
}

func TestHuesInGrey(t *testing.T) {
	for i, a := range families {
		for _, b := range families[:i] {
			if d := math.Abs(linearOf(a.hue).lab()[0] - linearOf(b.hue).lab()[0]); d < 8 {
				t.Errorf("%s and %s are only %.1f steps of lightness apart", a.name, b.name, d)
			}
		}
	}
}

func contrast(a, b ink) float64 {
	x, y := linearOf(a).luminance()+0.05, linearOf(b).luminance()+0.05
	return max(x, y) / min(x, y)
}

// WCAG 2.1 asks for 3:1 for graphics and 4.5:1 for text of these sizes.
func TestContrast(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		paper := theme.ink(white)
		for _, f := range families {
			if c := contrast(theme.ink(f.hue), paper); c < 3 {
				t.Errorf("theme %d, %s: %.2f:1 against the paper", theme, f.name, c)
			}
			if c := contrast(theme.ink(f.hue.darker(0.8)), paper); c < 4.5 {
				t.Errorf("theme %d, %s as text: %.2f:1 against the paper", theme, f.name, c)
			}
		}
		for name, ink := range map[string]ink{"slopes": slopeInk, "grey": grey, "alarm": alarm} {
			if c := contrast(theme.ink(ink), paper); c < 4.5 {
				t.Errorf("theme %d, %s: %.2f:1 against the paper", theme, name, c)
			}
		}
	}
}

func TestEveryLevelHasItsOwnDash(t *testing.T) {
	seen := map[string]string{}
	for _, l := range []string{"L1", "L2", "L3", "DRAM"} {
		key := ""
		for _, d := range dashOf(l) {
			key += num(d) + " "
		}
		if other, taken := seen[key]; taken {
			t.Errorf("%s and %s share a dash", l, other)
		}
		seen[key] = l
	}
	theory := num(theoryDash[0]) + " " + num(theoryDash[1]) + " "
	if other, taken := seen[theory]; taken {
		t.Errorf("theory looks like %s", other)
	}
}

func TestFamilies(t *testing.T) {
	for isa, want := range map[string]string{"go": "Go, scalar", "scalar": "Go, scalar", "": "Go, scalar", "sse": "128-bit", "avx2": "AVX2",
		"avx512": "AVX-512", "avx512fp16": "AVX-512", "amx-bf16": "AMX", "AMX-INT8": "AMX"} {
		if got := familyOf(isa).name; got != want {
			t.Errorf("familyOf(%q) = %s, want %s", isa, got, want)
		}
	}
}
