package event

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

// machine is what there is to count with.
type machine struct {
	cores  []*unit // one per type of core
	uncore []*unit
	flags  []string // of the CPU, as in /proc/cpuinfo
	notes  []string
}

// unit is one type of PMU, with all its instances, and the events that it can count.
type unit struct {
	name      string // in the table, e.g. cpu_core or uncore_imc_<n>
	core      bool
	instances []instance
	room      room
	events    []candidate
	vendor    string
	caveats   []string // of the table
	clientL3  bool     // its L3 holds what L2 holds, so that clean lines are dropped
}

// instance is a PMU as the kernel has it.
type instance struct {
	name string
	cpus []int
}

// candidate is an event that a unit can count.
type candidate struct {
	role    string
	name    string
	need    need
	flops   float64 // operations a count; NaN: not to be said
	worth   float64 // bytes or joules a count; NaN: neither
	on      []Event // by instance
	caveats []string
	broken  string // why the running kernel cannot be asked for it
}

// findMachine reads what the kernel and the event tables say. The error is for an unknown uarch.
func findMachine(root fs.FS, uarchName string) (*machine, error) {
	id, err := uarch.Identify(root, uarchName)
	if err != nil {
		return nil, err
	}
	m := &machine{flags: cpuFlags(root), notes: id.Notes}
	for _, c := range id.Cores {
		if c.Device != "" {
			m.addCore(root, c)
		}
	}
	if len(m.cores) == 0 {
		m.addGeneric(root)
	}
	seen := map[string]bool{}
	for _, t := range id.Tables() {
		for _, p := range t.PMUs {
			if !p.IsCore() && !seen[p.Name] {
				seen[p.Name] = true
				m.addUncore(root, t, p)
			}
		}
	}
	if len(id.Tables()) == 0 {
		m.addAliases(root)
	}
	slices.SortStableFunc(m.uncore, func(a, b *unit) int { return preference(a.name) - preference(b.name) })
	return m, nil
}

// preference orders the PMUs that count the same traffic: counters that need no programming first, then those of the memory
// controllers, then those of the fabric before them.
func preference(name string) int {
	for i, prefix := range []string{"uncore_imc_free_running", "uncore_imc", "amd_umc"} {
		if strings.HasPrefix(name, prefix) {
			return i
		}
	}
	return 3
}

func (m *machine) addCore(root fs.FS, c uarch.Core) {
	d, err := uarch.ReadDevice(root, c.Device)
	if err != nil {
		m.notes = append(m.notes, err.Error())
		return
	}
	pmu, _ := c.Table.PMU(c.PMU)
	u := &unit{
		name: c.Device, core: true, instances: []instance{{c.Device, c.CPUs}}, vendor: c.Table.Vendor,
		caveats: c.Table.Caveats, clientL3: hasClientL3(c.Table), room: roomOf(root, c.Table.Vendor, pmu),
	}
	for _, e := range c.Events {
		if n := &e.Counters; n.Kind == uarch.SomeCounters && n.Mask == 1<<pmu.General-1 {
			n.Kind = uarch.AnyCounter // of those that the table knows; without hyper-threading there are more
		}
		u.add(e, []*uarch.Device{d}, c.Table.VectorBits)
	}
	m.cores = append(m.cores, u)
}

// hasClientL3 says whether the table is that of an Intel client CPU, whose L3 is inclusive: its memory controllers' traffic
// is counted by free-running counters.
func hasClientL3(t *uarch.Table) bool {
	return slices.ContainsFunc(t.Events, func(e uarch.Event) bool { return e.Counters.Kind == uarch.FreeRunning })
}

// roomOf is the table's, less what the NMI watchdog holds, and more where Intel before Ice Lake has hyper-threading off.
func roomOf(root fs.FS, vendor string, p uarch.PMU) room {
	r := room{general: p.General, fixed: 1<<p.Fixed - 1}
	if vendor == "Intel" && p.General == 4 && readLine(root, "sys/devices/system/cpu/smt/active") == "0" {
		r.general = 8
	}
	if readLine(root, "proc/sys/kernel/nmi_watchdog") != "1" {
		return r
	}
	switch {
	case vendor == "Intel":
		r.fixed &^= 1 << 1 // the cycle counter
	case r.fixed != 0:
		r.fixed &^= 1
	default:
		r.general--
	}
	return r
}

func readLine(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// cpuFlags are the features of the first CPU.
func cpuFlags(root fs.FS) []string {
	b, err := fs.ReadFile(root, "proc/cpuinfo")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && (strings.TrimSpace(key) == "flags" || strings.TrimSpace(key) == "Features") {
			return strings.Fields(value)
		}
	}
	return nil
}

// add makes a candidate of a table's event.
func (u *unit) add(e uarch.Event, devices []*uarch.Device, vectorBits int) {
	if e.Suspect {
		return
	}
	c := candidate{role: e.Role, name: e.Name, need: needOf(e), flops: e.FLOPs.Operations(vectorBits), worth: e.BytesPerCount, caveats: e.Caveats}
	for _, d := range devices {
		attr, err := d.Attr(e)
		if err != nil {
			c.broken = err.Error()
			break
		}
		switch attr.Unit {
		case "MiB":
			c.worth = attr.Scale * (1 << 20)
		case "Joules":
			c.worth = attr.Scale
		}
		c.on = append(c.on, Event{
			Name: e.Name, Role: e.Role, Type: attr.Type, Config: attr.Config, Config1: attr.Config1, Config2: attr.Config2, Bits: u.bits(),
		})
	}
	u.events = append(u.events, c)
}

