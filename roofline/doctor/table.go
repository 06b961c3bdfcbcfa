package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// Summary is one sentence: is there a PMU, how many of its counters are verified, and where counts come from.
func (r *Report) Summary() string {
	var text string
	switch verified, judged := r.tally(perf.SourcePMU); {
	case !r.Machine.PMU.Available:
		text = "This machine: no usable PMU (" + cmp.Or(r.Machine.PMU.Reason, "for an unknown reason") + ")"
	case judged == 0:
		text = "This machine: a PMU whose counters are not verified"
	case verified == judged:
		text = fmt.Sprintf("This machine: a PMU, all %d counters verified", judged)
	default:
		text = fmt.Sprintf("This machine: a PMU, %d of %d counters verified", verified, judged)
	}
	return text + "; " + r.origin() + "."
}

// tally counts a source's verified counters and those that there are, details included. Those that cannot be counted at all are
// left out.
func (r *Report) tally(s perf.SourceName) (verified, judged int) {
	for _, v := range r.Verdicts {
		if v.Source != s || v.Status == perf.NotThere {
			continue
		}
		judged++
		if v.Status == perf.Verified {
			verified++
		}
	}
	return verified, judged
}

// origin says where measuring takes its counts from.
func (r *Report) origin() string {
	from := map[perf.SourceName][]string{}
	var order []perf.SourceName
	for _, u := range r.Used {
		if u.Quantity.OfSystem() {
			continue
		}
		if from[u.Source] == nil {
			order = append(order, u.Source)
		}
		from[u.Source] = append(from[u.Source], string(u.Quantity))
	}
	var parts, nowhere []string
	for _, s := range order {
		if s == "" {
			nowhere = from[s]
			continue
		}
		parts = append(parts, fmt.Sprintf("%s from %s", strings.Join(fold(from[s]), ", "), cmp.Or(sourceShort[s], string(s))))
	}
	if len(nowhere) > 0 && len(parts) > 0 {
		parts = append(parts, "nobody counts "+strings.Join(fold(nowhere), ", "))
	}
	if len(parts) == 0 {
		return "nothing is counted"
	}
	return strings.Join(parts, "; ")
}

var sourceShort = map[perf.SourceName]string{
	perf.SourcePMU: "the PMU", perf.SourceInstrumented: "instrumentation", perf.SourceSimulated: "simulation",
	perf.SourceAnalytic: "the shape (analytic)",
}

// fold shortens all levels of one kind to its name: bytes.L1, bytes.L2, … to bytes.
func fold(qs []string) (out []string) {
	for _, kind := range []string{"bytes", "misses"} {
		var all []string
		for _, q := range perf.Known {
			if strings.HasPrefix(string(q), kind+".") {
				all = append(all, string(q))
			}
		}
		if !slices.ContainsFunc(all, func(q string) bool { return !slices.Contains(qs, q) }) {
			i := slices.Index(qs, all[0])
			qs = slices.DeleteFunc(slices.Insert(slices.Clone(qs), i, kind), func(q string) bool { return slices.Contains(all, q) })
		}
	}
	return qs
}

// counters prints the table of quantity by source: what is used, and what each source can do. Reasons stand below as numbered
// notes, each once.
func (r *Report) counters(p *page) {
	p.head("Counters")
	sources := slices.DeleteFunc(slices.Clone(r.Sources), func(s perf.SourceName) bool { return s == perf.SourceOS })
	name, column := func(s perf.SourceName) string { return string(s) }, []int{14, 14}
	if p.narrow() {
		name, column = tag, []int{14, 6}
	}
	head := []string{"quantity", "used"}
	for _, s := range sources {
		head = append(head, name(s))
	}
	rows := [][]string{head}
	var notes notes
	for _, u := range r.Used {
		if u.Quantity.OfSystem() {
			continue
		}
		row := []string{string(u.Quantity), cmp.Or(name(u.Source), "-")}
		for _, s := range sources {
			row = append(row, r.cell(u.Quantity, s, &notes))
		}
		rows = append(rows, row)
	}
	for i, s := range sources {
		if column = append(column, width(s)); p.narrow() {
			column[i+2] = 0
			for _, row := range rows {
				column[i+2] = max(column[i+2], len(row[i+2])+2)
			}
		}
	}
	p.table(rows, column)
	for _, v := range r.Verdicts { // FLOPs that a counter does not see, though it sees others
		if v.On != "" && v.Status != perf.Verified && v.Kernel != "" {
			notes.number(fmt.Sprintf("%s of %s work from %s: %s; other sources are used", v.Quantity, v.On, v.Source, cmp.Or(v.Text, string(v.Status))), "")
		}
	}
	line := ""
	for _, u := range r.Used {
		if word := r.cell(u.Quantity, perf.SourceOS, &notes); u.Quantity.OfSystem() && word != "" {
			line += ", " + strings.TrimPrefix(string(u.Quantity), "os.") + " " + word
		}
	}
	p.hang("  os            ", "%s", cmp.Or(strings.TrimPrefix(line, ", "), "not examined"))
	if p.narrow() {
		p.tags(sources)
	}
	notes.write(p)
}

// table prints rows of cells as wide as column says. Columns for which there is no room follow below, behind the first again.
func (p *page) table(rows [][]string, column []int) {
	for from := 1; from < len(column); {
		to, end := from, 2+column[0]
		for to < len(column) && (to == from || end+column[to] <= p.columns) {
			end += column[to]
			to++
		}
		if from > 1 {
			p.line("")
		}
		for _, row := range rows {
			line := fmt.Sprintf("  %-*s", column[0], row[0])
			for i := from; i < to; i++ {
				line += fmt.Sprintf("%-*s", column[i], row[i])
			}
			p.line(line)
		}
		from = to
	}
}

