package event

import (
	perfutils "github.com/hodgesds/perf-utils"
	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf"
)

// softwares are the kernel's own events. They happen in the kernel: with exclude_kernel they could be opened by anyone,
// and count nothing. So they are opened without, which needs perf_event_paranoid ≤ 1 or CAP_PERFMON.
var softwares = []struct {
	name     string
	quantity perf.Quantity
	attr     unix.PerfEventAttr
}{
	{"context-switches", perf.ContextSwitches, only(perfutils.ContextSwitchesEventAttr())},
	{"cpu-migrations", perf.Migrations, only(perfutils.CPUMigrationsEventAttr())},
	{"page-faults", perf.PageFaults, only(perfutils.PageFaultsEventAttr())},
}

const softwarePMU = "software"

// softwareSet is the set of the wanted operating-system events.
func softwareSet(want []perf.Quantity) Set {
	s := Set{PMU: softwarePMU}
	for _, q := range want {
		for _, e := range softwares {
			if e.quantity == q {
				s.Events = append(s.Events, Event{Name: e.name, Role: string(q), Type: e.attr.Type, Config: e.attr.Config})
			}
		}
	}
	return s
}
