package plots

import (
	"fmt"
	"image/color"
	"strings"
)

// ink is a colour with an opacity.
type ink struct {
	R, G, B uint8
	A       float64
}

func rgb(hex uint32) ink { return ink{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 1} }

func (c ink) alpha(a float64) ink { c.A = a; return c }

// darker scales the colour towards black for text, which needs more contrast than a line.
func (c ink) darker(k float64) ink {
	f := func(v uint8) uint8 { return uint8(float64(v)*k + 0.5) }
	return ink{f(c.R), f(c.G), f(c.B), c.A}
}

func (c ink) nrgba() color.NRGBA { return color.NRGBA{c.R, c.G, c.B, uint8(c.A*255 + 0.5)} }

func (c ink) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// The hues of the instruction sets. They were searched for: at least 20 ΔE (CIE 1976) apart for normal sight and under
// simulated protanopia, deuteranopia and tritanopia, 9 steps of lightness apart in grey, and 3:1 or more against white.
var (
	hueGo     = rgb(0x282828)
	hueSSE    = rgb(0x70229f)
	hueAVX2   = rgb(0xe27610)
	hueAVX512 = rgb(0x2a79e9)
	hueAMX    = rgb(0x057329)
)

// The rest of the palette.
var (
	black     = rgb(0x111111)
	grey      = rgb(0x5a5f66)
	slopeInk  = rgb(0x3d4a5c)
	gridMajor = rgb(0xd3d7dc)
	gridMinor = rgb(0xeceef1)
	white     = rgb(0xffffff)
	tintMem   = rgb(0x2a79e9).alpha(0.07)
	tintBoth  = rgb(0x178a8a).alpha(0.045)
	tintCPU   = rgb(0x1f9d4d).alpha(0.085)
	alarm     = rgb(0xc01818)
	arrowInk  = rgb(0x9c1458)
)

// family is a group of instruction sets that share a hue.
type family struct {
	name string
	hue  ink
	rank int
}

var families = []family{
	{"Go, scalar", hueGo, 0},
	{"128-bit", hueSSE, 1},
	{"AVX2", hueAVX2, 2},
	{"AVX-512", hueAVX512, 3},
	{"AMX", hueAMX, 4},
}

// sgr is the hue nearest to the family's among those that every terminal has, for light and dark backgrounds.
func (f family) sgr() string { return [...]string{"39", "35", "33", "34", "32"}[f.rank] }

// familyOf returns the family of an instruction set named as in results (go, scalar, sse, avx2, avx512…, amx-…).
func familyOf(isa string) family {
	switch isa = strings.ToLower(isa); {
	case strings.HasPrefix(isa, "amx"):
		return families[4]
	case strings.HasPrefix(isa, "avx512"):
		return families[3]
	case strings.HasPrefix(isa, "avx"):
		return families[2]
	case strings.HasPrefix(isa, "sse"):
		return families[1]
	}
	return families[0]
}
