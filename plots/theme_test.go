package plots

import (
	"bytes"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"
)

// OKLab of the primaries, as its author gives them (https://bottosson.github.io/posts/oklab/, rounded), and back.
func TestOKLab(t *testing.T) {
	for _, c := range []struct {
		ink     ink
		l, a, b float64
	}{{rgb(0xffffff), 1, 0, 0}, {rgb(0), 0, 0, 0}, {rgb(0xff0000), 0.628, 0.225, 0.126}, {rgb(0x00ff00), 0.866, -0.234, 0.179}, {rgb(0x0000ff), 0.452, -0.032, -0.312}} {
		l, a, b := c.ink.oklab()
		if math.Abs(l-c.l) > 0.001 || math.Abs(a-c.a) > 0.001 || math.Abs(b-c.b) > 0.001 {
			t.Errorf("%s: %.3f %.3f %.3f, want %v", c.ink.hex(), l, a, b, c)
		}
		if back, ok := fromOKLab(l, a, b); !ok || back != c.ink {
			t.Errorf("%s comes back as %s", c.ink.hex(), back.hex())
		}
	}
}

func TestDarkTheme(t *testing.T) {
	light := mustChart(t, sixKernels())
	dark := light.Themed(Dark)
	var b bytes.Buffer
	if err := dark.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, bl, _ := img.At(3, 3).RGBA(); max(r, g, bl) > 0x3000 {
		t.Errorf("the paper is not dark: %x %x %x", r, g, bl)
	}
	lightSVG, _ := writeSVG(t, light)
	darkSVG, _ := writeSVG(t, dark)
	if strings.Contains(darkSVG, "#fff") || lightSVG == darkSVG {
		t.Error("white in the dark theme")
	}
}

// A page that changes the theme must give every colour that an SVG asks for.
func TestVariables(t *testing.T) {
	c := mustChart(t, sixKernels())
	var b bytes.Buffer
	if err := c.WriteInlineSVG(&b, "a"); err != nil {
		t.Fatal(err)
	}
	svg := b.String()
	if !strings.Contains(svg, `aria-labelledby="a-title"`) || strings.Contains(svg, `id="title"`) {
		t.Errorf("ids: %.200s", svg)
	}
	if plain := regexp.MustCompile(`(fill|stroke)="#`).FindString(svg); plain != "" {
		t.Errorf("a colour is not a variable: %s", plain)
	}
	dark := Variables(Dark, c, c)
	for _, m := range regexp.MustCompile(`var\((--r[0-9a-f]{6}),`).FindAllStringSubmatch(svg, -1) {
		if strings.Count(dark, m[1]+":#") != 1 {
			t.Errorf("the dark theme gives %s %d times", m[1], strings.Count(dark, m[1]+":#"))
		}
	}
	if !strings.Contains(dark, "--rffffff:"+white.inverted().hex()+";") {
		t.Errorf("no paper in %s", dark)
	}
}
