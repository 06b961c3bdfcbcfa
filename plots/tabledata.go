package plots

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// exact prints v so that it reads back as the same number; "" when it is not known.
func exact(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func exact3(e stats.Estimate, known bool) []string {
	if !known {
		return []string{"", "", ""}
	}
	return []string{exact(e.Median), exact(e.Lo), exact(e.Hi)}
}

// csvTable has one line per run, in SI base units.
func csvTable(res *roofline.Result) (string, error) {
	head := []string{"kernel", "variant", "isa", "dtype", "shape", "threads", "time_s", "time_lo_s", "time_hi_s", "samples",
		"flops_per_s", "flops_per_s_lo", "flops_per_s_hi", "bytes_per_s", "bytes_per_s_lo", "bytes_per_s_hi"}
	for _, l := range roofline.Levels {
		head = append(head, "ai_"+l)
	}
	head = append(head, "bound_by", "attainable", "attainable_unit", "fraction", "flops", "flops_source", "flops_quality")
	for _, l := range roofline.Levels {
		head = append(head, "bytes_"+l, "bytes_"+l+"_source", "bytes_"+l+"_quality")
	}
	lines := [][]string{append(head, "missing", "warnings")}
	for _, r := range rowsOf(res) {
		run := r.run
		line := []string{run.Kernel, run.Variant, run.ISA, run.DType, run.Shape.String(), strconv.Itoa(run.Threads)}
		line = append(line, exact3(run.Time.Estimate, run.Time.Median > 0)...)
		line = append(line, strconv.Itoa(run.Time.N))
		line = append(line, exact3(r.rate, r.computes())...)
		traffic := stats.Estimate{}
		if run.Traffic != nil {
			traffic = run.BytesPerS(run.Traffic.Level)
		}
		line = append(line, exact3(traffic, run.Traffic != nil)...)
		for _, l := range roofline.Levels {
			ai := ""
			if v, ok := r.ai[l]; ok {
				ai = exact(v)
			}
			line = append(line, ai)
		}
		if b := run.Bound; b != nil {
			line = append(line, b.By, exact(b.Attainable), b.Unit, exact(b.Fraction))
		} else {
			line = append(line, "", "", "", "")
		}
		var missing, warnings []string
		for _, q := range []perf.Quantity{perf.FLOPs, perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM} {
			c, ok := run.Count(q)
			if !ok {
				line = append(line, "", "", "")
				missing = append(missing, string(q)+": "+orText(reasonOf(r, q), "not counted"))
				continue
			}
			line = append(line, exact(c.Value), string(c.Source), string(c.Quality))
		}
		id := run.ID()
		for _, w := range res.Warnings {
			if w.About == id {
				warnings = append(warnings, withCure(w.Text, w.Cure))
			}
		}
		lines = append(lines, append(line, strings.Join(missing, "; "), strings.Join(warnings, " ")))
	}
	return toCSV(lines)
}

func csvCeilings(res *roofline.Result) (string, error) {
	lines := [][]string{{"id", "kind", "op", "isa", "dtype", "level", "threads", "unit", "median", "lo", "hi", "samples", "theory", "note"}}
	for _, c := range res.Ceilings {
		theory := ""
		if c.Theory > 0 {
			theory = exact(c.Theory)
		}
		line := append([]string{c.ID, c.Kind, c.Op, c.ISA, c.DType, c.Level, strconv.Itoa(c.Threads), c.Unit},
			exact3(c.Value, true)...)
		lines = append(lines, append(line, strconv.Itoa(c.Value.N), theory, c.Note))
	}
	return toCSV(lines)
}

func toCSV(lines [][]string) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(lines); err != nil {
		return "", err
	}
	return b.String(), nil
}

