package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
)

// WriteText writes the report as plain text of at most so many columns, 40 or more; only a longer word is not broken.
func (r *Report) WriteText(w io.Writer, width int) error {
	p := page{columns: max(width, leastColumns)}
	p.text0(r.Summary())
	r.counters(&p)
	r.evidence(&p)
	r.next(&p)
	r.machine(&p)
	r.isas(&p)
	r.caches(&p)
	r.clock(&p)
	r.environment(&p)
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
		p.mark(g.Usable, string(g.Name), text)
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
		switch {
		case l.Source == cache.Measured:
			cpus = "measured"
		case l.Shared == "":
			cpus = "as the processor says"
		case l.Sharers() > 1:
			cpus = "shared by CPUs " + l.Shared
		}
		if l.Source == cache.CPUID && l.Shared != "" {
			cpus += ", as the processor says"
		}
		p.row(name, "%8s  %-8s  %d-byte lines  %s", units.Bytes(l.Bytes), ways, l.Line, cpus)
	}
	for _, note := range r.CacheNotes {
		p.text("The witnesses disagree: " + note + ".")
	}
	last := r.Machine.Caches[len(r.Machine.Caches)-1]
	switch {
	case last.Source == cache.Measured:
		shared := ""
		if last.Shared != "" {
			shared = " All CPUs are taken to share it."
		}
		p.text(fmt.Sprintf("Nothing describes L%d: what is measured is what others leave of it.%s `roofline ceilings --refresh` measures again.", last.Level, shared))
	case r.Machine.CPU.VM != "":
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

func (r *Report) environment(p *page) {
	p.head("Environment")
	for _, c := range r.Machine.Quality {
		p.mark(c.OK, c.Name, c.Text)
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

// sentence joins a finding and its cure, which the finding may name already.
func sentence(text, cure string) string {
	if cure == "" || strings.Contains(text, cure) {
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
