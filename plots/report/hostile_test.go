package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// hostile are texts that would do harm where they were taken for markup, script, style, attribute or direction.
var hostile = []string{
	`</script><script>attacked = 1</script>`, `<img src=x onerror="attacked = 2">`, `"><svg onload=attacked=3>`, `'"` + "`" + ` onfocus=attacked=4 autofocus x='`,
	`</style><style>body{display:none}`, `</title><h1>attacked`, `<!-- <script> -->`, `javascript:attacked=5`, "]]>\u2028\u2029attacked=6//", `{{.}} ${attacked=7} {{template "head" .}}`,
	"\u202egnitset\u202c \u2066isolate\u2069", "nul\x00 bell\x07 \ufffe", strings.Repeat("long", 500),
}

// poisoned puts a text wherever a result has one, in a run for each text; what there is one of gets all of them.
func poisoned(texts ...string) *roofline.Result {
	res := sixRuns()
	for i, s := range texts {
		r := analysed(kernel(res, s, s, "avx512", 128+i, 1, 30e9, [4]float64{1, 2, 4, 8}))
		r.DType, r.Roof, r.Object = s, "", &roofline.Object{File: s, Function: s}
		r.Command = &roofline.Command{Args: []string{s, s}, Runs: 1, Passes: 1}
		r.Counts["misses.L1"] = []perf.Count{perf.NotCounted(perf.SourcePMU, s)}
		r.Counts[perf.Instructions] = []perf.Count{{Value: 1e6, Source: perf.SourceInstrumented, Quality: perf.Exact, Note: s}}
		r.Bound = &roofline.Bound{By: s, Attainable: 60e9, Unit: "FLOP/s", Fraction: r.FLOPs() / r.Time.Median / 60e9, Why: s, Advice: []string{s}}
		a := r.Analysis
		a.Mix[0].Class, a.Blocks[0].Function, a.Blocks[0].Code[0], a.Caches[0].Arrays[0].Array, a.Quality[0].Text, a.Quality[1].Cure = s, s, s, s, s, s
		a.Gap.IdealBy, a.Gap.Parts[0].Text, a.Gap.Resources[0].Ceiling = s, s, s
		a.Gap.Phases = []roofline.GapPhase{{Name: s, Seconds: 1e-3, By: s}, {Name: s, Seconds: 1e-3}}
		a.Findings[0] = roofline.Finding{ID: s, Cause: s, Evidence: []string{s}, Next: s, Gain: 2}
		r.Verified.Against = s
		res.Runs = append(res.Runs, r)
		res.Warnings = append(res.Warnings, roofline.Warning{About: r.ID(), Text: s, Cure: s}, roofline.Warning{About: s, Text: s})
		res.Ceilings = append(res.Ceilings, roofline.Ceiling{ID: s, Kind: "compute", Op: s, ISA: s, DType: s, Threads: 1, Unit: "FLOP/s", Value: estimate(99e9, 0.01, 9), Note: s})
	}
	all := strings.Join(texts, " ")
	res.Machine.CPU.Name, res.Machine.Environment.OS, res.Machine.PMU.Reason, res.Machine.Quality[1].Text = all, all, all, all
	return res
}

func TestHostileTextsAreText(t *testing.T) {
	all := strings.Join(hostile, " ")
	base, now := entry(all, poisoned(hostile...)), entry(all+" new", poisoned(hostile...))
	now.Record.Note = all
	for name, in := range map[string]Input{"one": {Title: all, Entries: []Entry{base}}, "pair": {Entries: []Entry{base, now}}, "session": {Session: true, Entries: []Entry{base, now}}} {
		b := open(t, rendered(t, in), 1360, 900)
		expect(b, `typeof attacked`, "undefined")
		expect(b, `document.querySelectorAll("script:not([type]), style").length`, 3)
		expect(b, `document.querySelectorAll("img, iframe, object, [onerror], [onload], [onfocus]").length`, 0)
		expect(b, `document.querySelectorAll("h1").length`, 1)
		expect(b, `[...document.querySelectorAll("a")].every(a => a.getAttribute("href").startsWith("#"))`, true)
		expect(b, `getComputedStyle(document.body).display`, "block")
		if n := eval[int](b, points); n < 4+len(hostile) {
			t.Errorf("%s: %d points", name, n)
		}
		for i := range hostile { // each card is made of texts of its run
			eval[bool](b, fmt.Sprintf(`(() => { const p = [...document.querySelectorAll("#chart .point[data-index]:not(.past)")].slice(-%d)[0]; p.dispatchEvent(new MouseEvent("click", { bubbles: true })); return true })()`, i+1))
			expect(b, `document.getElementById("card").hidden`, false)
		}
		expect(b, `document.getElementById('kernel-table').textContent.includes("</script><script>")`, true)
		expect(b, `typeof attacked`, "undefined")
		expect(b, `document.documentElement.scrollWidth <= document.documentElement.clientWidth`, true)
		b.quiet()
	}
}

// TestDataReadsBack takes the data out of the page as a shell would, with base64 and gunzip, and compares it with the result.
func TestDataReadsBack(t *testing.T) {
	for _, s := range hostile {
		res := poisoned(s)
		var page bytes.Buffer
		if err := Write(&page, Input{Entries: []Entry{entry("x", res)}}); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSuffix(string(unpack(t, page.String(), "data")), "\n"); got != string(want) {
			t.Errorf("%.30q: the data in the page is not the result", s)
		}
	}
}

// unpack is what a page carries compressed in the script element with that id.
func unpack(t *testing.T, page, id string) []byte {
	t.Helper()
	_, rest, found := strings.Cut(page, `<script type="application/gzip" id="`+id+`">`)
	text, _, closed := strings.Cut(rest, "</script>")
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !found || !closed {
		t.Fatal(err, found, closed)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
