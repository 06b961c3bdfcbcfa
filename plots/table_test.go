package plots

import (
	"bytes"
	"encoding/csv"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

var update = flag.Bool("update", false, "write the expected outputs in testdata anew")

func table(t testing.TB, res *roofline.Result, o TableOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Table(&b, res, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ceilingsTable(t testing.TB, res *roofline.Result, o TableOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := CeilingsTable(&b, res, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The files in testdata are of synthetic results, as their first lines say.
func TestGolden(t *testing.T) {
	var term bytes.Buffer
	if err := Terminal(&term, sixKernels(), TerminalOptions{Width: 78, Height: 20}); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"synthetic-table.txt":    table(t, sixKernels(), TableOptions{}),
		"synthetic-table.md":     table(t, sixKernels(), TableOptions{Format: "markdown"}),
		"synthetic-ceilings.txt": ceilingsTable(t, smallCore(), TableOptions{}),
		"synthetic-terminal.txt": "Synthetic result, not measured\n" + term.String(),
	} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (go test ./plots -update writes it anew):\n%s", path, got)
		}
	}
}

func checkWidth(t *testing.T, s string, limit int) {
	t.Helper()
	for _, l := range strings.Split(s, "\n") {
		if w := lipgloss.Width(l); w > limit {
			t.Errorf("%d columns, %d are allowed: %q", w, limit, l)
		}
		if strings.ContainsAny(l, "\x1b\r\t") {
			t.Errorf("control characters in a plain table: %q", l)
		}
	}
}

func TestTableFits(t *testing.T) {
	results := gallery()
	results["hostile"] = hostileResult()
	for name, res := range results {
		for _, w := range []int{0, 40, 60, 79, 80, 120} {
			limit := w
			if w == 0 {
				limit = 80
			}
			t.Run(name+" "+strconv.Itoa(w), func(t *testing.T) {
				checkWidth(t, table(t, res, TableOptions{Width: w}), limit)
				checkWidth(t, ceilingsTable(t, res, TableOptions{Width: w}), limit)
			})
		}
	}
}

func FuzzTableFits(f *testing.F) {
	f.Add("matmul", "avx512", "f32", "reason", 80, 512, 1e9)
	f.Add("日本語のカーネル名前がとても長い", "é́́", "\x1b[31m", "\n", 41, 1<<40, 1e-3)
	f.Add(hostile, hostile, hostile, hostile, -5, -1, math.Inf(1))
	f.Fuzz(func(t *testing.T, kernel, variant, dtype, why string, width, n int, gflops float64) {
		res := sixKernels()
		r := &res.Runs[2]
		r.Kernel, r.Variant, r.DType, r.Shape.N = kernel, variant, dtype, n
		r.Time.Median = 1e8 / gflops
		r.Counts[perf.BytesL2] = []perf.Count{perf.NotCounted(an, why)}
		roofline.Place(r, res.Ceilings)
		res.Warnings = append(res.Warnings, roofline.Warning{About: r.ID(), Text: why, Cure: variant})
		res.Ceilings[0].ID, res.Ceilings[0].Note, res.Ceilings[0].Value.Median = kernel, why, gflops
		width = 40 + (width%120+120)%120
		checkWidth(t, table(t, res, TableOptions{Width: width}), width)
		checkWidth(t, ceilingsTable(t, res, TableOptions{Width: width}), width)
	})
}

// Where columns are left out, those go first that tell nothing of any run, and no footnote is left without its mark.
func TestNarrowTableLeavesOutWhatTellsNothing(t *testing.T) {
	res := sixKernels()
	res.Warnings = nil
	for i := range res.Runs {
		res.Runs[i].Counts[perf.BytesDRAM] = []perf.Count{{Source: sim, Quality: perf.Simulated}} // none
		res.Runs[i].Variant += " with a name that takes room"
		roofline.Place(&res.Runs[i], res.Ceilings)
	}
	wide, narrow := table(t, res, TableOptions{Width: 160}), table(t, res, TableOptions{Width: 80})
	if !strings.Contains(wide, "∞") {
		t.Fatalf("no level without traffic in\n%s", wide)
	}
	if !strings.Contains(narrow, "Left out for want of columns: AI of DRAM") || strings.Contains(narrow, "∞") {
		t.Errorf("80 columns:\n%s", narrow)
	}
}

func TestTableLines(t *testing.T) {
	s := table(t, sixKernels(), TableOptions{Width: 100})
	if want := "matmul avx512    512³        2.41ms 0.3%     111  3.1   12   40   85   94% comp  p"; !strings.Contains(s, want+"\n") {
		t.Errorf("no line %q in\n%s", want, s)
	}
	lines := strings.Split(s, "\n")
	count := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "copy avx512") && strings.Contains(l, "18.9 GB/s") {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d lines show copy with GB/s", count)
	}
	if s := table(t, sixKernels(), TableOptions{Width: 40}); !strings.Contains(s, "matmul avx2") || !strings.Contains(s, "Left out for want") || strings.Contains(s, "± half") { // names go last
		t.Errorf("40 columns: names are cut in\n%s", s)
	}
	for _, w := range []int{40, 60} {
		if s := table(t, sixKernels(), TableOptions{Width: w}); !strings.Contains(s, "18.9GB/s") && !strings.Contains(s, "18.9 GB/s") {
			t.Errorf("%d columns: copy without its unit in\n%s", w, s)
		}
	}
	for _, want := range []string{"quality [6/7]", "¹ The working set fits in L2.", "Cure: measure the ceiling again", "matmul naive 512³: Synthetic reason: compute.add.go.f32", "4 more: roofline explain KERNEL"} {
		if !strings.Contains(s, want) {
			t.Errorf("the table does not say %q", want)
		}
	}
}

// The mark of the furthest run takes columns of its own, in which no column is left out twice; without such a run there is none.
func TestMarkOfTheFurthest(t *testing.T) {
	for width := 60; width < 100; width++ {
		s := table(t, sixKernels(), TableOptions{Width: width})
		if strings.Count(s, "AI of L3") > 1 {
			t.Errorf("%d columns: a column is left out twice in\n%s", width, s)
		}
	}
	one := sixKernels()
	one.Runs = one.Runs[:1]
	if s := table(t, one, TableOptions{Width: 100}); strings.Contains(s, "<==") {
		t.Errorf("a single run is marked in\n%s", s)
	}
}

// The same reason at other sizes is one footnote.
func TestReasonsShareAFootnote(t *testing.T) {
	res := sixKernels()
	for i, size := range []string{"3.51 MiB", "820 KiB", "7 MiB"} {
		res.Runs[i].Counts[perf.BytesDRAM] = []perf.Count{perf.NotCounted(pm, "no PMU"), perf.NotCounted(an, "the working set of "+size+" fits in L3")}
		place(&res.Runs[i], res.Ceilings)
	}
	s := table(t, res, TableOptions{Width: 100})
	if n := strings.Count(s, "pmu: no PMU; analytic: the working set fits in L3."); n != 1 || strings.Count(s, "–¹") != 3 {
		t.Errorf("%d footnotes in\n%s", n, s)
	}
	if csv := table(t, res, TableOptions{Format: "csv"}); !strings.Contains(csv, "the working set of 820 KiB fits in L3") {
		t.Error("CSV lost the size")
	}
}

// What is missing is a dash with a footnote, in no format a zero.
func TestMissingIsNotZero(t *testing.T) {
	res := sixKernels()
	res.Warnings = nil
	r := &res.Runs[1]
	r.Counts = map[perf.Quantity][]perf.Count{perf.FLOPs: {perf.NotCounted(pm, "no counter for FLOPs")}}
	r.Time.Lo, r.Time.Hi, r.Time.N = math.NaN(), math.NaN(), 3
	r.Points, r.Bound, r.Traffic = nil, nil, nil
	res.Runs = res.Runs[1:2]
	s := table(t, res, TableOptions{})
	for _, want := range []string{"No counter for FLOPs.", "3 samples, at least 6 are needed", "Bytes of L1 were not counted."} {
		if !strings.Contains(strings.Join(strings.Fields(s), " "), want) {
			t.Errorf("no footnote %q in\n%s", want, s)
		}
	}
	row := s[strings.Index(s, "matmul avx2"):]
	row = row[:strings.IndexByte(row, '\n')]
	if n := strings.Count(row, "–"); n != 9 { // ±, rate, four intensities, roof, bound, source
		t.Errorf("%d dashes in %q", n, row)
	}
	records, err := csv.NewReader(strings.NewReader(table(t, res, TableOptions{Format: "csv"}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range records[0] {
		switch v := records[1][i]; name {
		case "flops_per_s", "time_lo_s", "ai_L1", "ai_DRAM", "flops", "bytes_L1", "fraction", "attainable", "bytes_per_s":
			if v != "" {
				t.Errorf("CSV: %s is %q, not empty", name, v)
			}
		case "missing":
			if !strings.Contains(v, "flops: No counter for FLOPs.") {
				t.Errorf("CSV: missing says %q", v)
			}
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	res := randomResult(9, 20, false)
	records, err := csv.NewReader(strings.NewReader(table(t, res, TableOptions{Format: "csv"}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 21 {
		t.Fatalf("%d lines", len(records))
	}
	col := map[string]int{}
	for i, n := range records[0] {
		col[n] = i
	}
	for i, r := range res.Runs {
		line := records[i+1]
		same := func(name string, want float64) {
			if got, err := strconv.ParseFloat(line[col[name]], 64); err != nil || got != want {
				t.Errorf("%s of %s reads back as %v (%v), want %v", name, r.ID(), line[col[name]], err, want)
			}
		}
		same("time_s", r.Time.Median)
		same("time_hi_s", r.Time.Hi)
		same("flops_per_s", r.Perf().Median)
		same("flops_per_s_lo", r.Perf().Lo)
		same("fraction", r.Bound.Fraction)
		for _, p := range r.Points {
			same("ai_"+p.Level, p.AI)
			c, _ := r.Count(roofline.Bytes(p.Level))
			same("bytes_"+p.Level, c.Value)
		}
		if line[col["shape"]] != r.Shape.String() || line[col["bound_by"]] != r.Bound.By {
			t.Errorf("%s: shape %s, bound by %s", r.ID(), line[col["shape"]], line[col["bound_by"]])
		}
	}
	hostileRecords, err := csv.NewReader(strings.NewReader(table(t, hostileResult(), TableOptions{Format: "csv"}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := hostileRecords[1][0]; got != hostile {
		t.Errorf("kernel reads back as %q", got)
	}
}

func TestCeilingsCSVReadsBack(t *testing.T) {
	res := smallCore()
	records, err := csv.NewReader(strings.NewReader(ceilingsTable(t, res, TableOptions{Format: "csv"}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range res.Ceilings {
		line := records[i+1]
		if v, err := strconv.ParseFloat(line[8], 64); err != nil || v != c.Value.Median || line[0] != c.ID || line[7] != c.Unit {
			t.Errorf("%s reads back as %q", c.ID, line)
		}
		if (line[12] == "") != (c.Theory == 0) {
			t.Errorf("%s: theory %q for %g", c.ID, line[12], c.Theory)
		}
	}
}

func TestMarkdownIsATable(t *testing.T) {
	for _, s := range []string{table(t, hostileResult(), TableOptions{Format: "markdown"}), ceilingsTable(t, hostileResult(), TableOptions{Format: "markdown"})} {
		pipes := -1
		for _, l := range strings.Split(s, "\n") {
			if !strings.HasPrefix(l, "|") {
				continue
			}
			n := strings.Count(strings.ReplaceAll(l, `\|`, ""), "|")
			if pipes == -1 {
				pipes = n
			}
			if n != pipes {
				t.Errorf("%d columns, the heading has %d: %s", n-1, pipes-1, l)
			}
		}
		if pipes < 5 {
			t.Errorf("no table in %s", s)
		}
		if strings.Contains(s, "<script") || !utf8.ValidString(s) {
			t.Error("a name can become markup")
		}
	}
}

func TestColor(t *testing.T) {
	plain, colored := table(t, sixKernels(), TableOptions{}), table(t, sixKernels(), TableOptions{Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("colour without permission")
	}
	if !strings.Contains(colored, "\x1b[1;31m") {
		t.Error("the run above its roof is not red")
	}
	strip := func(s string) string {
		var b strings.Builder
		for i, part := range strings.Split(s, "\x1b[") {
			if i > 0 {
				_, part, _ = strings.Cut(part, "m")
			}
			b.WriteString(part)
		}
		return b.String()
	}
	trim := func(s string) string {
		lines := strings.Split(s, "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		return strings.Join(lines, "\n")
	}
	if trim(strip(colored)) != plain {
		t.Error("colour changes the text")
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Table(&bytes.Buffer{}, smallCore(), TableOptions{Format: "yaml"})
	if err == nil || !strings.Contains(err.Error(), `unknown format "yaml" (use text, markdown or csv)`) {
		t.Error(err)
	}
}

func TestEmptyTables(t *testing.T) {
	if s := table(t, smallCore(), TableOptions{}); !strings.Contains(s, "no runs") {
		t.Errorf("%q", s)
	}
	if s := ceilingsTable(t, &roofline.Result{}, TableOptions{}); !strings.Contains(s, "no ceilings") {
		t.Errorf("%q", s)
	}
}

func TestNoWarningIsLost(t *testing.T) {
	res := sixKernels()
	res.Warnings = append(res.Warnings,
		roofline.Warning{Text: "the machine was busy", Cure: "stop other programs"},
		roofline.Warning{About: "bandwidth.load.L3", Text: "no plateau was found"})
	s := strings.Join(strings.Fields(table(t, res, TableOptions{})), " ")
	for _, want := range []string{"The machine was busy. Cure: stop other programs.", "bandwidth.load.L3: No plateau was found."} {
		if !strings.Contains(s, want) {
			t.Errorf("the table does not say %q", want)
		}
	}
	s = strings.Join(strings.Fields(ceilingsTable(t, res, TableOptions{})), " ")
	if !strings.Contains(s, "No plateau was found.") || !strings.Contains(s, "108 GB/s¹") {
		t.Errorf("the warning about L3 is not with its ceiling:\n%s", s)
	}
}

func TestCeilingRemarks(t *testing.T) {
	res := smallCore()
	for i := range res.Ceilings {
		c := &res.Ceilings[i]
		c.Note = map[string]string{"compute": "theory: two pipes of full width, at the scalar clock", "bandwidth": "avx2 256, 9 KiB"}[c.Kind]
	}
	res.Warnings = []roofline.Warning{{About: "compute.fma.avx512.f32", Text: "the clock wandered"}}
	s := ceilingsTable(t, res, TableOptions{})
	for _, want := range []string{"118 GFLOP/s¹,²", "118 GFLOP/s²", "1  avx2 256, 9 KiB\n", "¹ The clock wandered.", "² Theory: two pipes of full width, at the scalar clock."} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
	if n := strings.Count(s, "Theory: two pipes"); n != 1 {
		t.Errorf("the shared remark is printed %d times", n)
	}
}

// A level whose traffic was counted as none has an infinite intensity, which is not the same as an unknown one.
func TestNoTraffic(t *testing.T) {
	res := sixKernels()
	res.Runs = res.Runs[1:2]
	res.Runs[0].Counts[perf.BytesDRAM] = []perf.Count{{Source: perf.SourceSimulated, Quality: perf.Simulated}}
	res.Runs[0].Counts[perf.BytesL3] = []perf.Count{perf.NotCounted(perf.SourceSimulated, "no such level")}
	place(&res.Runs[0], res.Ceilings)
	var b strings.Builder
	if err := Table(&b, res, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"∞", "no traffic was seen at this level (simulated)", "No such level"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
}

// Sources with the same reason share it.
func TestReasonsAreSaidOnce(t *testing.T) {
	r := row{run: &roofline.Run{Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {
		perf.NotCounted(perf.SourceInstrumented, "plain Go code."), perf.NotCounted(perf.SourcePMU, "no PMU"), perf.NotCounted(perf.SourceSimulated, "plain Go code")}}}}
	if got := reasonOf(r, perf.FLOPs); got != "instrumented, simulated: plain Go code; pmu: no PMU." {
		t.Errorf("%q", got)
	}
	r.run.Counts[perf.FLOPs] = r.run.Counts[perf.FLOPs][:1]
	if got := reasonOf(r, perf.FLOPs); got != "Plain Go code." {
		t.Errorf("%q", got)
	}
}
