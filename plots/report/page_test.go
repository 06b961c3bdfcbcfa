package report

import (
	"bytes"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

func TestOpensFromDiskWithoutErrorsAndRequests(t *testing.T) {
	for name, in := range map[string]Input{"one": {Entries: []Entry{entry("result", sixRuns())}}, "pair": pairInput(), "session": sessionInput(),
		"ceilings": {Entries: []Entry{entry("result", machine())}}, "crowd": {Entries: []Entry{entry("result", crowd(60))}}} {
		t.Run(name, func(t *testing.T) {
			path := rendered(t, in)
			b := open(t, path, 1360, 1000)
			if n := b.count("#chart > svg"); n != 2 { // what lies under the points, and the points
				t.Errorf("%d charts", n)
			}
			if b.count("#drawn") != 0 {
				t.Error("the drawn chart is still there")
			}
			b.quiet()
			b.screenshot(name, true)
			if st, err := os.Stat(path); err != nil || st.Size() > 1<<20 {
				t.Errorf("%d bytes, %v", st.Size(), err)
			}
		})
	}
}

func TestReadableWithoutScripts(t *testing.T) {
	b := open(t, rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}}), 1360, 1000, withoutScripts())
	defer b.screenshot("noscript", true)
	if b.count("#drawn svg.chart") != 1 || b.count("#chart") != 0 || b.count("#controls") != 0 {
		t.Error("without scripts the drawn chart must show, and no controls that cannot work")
	}
	if n := b.count(".detail"); n != 6 {
		t.Errorf("%d sections of kernels, want all 6", n)
	}
	b.quiet()
}

// TestReadableWhereScriptsFail: in a browser that cannot unpack the data the page is what it is without scripts.
func TestReadableWhereScriptsFail(t *testing.T) {
	path := rendered(t, Input{Entries: []Entry{entry("result", sixRuns())}})
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(page, []byte(`id="view">`), []byte(`id="view">AAAA`), 1)
	if err := os.WriteFile(path, broken, 0o644); err != nil {
		t.Fatal(err)
	}
	b := open(t, path, 1360, 1000, chromedp.Sleep(0))
	b.until(`document.documentElement.className === ""`)
	if b.count("#drawn svg.chart") != 1 || b.count("#chart") != 0 || b.count(".detail") != 6 {
		t.Error("the drawn chart and all sections must show")
	}
}

// An ideal that nobody knows is not said to be no time.
func TestGapWithoutAnIdeal(t *testing.T) {
	g := gap(&roofline.Gap{Measured: 2e-6, Parts: []roofline.GapPart{{Cause: roofline.CauseOther, Seconds: 2e-6}}}, "FLOP")
	if first := g.Steps[0]; first.Time != "unknown" || first.Share != "" || first.Text != plots.NoIdeal {
		t.Errorf("%+v", first)
	}
}
