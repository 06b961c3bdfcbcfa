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
	believed, refuted := len(rows) > 0 && rows[0].Table, false
	switch {
	case len(rows) == 0:
		id.note("%s is unknown", id.CPU)
	case !believed:
		id.note("%s (%s) is known, but has no event table here", rows[0].Uarch, id.CPU)
	case d.noteFlags(id, rows[0], p.flags):
		believed, refuted = false, true
	case len(named) > 0 && !slices.Contains(named, rows[0].Uarch):
		id.note("the CPU says that it is %s (%s), but the kernel counts %q events on it%s", rows[0].Uarch, id.CPU, pmuName, inVM(*id))
		believed = false
	case strings.HasPrefix(pmuName, "generic_arch"):
		id.note("the kernel is older than the CPU and knows its architectural events only (%s)", pmuName)
	}
	if believed {
		return d.use(id, rows[0].Uarch, "model", rows, cores)
	}
	possible := d.possible(named, p.flags)
	if len(possible) == 0 {
		if like := d.like(p); refuted && 0 < len(like) && len(like) <= mostLike {
			id.note("it has the features of %s", strings.Join(like, ", "))
		}
		id.noteUnknown("the events of this CPU are not known")
		return nil
	}
	id.note("the events of %s are used, after the kernel's name for its PMU, %q", possible[0], pmuName)
	if len(possible) > 1 {
		id.note("that name is shared: --uarch %s, if it is that", strings.Join(possible[1:], " or "))
	}
	return d.use(id, possible[0], "pmu_name", nil, cores)
}

// mostLike is how many microarchitectures that a CPU may be are told.
const mostLike = 4

// like returns the vendor's microarchitectures whose flags a CPU has, all of them and none that they cannot have.
func (d *data) like(p processor) (uarchs []string) {
	for _, r := range d.rows {
		if r.Vendor != p.vendor || !r.Table || slices.Contains(uarchs, r.Uarch) {
			continue
		}
		if never, lacking := d.impossible(r.Uarch, p.flags); len(never)+len(lacking) == 0 {
			uarchs = append(uarchs, r.Uarch)
		}
	}
	return uarchs
}

// possible drops the microarchitectures that the flags refute; where some lack no flag either, only those are left.
func (d *data) possible(uarchs, flags []string) []string {
	var left, complete []string
	for _, u := range uarchs {
		never, lacking := d.impossible(u, flags)
		if _, err := d.lookup(u); err != nil || len(never) > 0 {
			continue
		}
		left = append(left, u)
		if len(lacking) == 0 {
			complete = append(complete, u)
		}
	}
	if complete != nil {
		return complete
	}
	return left
}
