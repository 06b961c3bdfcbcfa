package scenario

import (
	"runtime"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

// Options say what a scenario is like.
type Options struct {
	Name         string
	Values       map[string]float64            // role, or PMU:role, → what its events count together, over all instances of the PMU
	PerCall      map[string]map[string]float64 // likewise → function of the program → counts per execution
	Lies         map[string]float64            // likewise → how many times the truth the counters show
	Never        []string                      // likewise: never get onto the PMU
	Rate         bool                          // Values are per second
	Paranoid     int                           // perf_event_paranoid; negative: 2
	Unprivileged bool                          // without CAP_PERFMON
	Channels     int                           // instances of a PMU that has several
	CPUs         int
	Packages     int  // sockets: CPUs in the cpumask of an uncore PMU
	NoUncore     bool // no PMU but the cores'
	NMIWatchdog  bool // holds the cycles counter
	SMTOff       bool // doubles the general counters of cores that share them between two threads
	Errors       []model.ErrorSpec
	Unknown      string // see model.Scenario
}

// Defaults are what the command line has without flags.
func Defaults() Options {
	return Options{
		Values: map[string]float64{}, PerCall: map[string]map[string]float64{}, Lies: map[string]float64{},
		Paranoid: -1, Channels: 2, CPUs: runtime.NumCPU(), Packages: 1, Unknown: "zero",
	}
}

func (o Options) level() int {
	if o.Paranoid < 0 {
		return 2
	}
	return o.Paranoid
}