// width holds "untested [12]", so that with all sources a line has 80 columns.
func width(s perf.SourceName) int { return max(len(s)+2, 14) }

// notes are reasons, numbered in the order in which they are met.
type notes struct{ list [][2]string }

func (n *notes) number(text, cure string) int {
	key := [2]string{text, cure}
	if !slices.Contains(n.list, key) {
		n.list = append(n.list, key)
	}
	return slices.Index(n.list, key) + 1
}

func (n *notes) write(p *page) {
	for i, key := range n.list {
		p.hang(fmt.Sprintf("  [%d] ", i+1), "%s", sentence(key[0], key[1]))
	}
}

// cell is the word for one quantity at one source; what needs an explanation gets the number of a note.
func (r *Report) cell(q perf.Quantity, s perf.SourceName, n *notes) string {
	for _, c := range r.Counters {
		if c.Quantity != q || c.Source != s {
			continue
		}
		switch v := c.Verdict; {
		case !c.Available:
			return fmt.Sprintf("no [%d]", n.number(c.Reason, c.Cure))
		case v == nil:
			if s == perf.SourcePMU {
				return "unverified"
			}
			return "yes"
		case v.Status == perf.Verified:
			return "verified"
		case v.Status == perf.Off:
			return fmt.Sprintf("off [%d]", n.number(string(s)+", "+string(q)+": "+v.Text, "none known; measure --trust "+string(q)+" uses it all the same"))
		case v.Status == perf.NotThere:
			return fmt.Sprintf("no [%d]", n.number(v.Text, ""))
		default:
			return fmt.Sprintf("%s [%d]", v.Status, n.number(string(s)+", "+string(q)+": "+v.Text, ""))
		}
	}
	return ""
}

// evidence prints what was expected and counted under the kernel that speaks most against each counter.
func (r *Report) evidence(p *page) {
	if len(r.Verdicts) == 0 {
		return
	}
	p.head("Verification: expected and counted under kernels of known work")
	v := r.Verdicts[0]
	p.text(fmt.Sprintf("%s, %s. Of each counter the kernel with the largest error.", cmp.Or(v.Effort, full), v.Time.UTC().Format("2006-01-02 15:04 UTC")))
	row, by := "  %-17s%-4s%-15s%9s%10s%10s  %s", "by"
	if p.narrow() {
		row, by = "  %[1]s by %[2]s: %[7]s\n      %-17[3]s%9[4]s%10[5]s%10[6]s", "source"
	}
	if p.columns < oneLine {
		row = "  %[1]s by %[2]s: %[7]s\n      %[3]s\n      %9[4]s%10[5]s%10[6]s"
	}
	p.line(fmt.Sprintf(row, "quantity", by, "kernel", "expected", "counted", "error", "verdict"))
	var others []string
	fine := map[perf.SourceName][]string{}
	for _, v := range r.Verdicts {
		if v.Status == perf.Verified && !slices.Contains(perf.Known, v.Quantity) && v.Others == 0 {
			fine[v.Source] = append(fine[v.Source], string(v.Quantity))
			continue
		}
		name, word := string(v.Quantity), string(v.Status)
		if v.On != "" {
			name += " (" + v.On + ")"
		}
		if v.Kernel == "" { // nothing was counted: the table above says why
			continue
		}
		if v.Others >= 0.005 {
			word += "*"
			others = append(others, fmt.Sprintf("%.0f %% of %s", 100*v.Others, v.Quantity))
		}
		short := func(x float64) string { return fmt.Sprintf("%.4g", x) }
		p.line(fmt.Sprintf(row, name, sourceTag[v.Source], v.Kernel, short(v.Expected), short(v.Counted), relative(v.Error), word))
	}
	for _, s := range r.Sources {
		if len(fine[s]) > 0 {
			p.hang("  ", "Verified in detail by "+string(s)+": %s.", strings.Join(fine[s], ", "))
		}
	}
	if len(others) > 0 {
		p.hang("  * ", "put down to other processes, who were seen moving as much while nothing was asked of memory, and taken off: %s", strings.Join(others, ", "))
	}
	for _, l := range r.LeftOut {
		p.hang("  not run: ", "%s: %s", l.Kernel, l.Why)
	}
}

// relative is a relative error in at most nine columns.
func relative(x float64) string {
	switch {
	case abs(x) >= 999:
		return fmt.Sprintf("x %.0e", 1+x)
	case abs(x) >= 9.995:
		return fmt.Sprintf("x %.3g", 1+x)
	}
	return fmt.Sprintf("%+.2f %%", 100*x)
}

// tag is a source's name in a narrow table.
func tag(s perf.SourceName) string {
	if t, ok := sourceTag[s]; ok {
		return t
	}
	return string(s[:min(len(s), 3)])
}

// tags says what they mean.
func (p *page) tags(sources []perf.SourceName) {
	var list []string
	for _, s := range sources {
		if tag(s) != string(s) {
			list = append(list, tag(s)+" "+string(s))
		}
	}
	if len(list) > 0 {
		p.text(strings.Join(list, ", "))
	}
}

var sourceTag = map[perf.SourceName]string{perf.SourcePMU: "pmu", perf.SourceInstrumented: "ins", perf.SourceSimulated: "sim"}
