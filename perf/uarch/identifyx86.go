package uarch

import (
	"slices"
	"strings"
)

// identifyX86 believes the model, unless the flags or the kernel's PMU contradict it; then the kernel's name of the PMU
// decides, and where that names none that is possible, the CPU stays unknown.
func (d *data) identifyX86(id *Identity, p processor, cores []*Device) error {
	id.CPU, id.Virtual = p.String(), slices.Contains(p.flags, "hypervisor")
	pmuName := ""
	for _, dev := range cores {
		if dev.PMUName != "" {
			pmuName = dev.PMUName
		}
	}
	named := d.named(pmuName)
	rows := d.match(p.vendor, p.family, p.model, p.stepping)
	believed := len(rows) > 0 && rows[0].Table
	switch {
	case len(rows) == 0:
		id.note("%s is unknown", id.CPU)
	case !believed:
		id.note("%s (%s) is known, but has no event table here", rows[0].Uarch, id.CPU)
	case d.noteFlags(id, rows[0], p.flags):
		believed = false
	case len(named) > 0 && !slices.Contains(named, rows[0].Uarch):
		id.note("the CPU says that it is %s (%s), but the kernel counts %q events on it%s", rows[0].Uarch, id.CPU, pmuName, inVM(*id))
		believed = false
	case strings.HasPrefix(pmuName, "generic_arch"):
		id.note("the kernel is older than the CPU and knows its architectural events only (%s)", pmuName)
	}
	if believed {
		return d.use(id, rows[0].Uarch, "model", rows, cores)
	}
	possible := slices.DeleteFunc(slices.Clone(named), func(u string) bool {
		never, lacking := d.impossible(u, p.flags)
		_, err := d.lookup(u)
		return err != nil || len(p.flags) > 0 && len(never)+len(lacking) > 0
	})
	if len(possible) == 0 {
		id.noteUnknown("the events of this CPU are not known")
		return nil
	}
	id.note("the events of %s are used, after the kernel's name for its PMU, %q", possible[0], pmuName)
	if len(possible) > 1 {
		id.note("that name is shared: --uarch %s, if it is that", strings.Join(possible[1:], " or "))
	}
	return d.use(id, possible[0], "pmu_name", nil, cores)
}
