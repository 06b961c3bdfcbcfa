package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

// device is a PMU to be written to sysfs.
type device struct {
	name   string
	table  string // its name in the table
	kind   int    // number of its type
	format map[string]string
	files  map[string]string // cpus or cpumask, caps/pmu_name
	rules  *model.PMU        // nil: counted by the running kernel
}

// Formats of uncore PMUs that the reference tables do not spell out.
var (
	formatEvent    = map[string]string{"event": "config:0-7"}
	formatFree     = map[string]string{"event": "config:0-7", "umask": "config:8-15"}
	formatServer   = map[string]string{"event": "config:0-7", "umask": "config:8-15", "edge": "config:18", "inv": "config:23", "thresh": "config:24-31"}
	intelFixed     = []string{"0xc0", "0x3c", "0x300", "0x400"} // instructions, cycles, reference cycles, slots
	cyclesCounter  = "0x3c"
	imcCounters    = 4
	firstDynamic   = 10
	softwareByName = map[string]int{"software": 1, "tracepoint": 2, "breakpoint": 5}
)

// doubled lists the cores whose general counters double without a second thread.
var doubled = []string{"haswell", "haswellx", "broadwell", "broadwellx", "skylake", "skylakex", "cascadelakex"}

func coreName(name string) bool {
	return name == "cpu" || name == "cpu_core" || name == "cpu_atom" || strings.HasPrefix(name, "armv8")
}

// devices lists the PMUs of a microarchitecture, an instance each where there are several.
func (u *Uarch) devices(o Options) []device {
	var list []device
	for name, kind := range softwareByName {
		list = append(list, device{name: name, kind: kind})
	}
	kind := firstDynamic
	add := func(p PMU, rules model.PMU) {
		n := 1
		if strings.HasSuffix(p.Name, "<n>") && !coreName(p.Name) {
			n = o.Channels
		}
		if rules.Uncore && o.NoUncore {
			return
		}
		for i := range n {
			d := device{name: instance(p.Name, i), table: p.Name, kind: kind, format: p.Format, rules: &rules}
			d.files = map[string]string{"cpumask": firstOfPackages(o)}
			if coreName(p.Name) {
				d.files = u.coreFiles(d.name, o)
			}
			if p.Name == "cpu" || p.Name == "cpu_core" {
				d.kind = 4 // PERF_TYPE_RAW
			}
			kind++
			list = append(list, d)
		}
	}
	for _, p := range u.PMUs {
		add(p, u.rules(p, o))
	}
	for _, e := range u.Events {
		if !slices.ContainsFunc(u.PMUs, func(p PMU) bool { return p.Name == e.PMU }) &&
			!slices.ContainsFunc(list, func(d device) bool { return d.table == e.PMU }) {
			add(PMU{Name: e.PMU, Format: u.uncoreFormat(e.PMU)}, model.PMU{Uncore: true, GP: uncoreCounters(e.PMU)})
		}
	}
	return list
}

// rules says how many events a PMU of the table counts at a time.
func (u *Uarch) rules(p PMU, o Options) model.PMU {
	r := model.PMU{GP: p.GP, Uncore: !coreName(p.Name)}
	switch {
	case r.Uncore:
	case u.Vendor == "intel":
		r.Fixed = intelFixed[:min(p.Fixed, len(intelFixed))]
		if o.NMIWatchdog {
			r.Held = []string{cyclesCounter}
		}
		if o.SMTOff && slices.Contains(doubled, u.Key) {
			r.GP *= 2
		}
	case u.Vendor == "amd":
		r.Pair = []string{"0x3"}
		if o.NMIWatchdog {
			r.GP--
		}
	case u.Vendor == "arm":
		r.Fixed = []string{"0x11"}
	}
	return r
}

func (u *Uarch) uncoreFormat(pmu string) map[string]string {
	switch {
	case strings.HasPrefix(pmu, "power"), pmu == "uncore_imc":
		return formatEvent
	case strings.Contains(pmu, "free_running"):
		return formatFree
	}
	return formatServer
}

// uncoreCounters is the number of counters of a PMU outside the table: what runs freely needs none.
func uncoreCounters(pmu string) int {
	if strings.HasPrefix(pmu, "uncore_imc_") && !strings.Contains(pmu, "free_running") {
		return imcCounters
	}
	return 0
}

func instance(name string, i int) string { return strings.Replace(name, "<n>", strconv.Itoa(i), 1) }

// firstOfPackages is the cpumask of an uncore PMU: one CPU a socket.
func firstOfPackages(o Options) string {
	var cpus []string
	for p := range max(o.Packages, 1) {
		cpus = append(cpus, strconv.Itoa(p*max(1, o.CPUs/max(o.Packages, 1))))
	}
	return strings.Join(cpus, ",")
}

// coreFiles are the CPUs of a core PMU and what it calls itself. A hybrid processor's first half are P cores.
func (u *Uarch) coreFiles(name string, o Options) map[string]string {
	half := max(1, o.CPUs/2)
	files := map[string]string{}
	switch {
	case name == "cpu_core":
		files["cpus"] = span(0, half-1)
	case name == "cpu_atom":
		files["cpus"] = span(half, max(half, o.CPUs-1))
	case u.Vendor == "arm":
		files["cpus"] = span(0, o.CPUs-1)
	}
	if caps, ok := capsNames[u.Key]; ok {
		files["caps/pmu_name"] = caps
	}
	return files
}

func span(from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

// capsNames is what the kernel's driver calls the core PMU (arch/x86/events/intel/core.c).
var capsNames = map[string]string{
	"haswell": "haswell", "haswellx": "haswell", "broadwell": "broadwell", "broadwellx": "broadwell",
	"skylake": "skylake", "skylakex": "skylake", "cascadelakex": "skylake",
	"icelake": "icelake", "icelakex": "icelake", "tigerlake": "icelake", "rocketlake": "icelake",
	"alderlake": "alderlake_hybrid", "sapphirerapids": "sapphire_rapids", "emeraldrapids": "sapphire_rapids",
	"graniterapids": "granite_rapids", "sierraforest": "crestmont",
}
