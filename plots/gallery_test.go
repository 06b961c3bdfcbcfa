package plots

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// Every chart, in both themes, keeps its texts apart and inside, and is legible: 4.5:1 for text, 3:1 for what is drawn in a
// full colour, against the paper (WCAG 2.1); grids, tints and white are no information by themselves.
func TestAllChartsAreLegible(t *testing.T) {
	quiet := map[ink]bool{white: true, gridMajor: true, gridMinor: true}
	for name, c := range chartGallery(t) {
		checkBoxes(t, c)
		for _, theme := range []Theme{Light, Dark} {
			paper := theme.ink(white)
			for _, it := range c.scene.items {
				switch {
				case it.text != nil && it.text.color != white: // white stands on bars
					if k := contrast(theme.ink(it.text.color), paper); k < 4.5 {
						t.Errorf("%s, theme %d: %q has %.2f:1", name, theme, it.text.str, k)
					}
				case it.path != nil:
					for _, p := range []ink{it.path.fill, it.path.stroke} {
						if p.A == 1 && !quiet[p] && contrast(theme.ink(p), paper) < 3 {
							t.Errorf("%s, theme %d: %s has %.2f:1", name, theme, p.hex(), contrast(theme.ink(p), paper))
						}
					}
				}
			}
		}
	}
}

// The hues that stand beside each other on one chart can be told apart by everybody.
func TestHuesOfEveryChart(t *testing.T) {
	for name, set := range map[string][]ink{
		"two samples": {slopeInk, changeInk},
		"verdicts":    {betterInk, worseInk, grey},
		"causes":      {causeInk("fma"), causeInk("dram"), causeInk("latency"), causeInk("other")},
		"arrays":      append([]ink{grey}, arrayInks...),
		"page sizes":  {hueAVX512, hueAVX2},
	} {
		for _, theme := range []Theme{Light, Dark} {
			for sight, m := range sights {
				for i, a := range set {
					for _, b := range set[:i] {
						if d := deltaE(linearOf(theme.ink(a)).seenBy(m).lab(), linearOf(theme.ink(b)).seenBy(m).lab()); d < 12 {
							t.Errorf("%s, theme %d, %s: %s and %s are %.1f ΔE apart", name, theme, sight, a.hex(), b.hex(), d)
						}
					}
				}
			}
		}
	}
}

// From one kernel to a hundred, spread or on top of each other, texts keep apart.
func TestHundredKernels(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	for _, n := range []int{1, 2, 50, 75, 100} {
		for _, clustered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d clustered %v", n, clustered), func(t *testing.T) {
				checkBoxes(t, mustChart(t, randomResult(uint64(7*n), n, clustered)))
			})
		}
	}
}