// markdownTable shows everything without abbreviation, for pull requests.
func markdownTable(res *roofline.Result) string {
	notes := &footnotes{}
	lines := [][]string{{"kernel", "size", "threads", "time", "95 % interval", "rate", "95 % interval", "AI L1", "AI L2", "AI L3", "AI DRAM", "of roof", "bound by", "FLOPs from", "bytes from", "notes"}}
	for _, r := range rowsOf(res) {
		run := r.run
		rate, rates := "–", "–"
		if r.unit != "" {
			rate, rates = precise(r.rate.Median, r.unit), interval(r.rate, r.unit)
		}
		time, times := "–", "–"
		if run.Time.Median > 0 {
			time, times = precise(run.Time.Median, "s"), interval(run.Time.Estimate, "s")
		}
		line := []string{run.Kernel + "/" + run.Variant + "/" + run.DType, run.Shape.String(), strconv.Itoa(run.Threads), time, times, rate, rates}
		numbers := notes.about(res, run.ID())
		for _, l := range roofline.Levels {
			ai := "–"
			if v, ok := r.ai[l]; ok {
				ai = significant(v, 6)
			} else if r.unit != "B/s" {
				numbers = append(numbers, notes.cite(orText(shortReason(r, roofline.Bytes(l)), "Bytes of "+l+" were not counted.")))
			}
			line = append(line, ai)
		}
		if b := run.Bound; b != nil {
			line = append(line, strconv.FormatFloat(100*b.Fraction, 'f', 2, 64)+" %", b.By)
		} else {
			line = append(line, "–", "–")
		}
		line = append(line, sourceOf(r, perf.FLOPs), sourceOf(r, roofline.Bytes(r.mainLevel())), citations(numbers))
		lines = append(lines, line)
	}
	notes.rest(res)
	var b strings.Builder
	b.WriteString(markdownEscape(headline(res)) + "\n\n" + toMarkdown(lines, "llrrlrlrrrrrllll"))
	for i, t := range notes.texts {
		fmt.Fprintf(&b, "\n%d. %s", i+1, markdownEscape(t))
	}
	if len(notes.texts) > 0 {
		b.WriteString("\n")
	}
	for _, r := range rowsOf(res) {
		if why := r.why(); why != "" {
			fmt.Fprintf(&b, "\n- **%s**: %s", markdownEscape(r.run.ID()), markdownEscape(oneLine(why)))
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func markdownCeilings(res *roofline.Result) string {
	lines := [][]string{{"ceiling", "measured", "95 % interval", "theory", "of theory", "threads", "note"}}
	for _, c := range res.Ceilings {
		theory, share := "–", "–"
		if c.Theory > 0 {
			theory, share = precise(c.Theory, c.Unit), strconv.FormatFloat(100*c.Value.Median/c.Theory, 'f', 2, 64)+" %"
		}
		lines = append(lines, []string{c.ID, precise(c.Value.Median, c.Unit), interval(c.Value, c.Unit), theory, share, strconv.Itoa(c.Threads), c.Note})
	}
	return toMarkdown(lines, "lrlrrrl")
}

// interval prints the bounds in one unit with six digits.
func interval(e stats.Estimate, unit string) string {
	if !e.Known() {
		return "–"
	}
	scale, prefix := prefixOf(e.Median)
	return fmt.Sprintf("[%s, %s] %s%s", significant(e.Lo/scale, 6), significant(e.Hi/scale, 6), prefix, unit)
}

func sourceOf(r row, q perf.Quantity) string {
	if c, ok := r.run.Count(q); ok {
		if string(c.Source) == string(c.Quality) {
			return string(c.Source)
		}
		return string(c.Source) + " (" + string(c.Quality) + ")"
	}
	return "–"
}

func citations(numbers []int) string {
	var out []string
	for _, n := range numbers {
		if s := strconv.Itoa(n); len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

// toMarkdown writes a pipe table; align has l or r per column.
func toMarkdown(lines [][]string, align string) string {
	var b strings.Builder
	for i, line := range lines {
		for _, c := range line {
			b.WriteString("| " + markdownEscape(oneLine(c)) + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			for _, a := range align {
				b.WriteString(map[rune]string{'l': "|---", 'r': "|---:"}[a])
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "`", "\\`", "[", `\[`, "]", `\]`)

func markdownEscape(s string) string { return markdownEscapes.Replace(s) }
