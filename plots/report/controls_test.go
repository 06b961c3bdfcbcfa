package report

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/roofline-go/roofline/roofline"
)

const (
	points = `document.querySelectorAll("#chart .point[data-index]").length`
	first  = `document.querySelector("#chart .point[data-index]").getAttribute("transform")`
)

// quoted is a text in an expression.
func quoted(s string) string { return fmt.Sprintf("%q", s) }

// choose gives a control a value as a reader does, with its event.
func (b *tab) choose(id, value string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event("change", { bubbles: true })); e.dispatchEvent(new Event("input", { bubbles: true })); return true })()`, id, value))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector)))
}

// expect compares the value of an expression.
func expect[T comparable](b *tab, expression string, want T) {
	b.t.Helper()
	if got := eval[T](b, expression); got != want {
		b.t.Errorf("%s is %v, want %v", expression, got, want)
	}
}

func TestEveryControlWorks(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1000)
	expect(b, points, 4) // of 6: one has two threads, one no FLOPs

	slopes := `document.querySelectorAll("#chart .slope").length`
	expect(b, slopes, 4)
	b.click(`#levels input[value="L2"]`)
	expect(b, slopes, 3)
	expect(b, `document.querySelector("#chart").textContent.includes("L2 load")`, false)
	b.click(`#levels input[value="L2"]`)
	expect(b, slopes, 4)

	b.click(`#families input[value="avx2"]`)
	expect(b, points, 3)
	expect(b, `document.querySelector("#chart").textContent.includes("AVX2 FMA")`, false)
	b.click(`#families input[value="avx2"]`)

	b.choose("threads", "2")
	expect(b, points, 1)
	expect(b, `document.querySelector("#chart .point[data-index]").getAttribute("aria-label").includes("2 threads")`, true)
	b.choose("threads", "1")

	before := eval[string](b, first)
	b.choose("source", "analytic") // all levels have the same declared bytes: the points move
	expect(b, points, 4)
	expect(b, first+" === "+quoted(before), false)
	b.choose("source", "simulated") // counts no FLOPs
	expect(b, points, 0)
	expect(b, `document.getElementById("chart-note").textContent.includes("not counted by simulated")`, true)
	b.choose("source", "best")
	expect(b, first, before)

	b.choose("scale", "linear")
	expect(b, `[...document.querySelectorAll("#chart .tick")].some(t => t.textContent === "0")`, true)
	b.choose("scale", "log")
	expect(b, first, before)

	b.click("#zoom-in")
	b.until(first + " !== " + quoted(before))
	b.click("#zoom-reset")
	b.until(first + " === " + quoted(before))
	b.click("#zoom-out")
	b.until(first + " !== " + quoted(before))
	b.click("#zoom-reset")
	b.until(first + " === " + quoted(before))

	b.choose("find", "matmul avx512")
	expect(b, points, 1)
	if n := b.count("#kernel-table tbody tr"); n != 2 {
		t.Errorf("%d rows for what was typed, want that of one and that of two threads", n)
	}
	b.choose("find", "")

	b.click(`#kernel-table tr[data-run="0"] input`)
	expect(b, points, 3)
	b.click(`#kernel-table tr[data-run="0"] input`)
	expect(b, points, 4)

	if b.count("#chart .name") == 0 {
		t.Error("no point has a name")
	}
	b.click("#names")
	expect(b, `document.querySelectorAll("#chart .name").length`, 0)
	expect(b, `document.querySelectorAll("#chart .theory").length`, 0)
	b.click("#theory")
	expect(b, `document.querySelectorAll("#chart .theory").length`, 2) // AVX-512 and scalar have one
	b.quiet()
}

