package report

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// defaultRun is what `roofline measure` left behind on a virtual machine with a Zen 4, which was busy with other programs.
//
//go:embed testdata/default-run.json.gz
var defaultRun []byte

func realRun(t *testing.T) *roofline.Result {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(defaultRun))
	if err != nil {
		t.Fatal(err)
	}
	res, err := roofline.Decode(z)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestSizeOfRealReports: a page can be sent by mail.
func TestSizeOfRealReports(t *testing.T) {
	for name, c := range map[string]struct {
		in   Input
		most int
	}{
		"one":  {Input{Entries: []Entry{entry("result", realRun(t))}}, 670e3},
		"pair": {Input{Entries: []Entry{entry("before", realRun(t)), entry("after", realRun(t))}}, 800e3},
	} {
		var page bytes.Buffer
		if err := Write(&page, c.in); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, page.Len())
		if page.Len() > c.most {
			t.Errorf("%s: %d bytes, want no more than %d", name, page.Len(), c.most)
		}
	}
}

// TestRealReport looks at the page of a real run as a reader would: wide, narrow, dark, on paper.
func TestRealReport(t *testing.T) {
	path := rendered(t, Input{Entries: []Entry{entry("result", realRun(t))}})
	for _, width := range []int64{1360, 400} {
		b := open(t, path, width, 900)
		for _, o := range eval[[]string](b, overlaps) {
			t.Errorf("%d wide: these overlap: %s", width, o)
		}
		for _, look := range []string{"light", "dark"} {
			b.choose("theme", look)
			for _, complaint := range eval[[]string](b, audit) {
				t.Errorf("%d wide, %s: %s", width, look, complaint)
			}
		}
		b.screenshot("real", true)
		b.quiet()
	}
	b := open(t, path, 718, 900)
	b.run(media("print", "light"))
	eval[bool](b, `dispatchEvent(new Event("beforeprint"))`)
	for _, what := range eval[[]string](b, cutOff) {
		t.Error("cut off on paper: " + what)
	}
}
