package uarch

import (
	"fmt"
	"slices"
	"strings"
)

// Identity is what Identify found out about a machine.
type Identity struct {
	Uarch   string   // key of the table of the first type of core; "" when unknown: only generic events
	CPU     string   // the CPU as /proc/cpuinfo describes it, e.g. "GenuineIntel family 0x6 model 0x8f stepping 8"
	Name    string   // e.g. Sapphire Rapids; "" when unknown
	Cores   []Core   // one per type of core; empty when unknown
	Virtual bool     // cpuinfo shows a hypervisor
	By      string   // what decided: model, midr, pmu_name or override; "" when unknown
	Notes   []string // what a user should know: why it is unknown, what contradicts what and which was believed
}

// Core is one type of core of the machine, with the events that can be counted on it.
type Core struct {
	Kind   string  // any; core or atom of a hybrid x86 CPU
	Table  *Table  // never nil
	PMU    string  // the PMU of this core in the table; other PMUs of the table are not of a core
	Device string  // the kernel's name of that PMU; "" where the kernel shows none (no PMU, or no permission to see it)
	CPUs   []int   // its CPUs; empty where the kernel does not say: all
	Events []Event // of PMU, in the table's order
}

// Tables lists the tables of all types of core, each once.
func (id Identity) Tables() (tables []*Table) {
	for _, c := range id.Cores {
		if !slices.Contains(tables, c.Table) {
			tables = append(tables, c.Table)
		}
	}
	return tables
}

// ByRole returns the events of one role on this type of core.
func (c Core) ByRole(role string) (found []Event) {
	for _, e := range c.Events {
		if e.Role == role {
			found = append(found, e)
		}
	}
	return found
}

// note adds a note.
func (id *Identity) note(format string, args ...any) {
	id.Notes = append(id.Notes, fmt.Sprintf(format, args...))
}

// noteUnknown adds a note with what follows from an unknown CPU.
func (id *Identity) noteUnknown(format string, args ...any) {
	id.note(format+"; only the kernel's generic events can be counted (--uarch NAME if you know better)", args...)
}

// use takes the table of a microarchitecture for the machine. The rows say which types of core it has; without rows it is
// those of the table.
func (d *data) use(id *Identity, uarch, by string, rows []row, cores []*Device) error {
	t, err := d.lookup(uarch)
	if err != nil {
		return err
	}
	id.Uarch, id.Name, id.By = uarch, t.Name, by
	id.Cores = match(candidates(t, rows), cores, func(kind string) bool { return d.namesCore(uarch, kind, cores) })
	return nil
}

// candidates are the types of core that a CPU with this table may have.
func candidates(t *Table, rows []row) (all []Core) {
	for _, r := range rows {
		all = append(all, Core{Kind: r.Core, Table: t, PMU: r.PMU, Events: t.On(r.PMU)})
	}
	if all != nil {
		return all
	}
	for _, p := range t.PMUs {
		if p.IsCore() {
			kind := "any"
			if suffix, ok := strings.CutPrefix(p.Name, "cpu_"); ok {
				kind = suffix
			}
			all = append(all, Core{Kind: kind, Table: t, PMU: p.Name, Events: t.On(p.Name)})
		}
	}
	return all
}

// match gives each type of core its PMU of the kernel. Where the kernel has a PMU for some, the others are not there: all
// cores of the type may be off. One PMU "cpu" for a hybrid table has the type of core that the kernel named, else the first.
func match(all []Core, devices []*Device, named func(kind string) bool) []Core {
	var found []Core
	for _, c := range all {
		for _, d := range devices {
			if isInstance(d.Name, c.PMU) {
				c.Device, c.CPUs = d.Name, d.CPUs
				found = append(found, c)
				break
			}
		}
	}
	if found != nil {
		return found
	}
	i := slices.IndexFunc(devices, func(d *Device) bool { return d.Name == "cpu" })
	if i < 0 {
		return all
	}
	choice := slices.IndexFunc(all, func(c Core) bool { return named(c.Kind) })
	c := all[max(choice, 0)]
	c.Device, c.CPUs = "cpu", devices[i].CPUs
	return []Core{c}
}

// namesCore says whether the kernel's name of the PMU stands for this type of core and for no other of the table.
func (d *data) namesCore(uarch, kind string, cores []*Device) bool {
	for _, dev := range cores {
		if named := d.coresNamed(uarch, dev.PMUName); len(named) == 1 && named[0] == kind {
			return true
		}
	}
	return false
}
