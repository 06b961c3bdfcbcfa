package report

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// cutOff lists what is wider than the sheet, or than its box where that cannot be scrolled.
const cutOff = `(() => {
	const width = document.documentElement.clientWidth;
	return [...document.querySelectorAll("main *, header *")].filter(e => e.getClientRects().length > 0 && !e.closest(".unseen") && (!e.closest("svg") || e.matches("svg:not(svg svg)")))
		.filter(e => e.getBoundingClientRect().right > width + 1 || e.matches("pre, .scroll") && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
		.map(e => e.tagName + "." + e.getAttribute("class") + " " + e.textContent.trim().slice(0, 60));
})()`

// sheets counts the pages of a PDF.
var sheets = regexp.MustCompile(`/Type\s*/Page\b`)

// TestOnPaper prints reports: nothing is cut off at the edges of A4, the sections of all kernels are there, the paper is light
// whatever the screen is, and the screen is as it was afterwards.
func TestOnPaper(t *testing.T) {
	for _, p := range []struct {
		name         string
		in           Input
		least, most  int // sheets
		details, all int
	}{
		{"one", Input{Entries: []Entry{entry("result", sixRuns())}}, 8, 16, 6, 6},
		{"pair", pairInput(), 8, 18, 6, 6},
		{"session", sessionInput(), 3, 8, 1, 1},
		{"crowd", Input{Entries: []Entry{entry("result", crowd(300))}}, 40, 90, detailed, 300},
	} {
		t.Run(p.name, func(t *testing.T) {
			const across = 718 // pixels of A4 within margins of a centimetre
			b := open(t, rendered(t, p.in), across, 1000)
			b.choose("theme", "dark")
			dark := eval[string](b, `getComputedStyle(document.body).backgroundColor`)
			pdf := do(b, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
			if n := len(sheets.FindAll(pdf, -1)); n < p.least || n > p.most {
				t.Errorf("%d sheets, want %d to %d", n, p.least, p.most)
			}
			if dir := os.Getenv("ROOFLINE_GALLERY"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, p.name+".pdf"), pdf, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			expect(b, `getComputedStyle(document.body).backgroundColor`, dark)

			b.run(media("print", "dark"))
			eval[bool](b, `dispatchEvent(new Event("beforeprint"))`)
			expect(b, `getComputedStyle(document.body).backgroundColor`, "rgb(255, 255, 255)")
			if n := b.count(".detail"); n != p.details {
				t.Errorf("%d sections of kernels, want %d", n, p.details)
			}
			if n := b.count("#kernel-table tbody tr"); n != p.all {
				t.Errorf("%d rows, want %d", n, p.all)
			}
			if n := b.count("nav, .controls, select, input, button:not(th *)"); n != 0 {
				t.Errorf("%d controls on paper", n)
			}
			for _, what := range eval[[]string](b, cutOff) {
				t.Error("cut off: " + what)
			}
			eval[bool](b, `dispatchEvent(new Event("afterprint"))`)
			b.quiet()
		})
	}
}
