package doctor

import (
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
)

// cures are what helps when a single counter is refused although the PMU works, by a word of the reason. The first that fits
// counts.
var cures = []struct{ word, do string }{
	{"whole machine", "sudo sysctl kernel.perf_event_paranoid=0, or give the program CAP_PERFMON: sudo setcap cap_perfmon+ep ROOFLINE"},
	{"paranoid", "sudo sysctl kernel.perf_event_paranoid=1, or give the program CAP_PERFMON: sudo setcap cap_perfmon+ep ROOFLINE"},
	{"watchdog", "stop other profilers; switch off the NMI watchdog: sudo sysctl kernel.nmi_watchdog=0"},
	{"of the time", "stop other profilers; switch off the NMI watchdog: sudo sysctl kernel.nmi_watchdog=0"},
	{"EMFILE", "raise the limit: ulimit -n 4096"},
	{"too many open files", "raise the limit: ulimit -n 4096"},
	{"EBUSY", "stop other profilers"},
}

// cure says what would make a missing count available; "" where the user can do nothing.
func (r *Report) cure(c perf.Count) string {
	switch {
	case c.Quality != perf.Missing:
		return ""
	case c.Source == perf.SourcePMU && c.Reason == r.Machine.PMU.Reason:
		return r.Machine.PMU.Cure
	case c.Source == perf.SourceOS:
		return event.SoftwareCure
	case c.Source != perf.SourcePMU:
		return ""
	}
	if strings.Contains(c.Reason, "PMU of the memory controllers") {
		return uncoreCure(r.Machine.CPU)
	}
	for _, known := range cures {
		if strings.Contains(c.Reason, known.word) {
			return known.do
		}
	}
	return ""
}

// uncoreCure is what makes the kernel show the memory controllers: a driver, but in virtual machines, which have none to show.
func uncoreCure(c cpu.Info) string {
	switch {
	case c.VM != "":
		return ""
	case c.Vendor == "GenuineIntel":
		return "load the driver of the memory controllers: sudo modprobe intel_uncore"
	case c.Vendor == "AuthenticAMD":
		return "load the driver of the memory controllers: sudo modprobe amd_uncore"
	}
	return ""
}
