package measure

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/roofline"
)

// prefixed is text behind a prefix, or nothing.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// byPMU says whether anything of a run was counted by hardware.
func byPMU(r roofline.Run) bool {
	for _, counts := range r.Counts {
		if slices.ContainsFunc(counts, func(c perf.Count) bool { return c.Source == perf.SourcePMU && c.Quality != perf.Missing }) {
			return true
		}
	}
	return false
}

// warnings are what a reader must know of how the command was run and counted.
func (p CommandPlan) warnings(whole roofline.Run, m command.Marked) (list []roofline.Warning) {
	warn := func(about, cure, format string, args ...any) {
		list = append(list, roofline.Warning{About: about, Text: fmt.Sprintf(format, args...), Cure: cure})
	}
	if p.Machine.PMU.Available || byPMU(whole) { // else none of the events that they tell of has been counted
		for _, n := range p.Notes {
			warn("", "", "%s", n)
		}
	}
	if !p.Machine.PMU.Available {
		cure := p.Machine.PMU.Cure
		if p.Machine.CPU.Arch == "amd64" {
			cure = "count a function of the command exactly, without a PMU: roofline measure --function NAME -- CMD" + prefixed("; or ", cure)
		}
		warn(whole.ID(), cure, "FLOPs and bytes of a command need a PMU: %s", p.Machine.PMU.Reason)
	}
	for _, counts := range whole.Counts {
		if len(counts) > 0 && counts[0].Quality == perf.Scaled {
			warn(whole.ID(), "--passes runs the command once per set of counters that fits, and counts exactly", "more was counted at once than there are counters, in turns, and scaled up")
			break
		}
	}
	failed := map[string]int{}
	for _, o := range p.Outcomes {
		if o.Why != nil {
			cure := ""
			if errors.Is(o.Why, unix.EMFILE) || errors.Is(o.Why, unix.ENFILE) {
				cure = "raise the limit: ulimit -n 4096"
			}
			warn(whole.ID(), cure, "not everything was counted: %v", o.Why)
			break
		}
	}
	for _, o := range p.Outcomes {
		if o.Status.Code() != 0 {
			failed[o.Status.String()]++
		}
	}
	for _, how := range slices.Sorted(maps.Keys(failed)) {
		n := failed[how]
		if len(p.Outcomes) == 1 {
			warn(whole.ID(), "", "the command %s", how)
		} else {
			warn(whole.ID(), "", "the command %s in %d of %d runs", how, n, len(p.Outcomes))
		}
	}
	if m.Misused > 0 {
		warn("", "end every region once, on the thread that started it, innermost first", "%d of the ends of regions did not fit a start", m.Misused)
	}
	if m.Deep > 0 {
		warn("", "mark fewer levels", "%d entries of regions were nested too deeply and not counted", m.Deep)
	}
	if m.Lost > 0 {
		warn("", "use fewer names, or mark in fewer threads", "%d regions found no room and were not counted", m.Lost)
	}
	if m.Damaged > 0 {
		warn("", "the command may write out of bounds", "the reports of %d regions were damaged and left out", m.Damaged)
	}
	for _, g := range m.Regions {
		if g.Open > 0 {
			warn(p.region(g).ID(), "end it before the thread ends", "region %s: %d of its entries never ended, which its counts leave out", g.Name, g.Open)
		}
		if g.Refused != 0 {
			warn(p.region(g).ID(), "", "region %s: a thread could not open its counters: %s", g.Name, refusal(syscall.Errno(g.Refused)))
		}
	}
	return list
}

// refusal words an errno of perf_event_open in the marked program, where the same events could be opened by roofline.
func refusal(errno syscall.Errno) string {
	switch errno {
	case unix.EMFILE, unix.ENFILE:
		return "too many open files: raise the limit with ulimit -n"
	case unix.EACCES, unix.EPERM, unix.ENOSYS:
		return fmt.Sprintf("the program may not (%s); it has fewer rights than roofline, or a stricter system-call filter", unix.ErrnoName(errno))
	}
	return fmt.Sprintf("%v (%s)", errno, unix.ErrnoName(errno))
}
