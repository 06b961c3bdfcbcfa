package roofline

import (
	"encoding/json"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

// Machine is where a result was measured.
type Machine struct {
	Fingerprint string        `json:"fingerprint"` // hash of what makes ceilings comparable: CPU, caches, ISAs, CPUs, hypervisor
	CPU         cpu.Info      `json:"cpu"`
	Caches      []cache.Level `json:"caches"`
	PMU         PMU           `json:"pmu"`
	Environment Environment   `json:"environment"`
	Quality     []Check       `json:"quality"`
}

// PMU says whether hardware counters can be used, and if not, why.
type PMU struct {
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty"`
	Cure      string `json:"cure,omitempty"`

	// Verdicts are what kernels of known work told about the counters used here, those of other sources included.
	Verdicts []perf.Verdict `json:"verdicts,omitempty"`
}

// Environment is what around the measurement may disturb it.
type Environment struct {
	OS          string  `json:"os"` // kernel release
	Go          string  `json:"go"` // toolchain version
	NUMANodes   int     `json:"numa_nodes"`
	SMT         bool    `json:"smt"`          // some core runs more than one thread
	Governor    string  `json:"governor"`     // "" where cpufreq is absent
	THP         string  `json:"thp"`          // always | madvise | never
	CPUQuota    float64 `json:"cpu_quota"`    // CPUs allowed by the cgroup; 0: no limit
	MemoryBytes int64   `json:"memory_bytes"` // physical memory, or the cgroup limit if lower

	StealShare    *float64       `json:"steal_share,omitempty"`   // share of CPU time stolen by the hypervisor during the measurement; nil: unknown
	LoadAverage   *float64       `json:"load_average,omitempty"`  // 1 minute, at the start; nil: unknown
	Interruptions *Interruptions `json:"interruptions,omitempty"` // nil: unknown
}

// UnmarshalJSON also reads documents from when -1 stood for what was unknown.
func (e *Environment) UnmarshalJSON(data []byte) error {
	type plain Environment
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	for _, p := range []**float64{&e.StealShare, &e.LoadAverage} {
		if *p != nil && **p < 0 {
			*p = nil
		}
	}
	return nil
}

// Interruptions are the gaps in a loop that does nothing but read the clock while no other program has its CPU: the timer's ticks
// and other interrupts, and in a virtual machine what the host does meanwhile.
type Interruptions struct {
	CPU       int     `json:"cpu"`        // where the loop ran
	Share     float64 `json:"share"`      // of the time that passed in them
	PerSecond float64 `json:"per_second"` // how many
	Longest   float64 `json:"longest"`    // s
	Shortest  float64 `json:"shortest"`   // s: shorter ones were not looked for, or cannot be told from the reading of the clock
}

// Check is one line of the quality score: what was judged, whether it is fit, and why not.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	Cure string `json:"cure,omitempty"`
}
