package report

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/audit.js
var audit string

// TestAccessibleAndLegible looks at pages in both themes and palettes, on wide and on narrow screens.
func TestAccessibleAndLegible(t *testing.T) {
	for _, page := range []struct {
		name   string
		in     Input
		widths []int64
	}{
		{"one", Input{Entries: []Entry{entry("result", sixRuns())}}, []int64{1360, 400}},
		{"pair", pairInput(), []int64{400}},
		{"session", sessionInput(), []int64{1360}},
		{"ceilings", Input{Entries: []Entry{entry("result", machine())}}, []int64{400}},
		{"crowd", Input{Entries: []Entry{entry("result", crowd(60))}}, []int64{1360}},
	} {
		path := rendered(t, page.in)
		for _, width := range page.widths {
			t.Run(fmt.Sprintf("%s %d", page.name, width), func(t *testing.T) {
				b := open(t, path, width, 900)
				for _, o := range eval[[]string](b, overlaps) {
					t.Error("these overlap: " + o)
				}
				b.screenshot(fmt.Sprintf("%s-%d", page.name, width), true)
				eval[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), document.querySelectorAll(".detail").forEach(d => d.hidden = false), true`)
				for _, look := range []string{"light", "dark"} {
					b.choose("theme", look)
					for range 2 { // as it is, then with the other palette
						for _, complaint := range eval[[]string](b, audit) {
							t.Errorf("%s, palette %q: %s", look, eval[string](b, `document.documentElement.dataset.sight || "usual"`), complaint)
						}
						eval[bool](b, `document.getElementById("sight").click(), true`)
					}
				}
			})
		}
	}
}

// overlaps lists the pairs of texts of the chart that the browser puts over each other. Texts along a slope are turned, so
// that their upright boxes say nothing.
const overlaps = `(() => {
	const texts = [...document.querySelectorAll("#chart text:not(.slope-label):not(.title)")].map(t => ({ s: t.textContent, r: t.getBoundingClientRect() }));
	const list = [];
	texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
		const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left), h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
		if (w > 1 && h > 4) list.push(a.s + " | " + b.s);
	}));
	return list;
})()`

// TestKeyboardAlone reaches, reads and keeps a point without a mouse.
func TestKeyboardAlone(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1000)
	expect(b, `document.querySelectorAll('#chart [tabindex="0"]').length`, 1)
	const focused = `(document.activeElement.getAttribute("aria-label") || document.activeElement.id)`

	reached := false
	for range 60 { // Tab leads into the chart
		b.run(chromedp.KeyEvent(kb.Tab))
		if reached = eval[bool](b, `!!document.activeElement.closest("#chart")`); reached {
			break
		}
	}
	if !reached {
		t.Fatal("Tab never reaches the chart")
	}
	spoken := eval[string](b, focused)
	if !strings.Contains(spoken, "FLOP/s") || !strings.Contains(spoken, "FLOP per byte") || !strings.Contains(spoken, " of ") {
		t.Errorf("a point says %q", spoken)
	}
	expect(b, `document.getElementById("card").hidden`, false)

	seen := map[string]bool{spoken: true}
	for range 3 {
		b.run(chromedp.KeyEvent(kb.ArrowRight))
		seen[eval[string](b, focused)] = true
	}
	if len(seen) != 4 {
		t.Errorf("the arrow keys reach %d of 4 points", len(seen))
	}
	expect(b, `document.querySelectorAll('#chart [tabindex="0"]').length`, 1)

	point := eval[string](b, focused)
	b.run(chromedp.KeyEvent(kb.Enter))
	expect(b, `document.activeElement.id`, "card")
	expect(b, `document.getElementById("card").classList.contains("kept")`, true)
	b.run(chromedp.KeyEvent(kb.Escape))
	expect(b, `document.getElementById("card").hidden`, true)
	expect(b, focused, point)

	before := eval[string](b, first)
	b.run(chromedp.KeyEvent("+"))
	b.until(first + " !== " + quoted(before))
	expect(b, focused, point)
	b.run(chromedp.KeyEvent("0"))
	b.until(first + " === " + quoted(before))
	b.quiet()
}
