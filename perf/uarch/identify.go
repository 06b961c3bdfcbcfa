package uarch

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Identify finds out which microarchitecture a machine has, from /proc/cpuinfo, the MIDR registers and the names that the
// kernel gives its PMUs; root is the root of the file system. With an override, a name that Lookup knows, that is used
// instead. An unknown CPU is no error: Uarch is empty and a note says why. The error is an *UnknownError for the override.
func Identify(root fs.FS, override string) (Identity, error) { return known().identify(root, override) }

func (d *data) identify(root fs.FS, override string) (Identity, error) {
	var id Identity
	cores, err := CoreDevices(root)
	if err != nil {
		id.note("the kernel's list of PMUs is unusable: %v", err)
	}
	processors, unreadable := readProcessors(root)
	switch {
	case unreadable != nil:
		err = nil
		id.noteUnknown("the CPU is unknown: %v", unreadable)
	case processors[0].vendor == "ARM":
		err = d.identifyARM(&id, processors, cores)
	default:
		err = d.identifyX86(&id, processors[0], cores)
	}
	if err != nil || override == "" {
		return id, err
	}
	return d.override(id, override, cores)
}

// override replaces what was found by what the user said.
func (d *data) override(found Identity, name string, cores []*Device) (Identity, error) {
	id := Identity{CPU: found.CPU, Virtual: found.Virtual}
	if name == Generic {
		id.By = "override"
		id.note("only the kernel's generic events are counted, as asked for with --uarch %s", Generic)
		return id, nil
	}
	if _, err := d.lookup(name); err != nil {
		return id, err
	}
	var rows []row
	if found.Uarch == name {
		for _, c := range found.Cores {
			rows = append(rows, row{Core: c.Kind, PMU: c.PMU})
		}
	} else {
		was := "nothing known"
		if found.Uarch != "" {
			was = found.Uarch
		}
		id.note("the events of %s are used, as asked for; the machine looks like %s", name, was)
	}
	return id, d.use(&id, name, "override", rows, cores)
}

// readProcessors reads cpuinfo, and on Arm the MIDR registers, which say more where cpuinfo hides something.
func readProcessors(root fs.FS) ([]processor, error) {
	text, err := fs.ReadFile(root, "proc/cpuinfo")
	if err != nil {
		return nil, fmt.Errorf("read cpuinfo: %w", err)
	}
	all := parseCPUInfo(string(text))
	files, err := fs.Glob(root, "sys/devices/system/cpu/cpu*/regs/identification/midr_el1")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		var n int
		var v uint64
		if _, err := fmt.Sscanf(file, "sys/devices/system/cpu/cpu%d/", &n); err != nil {
			continue
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			continue // an offline CPU has none
		}
		if _, err := fmt.Sscanf(string(text), "0x%x", &v); err != nil {
			continue
		}
		i := slices.IndexFunc(all, func(p processor) bool { return p.cpu == n })
		if i < 0 {
			i = len(all)
			all = append(all, processor{cpu: n})
		}
		all[i].midr(v)
	}
	if len(all) == 0 || all[0].vendor == "" {
		return nil, fmt.Errorf("cpuinfo names no vendor")
	}
	return all, nil
}

// identifyARM finds the table of each type of core.
func (d *data) identifyARM(id *Identity, processors []processor, cores []*Device) error {
	id.CPU = processors[0].String()
	var kinds []processor
	for _, p := range processors {
		if p.vendor == "ARM" && !slices.ContainsFunc(kinds, p.same) {
			kinds = append(kinds, p)
		}
	}
	for _, p := range kinds {
		rows := d.match(p.vendor, p.family, p.model, p.stepping)
		if len(rows) == 0 || !rows[0].Table {
			name := p.String()
			if len(rows) > 0 {
				name = rows[0].Name
			}
			id.noteUnknown("there is no event table for %s", name)
			continue
		}
		t, err := d.lookup(rows[0].Uarch)
		if err != nil {
			return err
		}
		d.noteFlags(id, rows[0], p.flags)
		ours := slices.DeleteFunc(slices.Clone(cores), func(dev *Device) bool { return !countsKind(dev, p, processors) })
		for _, c := range match(candidates(t, rows), ours, func(string) bool { return false }) {
			if c.CPUs == nil && len(kinds) > 1 {
				for _, q := range processors {
					if q.same(p) {
						c.CPUs = append(c.CPUs, q.cpu)
					}
				}
			}
			id.Cores = append(id.Cores, c)
		}
		if id.Uarch == "" {
			id.Uarch, id.Name, id.By = t.Uarch, t.Name, "midr"
		}
	}
	return nil
}

// countsKind says whether a PMU counts on the CPUs of this type.
func countsKind(dev *Device, kind processor, processors []processor) bool {
	return len(dev.CPUs) == 0 || slices.ContainsFunc(processors, func(p processor) bool {
		return p.same(kind) && slices.Contains(dev.CPUs, p.cpu)
	})
}

// noteFlags notes which flags contradict the row, and says whether they refute it.
func (d *data) noteFlags(id *Identity, r row, flags []string) (refuted bool) {
	if len(flags) == 0 {
		return false
	}
	never, lacking := d.impossible(r.Uarch, flags)
	if len(never) > 0 {
		id.note("the CPU says that it is %s (%s), which cannot have %s: that is not true%s", r.Uarch, id.CPU, strings.Join(never, ", "), inVM(*id))
		return true
	}
	if len(lacking) > 0 {
		id.note("the CPU says that it is %s (%s), but %s is hidden, which every one has%s", r.Uarch, id.CPU, strings.Join(lacking, ", "), inVM(*id))
	}
	return false
}

func inVM(id Identity) string {
	if id.Virtual {
		return " (a virtual machine)"
	}
	return ""
}