func TestPageControls(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1000)
	paper := `getComputedStyle(document.querySelector(".top")).backgroundColor`
	light := eval[string](b, paper)
	b.choose("theme", "dark")
	expect(b, paper+" === "+quoted(light), false)
	b.screenshot("dark", true)
	b.choose("theme", "light")
	expect(b, paper, light)
	b.choose("theme", "auto")
	b.run(media("", "dark"))
	expect(b, paper+" === "+quoted(light), false)
	b.run(media("", "light"))

	hue := `getComputedStyle(document.querySelector("#chart .f-avx512 .core")).fill`
	usual := eval[string](b, hue)
	b.click("#sight")
	expect(b, hue+" === "+quoted(usual), false)
	expect(b, `document.getElementById("sight").getAttribute("aria-pressed")`, "true")
	b.screenshot("safe", true)
	b.click("#sight")
	expect(b, hue, usual)

	shown := `document.querySelector(".detail:not([hidden])").id`
	expect(b, shown, "run-0")
	b.click("#next")
	expect(b, shown, "run-1")
	b.click("#previous")
	expect(b, shown, "run-0")
	b.choose("which", "2")
	expect(b, shown, "run-2")
	b.click(`.glance a[href="#run-3"]`)
	b.until(shown + ` === "run-3"`)
	expect(b, `document.activeElement.id`, "run-3")

	order := `[...document.querySelectorAll("#kernel-table tbody tr")].map(r => r.dataset.run).join("")`
	b.click(`[data-sort="rate"] button`)
	expect(b, `document.querySelector('[data-sort="rate"]').getAttribute("aria-sort")`, "ascending")
	expect(b, order, "052314") // 3, 9, 65, 71, 80, 190 G
	b.click(`[data-sort="rate"] button`)
	expect(b, order, "413250")
	b.quiet()
}

func TestDownloadIsTheResultDocument(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1000)
	dir := t.TempDir()
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}); err != nil {
		t.Fatal(err)
	}
	b.click("#download")
	var res *roofline.Result
	b.wait("the download", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "result.json"))
		if err == nil {
			res, err = roofline.Unmarshal(text)
		}
		return err == nil
	})
	if len(res.Runs) != 6 || res.Runs[2].Analysis == nil || res.Runs[2].Analysis.Gap == nil {
		t.Errorf("%d runs, analysis %v", len(res.Runs), res.Runs[2].Analysis)
	}
}

func TestCardHasEveryNumber(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1400)
	eval[bool](b, `document.getElementById("roofline").scrollIntoView({ behavior: "instant" }), true`)
	at := eval[[]float64](b, `(() => { const r = document.querySelector('.point[data-index="2"] .hit').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	b.until(`!document.getElementById("card").hidden`)
	text := eval[string](b, `document.getElementById("card").textContent`)
	for _, want := range []string{"matmul/avx512/f32", "% [", "n = 40", "268 MFLOP", "instrumented, exact", "86.6 MB", "simulated", "FLOPs ÷ time = 268 MFLOP ÷ ", "AI at DRAM = FLOPs ÷ bytes", "attainable = compute.fma.avx512.f32 = 118 GFLOP/s", "of 118 GFLOP/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the card lacks %q: %s", want, text)
		}
	}
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 5, 5))
	b.until(`document.getElementById("card").hidden`)
	b.run(chromedp.MouseClickXY(at[0], at[1]))
	b.until(`document.getElementById("card").classList.contains("kept")`)
	expect(b, `document.querySelector('#kernel-table tr[data-run="2"]').classList.contains("chosen")`, true)
	b.screenshot("card", false)
	b.quiet()
}

// TestIntegersAreCountedInOperations: the page of kernels of int8 has no FLOPs in its rows, its chart, its card and its details, but
// for the ceilings of other types.
func TestIntegersAreCountedInOperations(t *testing.T) {
	res := sixRuns()
	for i := range res.Runs {
		r := &res.Runs[i]
		r.DType, r.Roof, r.Analysis = "int8", "compute.fma.avx512.f32", nil
		roofline.Place(r, res.Ceilings)
	}
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", res)}}), 1360, 1400)
	text := func(selector string) string {
		return eval[string](b, `[...document.querySelectorAll("`+selector+`")].map(n => n.textContent).join("\n")`)
	}
	eval[bool](b, `document.getElementById("roofline").scrollIntoView({ behavior: "instant" }), true`)
	at := eval[[]float64](b, `(() => { const r = document.querySelector('.point[data-index="2"] .hit').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	b.until(`!document.getElementById("card").hidden`)
	for selector, want := range map[string]string{"#glance": "GOP/s", "#kernel-table": "GOP/s", "#chart .title": "Performance (OP/s)", "#card": "attainable = compute.fma.avx512.f32 = 118 GOP/s", ".detail": "OPs ÷ time = 268 MOP"} {
		switch got := text(selector); {
		case !strings.Contains(got, want):
			t.Errorf("%s lacks %q: %s", selector, want, got)
		case regexp.MustCompile(`FLOP/|[0-9] [kMGT]?FLOP\b`).MatchString(got):
			t.Errorf("%s has FLOPs of integers: %s", selector, got)
		}
	}
	b.quiet()
}
