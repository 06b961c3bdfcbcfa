package plots

import (
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// svgDoc is what the tests look at of an SVG document.
type svgDoc struct {
	Width   string   `xml:"width,attr"`
	Role    string   `xml:"role,attr"`
	Label   string   `xml:"aria-labelledby,attr"`
	ViewBox string   `xml:"viewBox,attr"`
	Title   string   `xml:"title"`
	Desc    string   `xml:"desc"`
	Texts   []string `xml:"text"`
	Groups  []struct {
		Title string   `xml:"title"`
		Texts []string `xml:"text"`
	} `xml:"g"`
}

func writeSVG(t *testing.T, c *Chart) (string, svgDoc) {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	var doc svgDoc
	dec := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	if err := dec.Decode(&doc); err != nil {
		t.Fatalf("not well-formed: %v", err)
	}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if blank, ok := tok.(xml.CharData); !ok || len(bytes.TrimSpace(blank)) > 0 {
			t.Fatalf("something follows the root element: %v, %v", tok, err)
		}
	}
	return b.String(), doc
}

func (d svgDoc) texts() (all []string) {
	all = append(all, d.Texts...)
	for _, g := range d.Groups {
		all = append(all, g.Texts...)
	}
	return all
}

func TestSVG(t *testing.T) {
	c := mustChart(t, sixKernels())
	raw, doc := writeSVG(t, c)
	if doc.Width != "1600" || doc.ViewBox != "0 0 1600 1000" || doc.Role != "img" || doc.Label != "title" {
		t.Errorf("root element: %+v", doc)
	}
	if !strings.Contains(doc.Title, "Roofline: matmul") || !strings.Contains(doc.Desc, "matmul/avx512/f32 512x512x512: 111 GFLOP/s") {
		t.Errorf("title %q, description %q", doc.Title, doc.Desc)
	}
	if strings.Contains(raw, "<style") || strings.Contains(raw, "class=") {
		t.Error("a style sheet would hold for the whole page that the document is put into")
	}
	if got, want := len(doc.texts()), len(c.TextBoxes()); got != want {
		t.Errorf("%d text elements, %d texts in the layout", got, want)
	}
	seen := map[string]int{}
	for _, s := range doc.texts() {
		seen[s]++
	}
	for _, b := range c.TextBoxes() {
		if seen[b.Text]--; seen[b.Text] < 0 {
			t.Errorf("text %q of the layout is not a text of the document", b.Text)
		}
	}
	for _, ban := range []string{"NaN", "Inf", "<image", "<script", "href"} {
		if strings.Contains(raw, ban) {
			t.Errorf("the document contains %q", ban)
		}
	}
}

func TestSVGSize(t *testing.T) {
	for _, clustered := range []bool{false, true} {
		raw, _ := writeSVG(t, mustChart(t, randomResult(30, 30, clustered)))
		if len(raw) > 150_000 {
			t.Errorf("%d bytes for 30 kernels, at most 150 kB are allowed", len(raw))
		}
	}
}

// hostile names end up in text, in tool tips, in the title and in the description.
const hostile = `<script>alert("x")</script>&amp; ]]> ' -- ` + "\x00\x1b[31m\n\u2028%s\\"

func hostileResult() *roofline.Result {
	res := sixKernels()
	res.Machine.CPU.Name = hostile
	for i := range res.Ceilings {
		res.Ceilings[i].Op += hostile
		res.Ceilings[i].Note = hostile
	}
	for i := range res.Runs {
		res.Runs[i].Kernel, res.Runs[i].Variant, res.Runs[i].DType = hostile, hostile, hostile
		if b := res.Runs[i].Bound; b != nil {
			b.Why = hostile
		}
	}
	res.Warnings = append(res.Warnings, roofline.Warning{About: hostile, Text: hostile, Cure: hostile})
	return res
}

func TestHostileNames(t *testing.T) {
	c := mustChart(t, hostileResult())
	checkBoxes(t, c)
	raw, doc := writeSVG(t, c)
	if strings.Contains(raw, "<script") {
		t.Error("a name became an element")
	}
	if !strings.Contains(doc.Desc, `<script>alert("x")</script>&amp;`) {
		t.Errorf("the name does not read back: %q", doc.Desc)
	}
	for _, write := range []func(io.Writer) error{c.WritePNG, c.WritePDF} {
		if err := write(io.Discard); err != nil {
			t.Error(err)
		}
	}
}

func FuzzSVGNames(f *testing.F) {
	f.Add("matmul", hostile)
	f.Add("日本語", "\xff\xfe")
	f.Fuzz(func(t *testing.T, kernel, cpuName string) {
		res := smallCore()
		withRuns(res, kernelSpec{kernel, "v", "avx2", "f32", cube(64), 1e8, 50, [4]float64{1, 2, 3, 4}, 0.01, an, an, ""})
		res.Machine.CPU.Name = cpuName
		c := mustChart(t, res)
		writeSVG(t, c)
		checkBoxes(t, c)
	})
}

func TestPDF(t *testing.T) {
	var b bytes.Buffer
	if err := mustChart(t, sixKernels()).WritePDF(&b); err != nil {
		t.Fatal(err)
	}
	pdf := b.Bytes()
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(pdf, []byte("%%EOF\n")) {
		t.Error("header or end is missing")
	}
	if n := bytes.Count(pdf, []byte("/Type /Page ")); n != 1 {
		t.Errorf("%d pages", n)
	}
	// Every entry of the cross-reference table must point at its object.
	xref, err := strconv.Atoi(string(regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(pdf)[1]))
	if err != nil || !bytes.HasPrefix(pdf[xref:], []byte("xref\n")) {
		t.Fatalf("startxref points at %.10q (%v)", pdf[xref:], err)
	}
	for i, m := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(pdf, -1) {
		off, _ := strconv.Atoi(string(m[1]))
		if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(pdf[off:], []byte(want)) {
			t.Errorf("object %d is not at %d", i+1, off)
		}
	}
	m := regexp.MustCompile(`(?s)/Length (\d+) /Filter /FlateDecode >>\nstream\n`).FindSubmatchIndex(pdf)
	n, _ := strconv.Atoi(string(pdf[m[2]:m[3]]))
	z, err := zlib.NewReader(bytes.NewReader(pdf[m[1] : m[1]+n]))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(matmul avx512) Tj", `(L1 load  468 GB/s \2610.4 %) Tj`, `(94 % \267 compute-bound) Tj`} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not show %s", want)
		}
	}
}

func TestPDFStrings(t *testing.T) {
	for in, want := range map[string]string{
		"a(b)\\": `a\(b\)\\`, "±0.6 %": `\2610.6 %`, "a – b…": `a \226 b\205`, "512³": `512\263`, "日": "?", "µ": `\265`, "\x00\n": "??"} {
		if got := winAnsi(in); got != want {
			t.Errorf("winAnsi(%q) = %s, want %s", in, got, want)
		}
	}
	if got := pdfUTF16("A≤"); got != "<FEFF00412264>" {
		t.Errorf("pdfUTF16: %s", got)
	}
}
