package report

import (
	"os"
	"testing"
	"time"
)

// TestThousandsOfPoints: beyond what can be labelled a point is its marker alone, and stays the same element while the chart
// moves, which keeps moving cheap; the tables say what they leave out.
func TestThousandsOfPoints(t *testing.T) {
	const n = 1200
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", crowd(n))}}), 1360, 1000)
	expect(b, points, n)
	expect(b, `document.querySelectorAll("#chart .point-lines, #chart .name").length`, 0)
	expect(b, `document.querySelectorAll('#chart [tabindex="0"]').length`, 1)
	eval[bool](b, `window.kept = document.querySelector("#chart .point[data-index]"), true`)
	before := eval[string](b, first)
	b.click("#zoom-in")
	b.until(first + " !== " + quoted(before))
	expect(b, `window.kept === document.querySelector("#chart .point[data-index]")`, true)
	if rows := eval[int](b, `document.querySelectorAll("#kernel-table tbody tr").length`); rows != tableRows {
		t.Errorf("%d rows, want the first %d", rows, tableRows)
	}
	expect(b, `document.getElementById("kernels").textContent.includes("800 more kernels")`, true)
	if sections := eval[int](b, `document.querySelectorAll(".detail").length`); sections != detailed {
		t.Errorf("%d sections, want %d", sections, detailed)
	}
	b.choose("find", "v1199")
	expect(b, points, 1)
	b.quiet()
}

// BenchmarkFiveThousandPoints measures what a reader waits for: until the page has its chart, for a frame while the chart
// moves, and for a choice.
func BenchmarkFiveThousandPoints(b *testing.B) {
	path := rendered(b, Input{Entries: []Entry{entry("result", crowd(5000))}})
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		begin := time.Now()
		page := open(b, path, 1360, 1000)
		page.until(points + " === 5000")
		b.ReportMetric(time.Since(begin).Seconds()*1e3, "ms/open")
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
