package uarch

import (
	"fmt"
	"slices"
	"strings"
)

// PMU is a unit of a microarchitecture that counts.
type PMU struct {
	Name    string // may end in <n>
	Format  Format // usual; the running kernel's format directory has the last word
	General int    // general counters per thread; 0: not stated
	Fixed   int
}

// IsCore says whether the PMU belongs to a core, so that a thread can be counted on it.
func (p PMU) IsCore() bool { return IsCorePMU(p.Name) }

// IsCorePMU says whether a PMU of this name belongs to a core: cpu, cpu_core, cpu_atom, armv8_….
func IsCorePMU(name string) bool {
	return name == "cpu" || strings.HasPrefix(name, "cpu_") || strings.HasPrefix(name, "armv8_") || strings.HasPrefix(name, "armv9_")
}

// Table is what is known of one microarchitecture.
type Table struct {
	Uarch      string // key, e.g. sapphirerapids
	Name       string // e.g. Sapphire Rapids
	Vendor     string
	Sources    []string // whence the table comes, with versions
	Version    string   // of the vendor's event list; "" where it has none
	LinuxTable string   // name of the table in Linux's tools/perf
	PerfCPUID  string   // value of PERF_CPUID that makes perf(1) use that table
	LibpfmPMU  string   // name of the PMU in libpfm4; "" where that has none
	VectorBits int      // length of the SVE vectors; 0: none
	Caveats    []string // of the whole microarchitecture
	PMUs       []PMU
	Events     []Event
}

// On returns the events of one PMU of the table.
func (t *Table) On(pmu string) (found []Event) {
	for _, e := range t.Events {
		if e.PMU == pmu {
			found = append(found, e)
		}
	}
	return found
}

// PMU returns the PMU of this name.
func (t *Table) PMU(name string) (PMU, bool) {
	i := slices.IndexFunc(t.PMUs, func(p PMU) bool { return p.Name == name })
	if i < 0 {
		return PMU{}, false
	}
	return t.PMUs[i], true
}

// UnknownError says that there is no table of this name.
type UnknownError struct {
	Name   string
	Reason string   // e.g. that the microarchitecture is known, but has no table
	Close  []string // names that may have been meant
}

// Error names what may have been meant.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("unknown microarchitecture %q", e.Name)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if len(e.Close) > 0 {
		text += "; did you mean " + strings.Join(e.Close, ", ") + "?"
	}
	return text
}
