package report

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

const (
	canvas  = `document.querySelector("#chart > canvas")`
	reading = `(() => { const c = ` + canvas + `, k = c.width / c.getBoundingClientRect().width, copy = new OffscreenCanvas(c.width, c.height).getContext("2d", { willReadFrequently: true }); copy.drawImage(c, 0, 0); `
	painted = reading + `return c.hidden ? 0 : copy.getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 100).length })()`
	rowRuns = `[...document.querySelectorAll("#kernel-table tbody tr")].map(r => Number(r.dataset.run))`
)

// TestThousandsOfPoints: a crowd is painted, every point of it can be pointed at and reached with the keyboard, and is an
// element again where few are in the frame. The table has all of them, a page at a time.
func TestThousandsOfPoints(t *testing.T) {
	const n = 1200
	res := crowd(n)
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", res)}}), 1360, 1000)
	eval[bool](b, `document.getElementById("roofline").scrollIntoView({ behavior: "instant" }), true`)
	expect(b, points, 1) // the one that Tab leads to
	expect(b, `document.querySelectorAll("#chart .point-lines, #chart .name").length`, 0)
	expect(b, `document.querySelector("#chart > .over").getAttribute("aria-label").startsWith("Roofline: 1200 points")`, true)
	if n := eval[int](b, painted); n < 20000 {
		t.Errorf("%d pixels are painted", n)
	}

	// With the keyboard to both ends, and what is there under the mouse.
	eval[bool](b, `document.querySelector("#chart .point").focus(), true`)
	ends := map[string]int{"Home": extreme(res, func(a, b float64) bool { return a < b }), "End": extreme(res, func(a, b float64) bool { return a > b })}
	for key, want := range ends {
		b.run(chromedp.KeyEvent(map[string]string{"Home": kb.Home, "End": kb.End}[key]))
		expect(b, `Number(document.activeElement.dataset.index)`, want)
		expect(b, `document.getElementById("card").textContent.includes(`+quoted(res.Runs[want].ID())+`)`, true)
		at := eval[[]float64](b, `(() => { const r = document.activeElement.querySelector(".hit").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
		expect(b, fmt.Sprintf(reading+`const r = c.getBoundingClientRect(); return copy.getImageData((%g - r.x) * k, (%g - r.y) * k, 1, 1).data[3] })()`, at[0], at[1]), 255)
		b.run(chromedp.KeyEvent(kb.Escape), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 5, 5))
		expect(b, `document.getElementById("card").hidden`, true)
		b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
		b.until(`!document.getElementById("card").hidden`)
		expect(b, `document.getElementById("card").textContent.includes(`+quoted(res.Runs[want].ID())+`)`, true)
	}
	expect(b, `document.querySelectorAll('#chart [tabindex="0"]').length`, 1)

	// Closer, until few are left: each an element with its name.
	for range 12 {
		if eval[bool](b, canvas+".hidden") {
			break
		}
		before := eval[string](b, `document.querySelector("#chart .grid").getAttribute("d")`)
		b.click("#zoom-in")
		b.until(`document.querySelector("#chart .grid").getAttribute("d") !== ` + quoted(before))
	}
	expect(b, painted, 0)
	if shown, named := eval[int](b, points), eval[int](b, `document.querySelectorAll("#chart .name").length`); shown < 2 || shown > 151 || named == 0 {
		t.Errorf("%d points, %d names", shown, named)
	}
	b.screenshot("crowd-near", false)
	b.click("#zoom-reset")
	b.until("!" + canvas + ".hidden")

	// The table.
	expect(b, rowRuns+".length", 100)
	expect(b, `document.getElementById("page").textContent`, "1 to 100 of 1200 kernels")
	b.click("#page-after")
	expect(b, rowRuns+"[0]", 100)
	b.click(`[data-sort="share"] button`)
	b.click(`[data-sort="share"] button`)
	best := 0
	for i, r := range res.Runs {
		if r.Bound.Fraction > res.Runs[best].Bound.Fraction {
			best = i
		}
	}
	expect(b, rowRuns+"[0]", best)
	expect(b, `document.querySelector("#kernel-table tbody tr").textContent.includes(`+quoted(plots.Percent(res.Runs[best].Bound.Fraction))+`)`, true)
	if sections := eval[int](b, `document.querySelectorAll(".detail").length`); sections != detailed {
		t.Errorf("%d sections, want %d", sections, detailed)
	}
	b.choose("find", "v1199")
	expect(b, points, 1)
	expect(b, rowRuns+".join()", "1199")
	b.quiet()
}

// extreme is the run whose binding intensity comes first.
func extreme(res *roofline.Result, before func(a, b float64) bool) int {
	at := func(i int) float64 {
		for _, p := range res.Runs[i].Points {
			if p.Level == plots.Marks(&roofline.Result{Ceilings: res.Ceilings, Runs: res.Runs[i : i+1]})[0].Level {
				return p.AI
			}
		}
		return 0
	}
	first := 0
	for i := range res.Runs {
		if before(at(i), at(first)) {
			first = i
		}
	}
	return first
}

// BenchmarkFiveThousandPoints measures what a reader waits for: until the page has its chart, for a frame while the chart
// moves, and for a choice.
func BenchmarkFiveThousandPoints(b *testing.B) {
	path := rendered(b, Input{Entries: []Entry{entry("result", crowd(5000))}})
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	open(b, rendered(b, Input{Entries: []Entry{entry("result", crowd(1))}}), 1360, 1000) // the browser starts
	for b.Loop() {
		page := open(b, path, 1360, 1000)
		b.ReportMetric(eval[float64](page, `performance.getEntriesByName("live")[0].startTime`), "ms/open")
		// From a move to the next frame after it, 30 times; layout and paint are in it.
		b.ReportMetric(eval[float64](page, `(async () => {
			document.getElementById("roofline").scrollIntoView();
			const frame = () => new Promise(f => requestAnimationFrame(() => setTimeout(f)));
			await frame();
			const begin = performance.now();
			for (let i = 0; i < 30; i++) { document.getElementById(i % 2 ? "zoom-out" : "zoom-in").click(); await frame(); }
			return (performance.now() - begin) / 30;
		})()`), "ms/frame")
		b.ReportMetric(eval[float64](page, `(() => { const begin = performance.now(); const s = document.getElementById("scale"); s.value = "linear"; s.dispatchEvent(new Event("change")); document.body.offsetHeight; return performance.now() - begin })()`), "ms/choice")
		b.ReportMetric(float64(st.Size())/1e6, "MB")
	}
}
