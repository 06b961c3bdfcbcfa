// Package model plays the kernel's side of perf_event_open(2) from a scenario: which events a pretended processor has,
// what each of them counts, and which calls fail with which errno.
//
// Terms:
//
//	scenario  a directory: scenario.json, a sysfs tree with the PMUs, cpuinfo and the files under /proc/sys/kernel
//	event     one opened counter, as a descriptor of perf_event_open stands for one
//	context   what a counter is scheduled with: a thread, or a CPU; the events of one context share its counters
//
// The package runs nothing and knows no program: it decides. Package main of internal/fakepmu puts it behind the
// system calls of a real process.
package model

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Scenario is the content of scenario.json.
type Scenario struct {
	Name       string            `json:"name"`
	Uarch      string            `json:"uarch"`      // key of the table the scenario was made from
	Paranoid   int               `json:"paranoid"`   // perf_event_paranoid, enforced unless privileged
	Privileged bool              `json:"privileged"` // CAP_PERFMON
	CPUs       int               `json:"cpus"`       // a larger CPU number is EINVAL; 0: no check
	Vendor     string            `json:"vendor"`     // intel, amd or arm: codes of the generic events, rules for groups
	PMUs       map[string]PMU    `json:"pmus"`
	Events     []EventSpec       `json:"events"`
	Errors     []ErrorSpec       `json:"errors"`
	Unknown    string            `json:"unknown"`           // other configs of a known PMU: "zero" (they open and count nothing, the default) or an errno
	Generic    map[string]string `json:"generic,omitempty"` // "type:config" of further generic events → raw config
}

// PMU says what a PMU can count at a time.
type PMU struct {
	GP     int      `json:"gp"`              // general counters; 0: as many as wanted
	Fixed  []string `json:"fixed,omitempty"` // configs that have a counter of their own
	Held   []string `json:"held,omitempty"`  // of these: held by somebody else, such as the NMI watchdog
	Uncore bool     `json:"uncore"`          // counts a whole socket: system-wide only
	Pair   []string `json:"pair,omitempty"`  // event codes (low byte) that take two counters (AMD's merged counters)
}

// EventSpec is the truth about one event: what it counts from its enabling on.
type EventSpec struct {
	Name     string             `json:"name,omitempty"`
	PMU      string             `json:"pmu"`
	Config   string             `json:"config"`
	Config1  string             `json:"config1,omitempty"`
	Value    float64            `json:"value,omitempty"`
	Rate     float64            `json:"rate_per_s,omitempty"`      // added: counts per second of enabled time
	PerCall  map[string]float64 `json:"per_call,omitempty"`        // added: counts per execution of a function of the program (ELF symbol)
	ByCPU    map[string]float64 `json:"by_cpu,omitempty"`          // CPU → value, in place of Value
	Factor   *float64           `json:"factor,omitempty"`          // a counter that lies: it shows this many times the truth
	First    bool               `json:"first_only,omitempty"`      // only the first opened instance counts
	Enabled  uint64             `json:"enabled_ns,omitempty"`      // fixed times in place of the clock's
	Running  uint64             `json:"running_ns,omitempty"`      //
	Never    bool               `json:"never_scheduled,omitempty"` // time_running stays 0
	assigned bool               // to an instance
}

// ErrorSpec makes perf_event_open fail with an errno. Empty fields match every open.
type ErrorSpec struct {
	PMU        string `json:"pmu,omitempty"`
	Config     string `json:"config,omitempty"`
	AfterOpens int    `json:"after_opens,omitempty"` // once so many events are open
	Sampling   bool   `json:"sampling,omitempty"`    // only events that sample
	Errno      string `json:"errno"`
}

// Load reads a scenario directory.
func Load(dir string) (*Kernel, error) {
	b, err := os.ReadFile(filepath.Join(dir, "scenario.json"))
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	var s Scenario
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("parse scenario.json: %w", err)
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("scenario.json: %w", err)
	}
	pmus, err := readPMUs(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("read PMUs of scenario: %w", err)
	}
	return New(s, pmus), nil
}

// validate finds numbers and errno names that nobody could mean.
func (s *Scenario) validate() error {
	for _, e := range s.Events {
		for _, text := range []string{e.Config, e.Config1} {
			if _, err := strconv.ParseUint(text, 0, 64); text != "" && err != nil {
				return fmt.Errorf("event %s of %s: %q is no number", e.Name, e.PMU, text)
			}
		}
	}
	names := []string{s.Unknown}
	for _, e := range s.Errors {
		names = append(names, e.Errno)
	}
	for _, name := range names {
		if _, ok := errnos[name]; !ok && name != "" && name != "zero" {
			return fmt.Errorf("unknown errno %q", name)
		}
	}
	return nil
}

// number reads a config, which validate has seen; an empty one is 0.
func number(s string) uint64 {
	v, _ := strconv.ParseUint(strings.TrimSpace(s), 0, 64)
	return v
}
