package doctor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
)

const columns = 80

// WriteText writes the report as plain text of at most 80 columns.
func (r *Report) WriteText(w io.Writer) error {
	var p page
	r.machine(&p)
	r.isas(&p)
	r.caches(&p)
	r.clock(&p)
	r.counters(&p)
	r.environment(&p)
	r.next(&p)
	_, err := w.Write(p.Bytes())
	return err
}

func (r *Report) machine(p *page) {
	p.head("Machine")
	c, env := r.Machine.CPU, r.Machine.Environment
	p.row("CPU", "%s", strings.TrimSpace(or(c.Name, "unknown")))
	p.row("", "%s family %d model %d stepping %d, %s", or(c.Vendor, "unknown vendor"), c.Family, c.Model, c.Stepping, c.Arch)
	usable := fmt.Sprintf("%d", len(c.CPUs))
	if env.CPUQuota > 0 {
		usable += fmt.Sprintf(", limited to %.3g by a quota", env.CPUQuota)
	}
	if env.SMT {
		usable += ", several threads per core"
	}
	if c.Hybrid {
		usable += ", more than one core type"
	}
	p.row("CPUs", "%s", usable)
	p.row("Runs on", "%s", orVM(c.VM))
	memory := "unknown"
	if env.MemoryBytes > 0 {
		memory = units.Bytes(env.MemoryBytes)
	}
	if env.NUMANodes > 1 {
		memory += fmt.Sprintf(" on %d NUMA nodes", env.NUMANodes)
	}
	p.row("Memory", "%s", memory)
	p.row("Kernel", "%s", or(env.OS, "unknown"))
	p.row("Fingerprint", "%s (ceilings are kept under this name)", r.Machine.Fingerprint)
	for _, w := range r.Warnings {
		p.row("Warning", "%s", sentence(w.Text, w.Cure))
	}
}

func (r *Report) isas(p *page) {
	p.head("Instruction sets")
	for _, g := range r.ISAs {
		text := g.About
		if !g.Usable {
			text = g.About + ": " + g.Cause
		}
		p.mark(g.Usable, string(g.Name), "%s", text)
	}
}

func (r *Report) caches(p *page) {
	p.head("Caches")
	if len(r.Machine.Caches) == 0 {
		p.row("unknown", "")
		return
	}
	for _, l := range r.Machine.Caches {
		name := fmt.Sprintf("L%d", l.Level)
		if l.Level == 1 && l.Type == "data" {
			name += "d"
		}
		ways := "? ways"
		if l.Ways > 0 {
			ways = fmt.Sprintf("%d ways", l.Ways)
		}
		cpus := "CPU " + l.Shared
		if l.Sharers() > 1 {
			cpus = "shared by CPUs " + l.Shared
		}
		p.row(name, "%8s  %-8s  %d-byte lines  %s", units.Bytes(l.Bytes), ways, l.Line, cpus)
	}
	for _, note := range r.CacheNotes {
		p.text("The witnesses disagree: " + note + ".")
	}
	if r.Machine.CPU.VM != "" {
		p.text("As the hypervisor tells it: the last level may be shared with other guests.")
	}
}

func (r *Report) clock(p *page) {
	p.head("Clock")
	core, tsc := r.Machine.CPU.CoreHz, r.Machine.CPU.TSCHz
	if core > 0 {
		p.row("Core", "%s, measured by a chain of dependent additions", units.SI(core, "Hz"))
	} else {
		p.row("Core", "not measured")
	}
	switch {
	case tsc > 0:
		p.row("TSC", "%s; it ticks at its own pace and counts no core cycles", units.SI(tsc, "Hz"))
	case r.Machine.CPU.Arch == "amd64":
		p.row("TSC", "frequency unknown")
	}
}

// counters prints the table of quantity by source. Reasons stand below as numbered notes, each once.
func (r *Report) counters(p *page) {
	p.head("Counters")
	line := fmt.Sprintf("  %-23s", "quantity")
	for _, s := range r.Sources {
		line += fmt.Sprintf("  %-8s", s)
	}
	p.line(line)
	notes := make(map[[2]string]int)
	var order [][2]string
	for _, q := range perf.Known {
		line = fmt.Sprintf("  %-23s", q)
		for _, s := range r.Sources {
			line += fmt.Sprintf("  %-8s", r.cell(q, s, notes, &order))
		}
		p.line(line)
	}
	p.line("")
	for _, s := range r.Sources {
		p.row(string(s), "%s", or(sourceAbout[s], "another source"))
	}
	for i, n := range order {
		p.hang(fmt.Sprintf("  [%d] ", i+1), "%s", sentence(n[0], n[1]))
	}
}

var sourceAbout = map[perf.SourceName]string{
	perf.SourcePMU:      "the CPU's own counters, through the kernel's generic events",
	perf.SourceAnalytic: "from the shape: algorithmic FLOPs, and the compulsory bytes of each level",
	perf.SourceOS:       "the operating system's events, watched around the timed samples",
}

// cell is the word for one quantity at one source; the reason of a missing one becomes a note.
func (r *Report) cell(q perf.Quantity, s perf.SourceName, notes map[[2]string]int, order *[][2]string) string {
	for _, c := range r.Counters {
		if c.Quantity != q || c.Source != s {
			continue
		}
		if c.Available {
			if c.Quality == perf.Scaled {
				return "scaled"
			}
			return "yes"
		}
		key := [2]string{c.Reason, c.Cure}
		if notes[key] == 0 {
			*order = append(*order, key)
			notes[key] = len(*order)
		}
		return fmt.Sprintf("no [%d]", notes[key])
	}
	return ""
}

func (r *Report) environment(p *page) {
	p.head("Environment")
	for _, c := range r.Machine.Quality {
		p.mark(c.OK, c.Name, "%s", c.Text)
	}
}

func (r *Report) next(p *page) {
	p.head("Next steps")
	if len(r.Next) == 0 {
		p.text("Nothing needs to be changed.")
	}
	for _, s := range r.Next {
		p.hang("  - ", "%s: %s", s.For, s.Do)
	}
	p.hang("  - ", "%s", "a roofline of this machine: roofline measure")
}

// page builds the text.
type page struct{ bytes.Buffer }

func (p *page) line(s string) { fmt.Fprintln(p, strings.TrimRight(s, " ")) }

func (p *page) head(title string) {
	if p.Len() > 0 {
		p.line("")
	}
	p.line(title)
}

// row prints a label and a text.
func (p *page) row(label, format string, args ...any) {
	p.hang(fmt.Sprintf("  %-12s  ", label), format, args...)
}

// mark prints whether something is fit, its name and a text.
func (p *page) mark(ok bool, name, format string, args ...any) {
	word := "ok"
	if !ok {
		word = "no"
	}
	p.hang(fmt.Sprintf("  %s  %-10s  ", word, name), format, args...)
}

func (p *page) text(s string) { p.hang("  ", "%s", s) }

// hang prints a text behind a prefix; further lines are indented as deep as the prefix is wide.
func (p *page) hang(prefix, format string, args ...any) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	line, empty := prefix, true
	for word := range strings.SplitSeq(fmt.Sprintf(format, args...), " ") {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			p.line(line)
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	p.line(line)
}

// sentence joins a finding and its cure.
func sentence(text, cure string) string {
	if cure == "" {
		return text
	}
	return text + "; cure: " + cure
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func orVM(vm string) string {
	if vm == "" {
		return "bare metal, as far as can be seen"
	}
	return "a virtual machine (" + vm + ")"
}