// bits are how an event of the unit is opened at first: user mode only on a core, nothing excluded elsewhere.
func (u *unit) bits() uint64 {
	if u.core {
		return userBits[0]
	}
	return 0
}

func (m *machine) addUncore(root fs.FS, t *uarch.Table, p uarch.PMU) {
	devices, err := uarch.Instances(root, p.Name)
	if err != nil {
		m.notes = append(m.notes, err.Error())
		return
	}
	if len(devices) == 0 {
		return
	}
	u := newUncore(p.Name, devices)
	u.vendor = t.Vendor
	if p.General > 0 {
		u.room.general = p.General
	}
	for _, e := range t.On(p.Name) {
		u.add(e, devices, t.VectorBits)
	}
	m.uncore = append(m.uncore, u)
}

// newUncore makes a unit of PMUs that belong to no core. Four general counters is what memory controllers have at least.
func newUncore(name string, devices []*uarch.Device) *unit {
	u := &unit{name: name, room: room{general: 4}}
	for _, d := range devices {
		cpus := d.CPUs
		if len(cpus) == 0 {
			cpus = []int{0}
		}
		u.instances = append(u.instances, instance{d.Name, cpus})
	}
	return u
}

// genericRoom is what an unknown PMU is taken to have; where that is too much, the kernel refuses, and less is tried.
const genericRoom = 4

// addGeneric makes the units of an unknown CPU: the kernel's own events, on each type of core.
func (m *machine) addGeneric(root fs.FS) {
	devices, err := uarch.CoreDevices(root)
	if err != nil || len(devices) == 0 {
		devices = []*uarch.Device{{Name: "cpu"}} // sysfs may be hidden; the kernel will say
	}
	for _, d := range devices {
		u := &unit{name: d.Name, core: true, instances: []instance{{d.Name, d.CPUs}}, room: room{general: genericRoom}}
		for _, e := range generics {
			attr := e.attr
			if len(devices) > 1 {
				attr.Config |= uint64(d.Type) << 32
			}
			u.events = append(u.events, candidate{
				role: e.role, name: e.name, flops: math.NaN(), worth: math.NaN(),
				on: []Event{{Name: e.name, Role: e.role, Type: attr.Type, Config: attr.Config, Bits: u.bits()}},
			})
		}
		m.cores = append(m.cores, u)
	}
}

// aliases are the names under which kernels export traffic and energy, whatever the CPU.
var aliases = map[string]string{
	"cas_count_read": "dram.rd", "cas_count_write": "dram.wr",
	"cas_count_read_sch0": "dram.rd.sch0", "cas_count_read_sch1": "dram.rd.sch1",
	"cas_count_write_sch0": "dram.wr.sch0", "cas_count_write_sch1": "dram.wr.sch1",
	"data_read": "dram.rd", "data_write": "dram.wr", "data_reads": "dram.rd", "data_writes": "dram.wr",
	"energy-pkg": "energy.pkg", "energy-ram": "energy.ram",
}

// addAliases makes units of an unknown CPU's uncore, of the events that the kernel exports by name with a unit.
func (m *machine) addAliases(root fs.FS) {
	names, err := uarch.DeviceNames(root)
	if err != nil {
		return
	}
	for _, prefix := range []string{"uncore_imc_free_running", "uncore_imc", "power"} {
		var devices []*uarch.Device
		for _, n := range names {
			if ok, _ := path.Match(prefix+"*", n); !ok || prefix == "uncore_imc" && strings.Contains(n, "free_running") || prefix == "power" && n != prefix {
				continue
			}
			if d, err := uarch.ReadDevice(root, n); err == nil {
				devices = append(devices, d)
			}
		}
		if len(devices) == 0 {
			continue
		}
		u := newUncore(prefix, devices)
		for alias, role := range aliases {
			if c, ok := aliasCandidate(devices, alias, role); ok {
				u.events = append(u.events, c)
			}
		}
		slices.SortFunc(u.events, func(a, b candidate) int { return strings.Compare(a.role, b.role) })
		m.uncore = append(m.uncore, u)
	}
}

func aliasCandidate(devices []*uarch.Device, alias, role string) (candidate, bool) {
	c := candidate{role: role, name: alias, flops: math.NaN(), worth: math.NaN()}
	for _, d := range devices {
		a, err := d.Alias(alias)
		if errors.Is(err, fs.ErrNotExist) {
			return c, false
		}
		switch {
		case err != nil:
			c.broken = err.Error()
		case a.Unit == "MiB":
			c.worth = a.Scale * (1 << 20)
		case a.Unit == "Joules":
			c.worth = a.Scale
		default:
			c.broken = fmt.Sprintf("%s: the kernel gives it in %q, not in MiB or Joules", alias, a.Unit)
		}
		c.on = append(c.on, Event{Name: alias, Role: role, Type: d.Type, Config: a.Config, Config1: a.Config1, Config2: a.Config2})
	}
	return c, true
}
