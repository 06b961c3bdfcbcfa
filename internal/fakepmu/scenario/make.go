package scenario

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

// Make writes the scenario directory dir, which must not exist or be a scenario. A role that the microarchitecture has
// not is an error: a scenario must not promise what nobody can count.
func Make(u *Uarch, dir string, o Options) (model.Scenario, error) {
	devices := u.devices(o)
	s := model.Scenario{
		Name: o.Name, Uarch: u.Key, Vendor: u.Vendor, CPUs: o.CPUs, Paranoid: o.level(), Privileged: !o.Unprivileged,
		PMUs: map[string]model.PMU{}, Errors: o.Errors, Unknown: o.Unknown,
	}
	if s.Name == "" {
		s.Name = u.Key
	}
	for _, d := range devices {
		if d.rules != nil {
			s.PMUs[d.name] = *d.rules
		}
	}
	used := map[string]bool{}
	for _, e := range u.Events {
		s.Events = append(s.Events, specs(e, devices, o, used)...)
	}
	if err := unusedRoles(u, o, used); err != nil {
		return s, fmt.Errorf("make scenario of %s: %w", u.Key, err)
	}
	tree := map[string]string{
		"cpuinfo":             u.cpuinfo(o),
		"perf_event_paranoid": fmt.Sprintln(o.level()),
		"nmi_watchdog":        "0\n",
	}
	if o.NMIWatchdog {
		tree["nmi_watchdog"] = "1\n"
	}
	if o.SMTOff {
		tree["files/sys/devices/system/cpu/smt/active"] = "0\n"
		tree["files/sys/devices/system/cpu/smt/control"] = "off\n"
	}
	u.sysfs(devices, tree)
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return s, err
	}
	tree["scenario.json"] = string(b) + "\n"
	return s, write(dir, tree)
}

// specs are what an event of the table counts, on each instance of its PMU.
func specs(e Event, devices []device, o Options, used map[string]bool) (list []model.EventSpec) {
	find := func(has func(key string) bool) (string, bool) {
		for _, key := range []string{e.PMU + ":" + e.Role, e.Role} {
			if has(key) {
				used[key] = true
				return key, true
			}
		}
		return "", false
	}
	value, hasValue := find(func(k string) bool { _, ok := o.Values[k]; return ok })
	calls, hasCalls := find(func(k string) bool { _, ok := o.PerCall[k]; return ok })
	lie, lies := find(func(k string) bool { _, ok := o.Lies[k]; return ok })
	_, never := find(func(k string) bool { return contains(o.Never, k) })
	if !hasValue && !hasCalls {
		return nil
	}
	var on []string
	instances := 0
	for _, d := range devices {
		if d.table == e.PMU {
			on = append(on, d.name)
			instances++
			if d.rules.Uncore {
				instances += max(o.Packages, 1) - 1
			}
		}
	}
	for _, name := range on {
		s := model.EventSpec{Name: e.Name, PMU: name, Config: e.Config, Config1: e.Config1, Never: never}
		share := o.Values[value] / float64(instances)
		if o.Rate {
			s.Rate = share
		} else {
			s.Value = share
		}
		for symbol, n := range o.PerCall[calls] {
			if s.PerCall == nil {
				s.PerCall = map[string]float64{}
			}
			s.PerCall[symbol] = n / float64(instances)
		}
		if lies {
			factor := o.Lies[lie]
			s.Factor = &factor
		}
		list = append(list, s)
	}
	return list
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// unusedRoles is an error where an option names a role that no event of u has.
func unusedRoles(u *Uarch, o Options, used map[string]bool) error {
	var missing []string
	add := func(key string) {
		if !used[key] && !contains(missing, key) {
			missing = append(missing, key)
		}
	}
	for key := range o.Values {
		add(key)
	}
	for key := range o.PerCall {
		add(key)
	}
	for key := range o.Lies {
		add(key)
	}
	for _, key := range o.Never {
		add(key)
	}
	if len(missing) > 0 {
		var known []string
		for _, e := range u.Events {
			known = append(known, e.Role)
		}
		slices.Sort(known)
		known = slices.Compact(known)
		return fmt.Errorf("no such role: %s; there are %s", strings.Join(missing, ", "), strings.Join(known, ", "))
	}
	return nil
}

// write replaces the scenario directory by the files given.
func write(dir string, files map[string]string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, "scenario.json")); err != nil {
			return fmt.Errorf("write scenario: %s is neither empty nor a scenario", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
