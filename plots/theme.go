package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Theme is the set of colours of a chart.
type Theme int

// The themes. Dark has the hues of Light at about the opposite lightness.
const (
	Light Theme = iota
	Dark
)

// Themed returns the chart in the colours of a theme.
func (c *Chart) Themed(t Theme) *Chart {
	out := *c
	out.scene.theme = t
	return &out
}

// ink is the colour that stands for c in the theme.
func (t Theme) ink(c ink) ink {
	if t == Dark {
		return c.inverted()
	}
	return c
}

// Lightness in OKLab of the paper and of what is nearly black, in both themes.
const (
	darkPaper = 0.20
	lightInk  = 0.178 // #111
	darkInk   = 0.95
)

// inverted mirrors the lightness and keeps the hue. What then lies beyond the colours of a screen loses saturation.
func (c ink) inverted() ink {
	l, a, b := c.oklab()
	l = darkPaper + (1-l)*(darkInk-darkPaper)/(1-lightInk)
	if math.Hypot(a, b) > 0.05 { // hues need more light on dark paper to be told apart
		l = min(darkInk, 0.5+1.2*max(l-0.48, -0.1))
	}
	for k := 1.0; k > 0; k -= 0.02 {
		if out, ok := fromOKLab(l, a*k, b*k); ok {
			out.A = c.A
			return out
		}
	}
	out, _ := fromOKLab(l, 0, 0)
	out.A = c.A
	return out
}

// oklab converts to Björn Ottosson's OKLab (https://bottosson.github.io/posts/oklab/).
func (c ink) oklab() (l, a, b float64) {
	lin := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.04045 {
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	r, g, bl := lin(c.R), lin(c.G), lin(c.B)
	x := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*bl)
	y := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*bl)
	z := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*bl)
	return 0.2104542553*x + 0.7936177850*y - 0.0040720468*z,
		1.9779984951*x - 2.4285922050*y + 0.4505937099*z,
		0.0259040371*x + 0.7827717662*y - 0.8086757660*z
}

// fromOKLab converts back; ok says whether a screen can show the colour.
func fromOKLab(l, a, b float64) (c ink, ok bool) {
	cube := func(v float64) float64 { return v * v * v }
	x := cube(l + 0.3963377774*a + 0.2158037573*b)
	y := cube(l - 0.1055613458*a - 0.0638541728*b)
	z := cube(l - 0.0894841775*a - 1.2914855480*b)
	ok = true
	byteOf := func(v float64) uint8 {
		if v > 0.0031308 {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		} else {
			v *= 12.92
		}
		ok = ok && v > -0.004 && v < 1.004
		return uint8(math.Round(255 * clamp(v, 0, 1)))
	}
	c = ink{byteOf(4.0767416621*x - 3.3077115913*y + 0.2309699292*z),
		byteOf(-1.2684380046*x + 2.6097574011*y - 0.3413193965*z),
		byteOf(-0.0041960863*x - 0.7034186147*y + 1.7076147010*z), 1}
	return c, ok
}

// Variables returns CSS declarations that give the colours of inline charts in a theme: put them into a rule for the page,
// or for the part of it that is dark.
func Variables(t Theme, charts ...*Chart) string {
	var list []string
	for _, c := range charts {
		for _, i := range c.scene.inks() {
			if d := fmt.Sprintf("%s:%s;", i.variable(), t.ink(i).hex()); !slices.Contains(list, d) {
				list = append(list, d)
			}
		}
	}
	slices.Sort(list)
	return strings.Join(list, "")
}

// variable is the name of the CSS variable of a colour.
func (c ink) variable() string { return "--r" + c.hex()[1:] }

// inks are the colours that occur in the scene.
func (s *scene) inks() (list []ink) {
	add := func(c ink) {
		if c.A > 0 && !slices.Contains(list, c.alpha(1)) {
			list = append(list, c.alpha(1))
		}
	}
	add(white)
	for _, it := range s.items {
		switch {
		case it.path != nil:
			add(it.path.fill)
			add(it.path.stroke)
		case it.text != nil:
			add(it.text.color)
		}
	}
	return list
}
