package scenario

import "strings"

const devicesDir = "sysfs/bus/event_source/devices/"

// Of memory controllers, a count is a cache line and the kernel shows it in MiB.
const (
	lineScale = "6.103515625e-5"
	lineUnit  = "MiB"
)

// sysfs adds the PMU directories to the tree: type, format, events, and who counts where.
func (u *Uarch) sysfs(devices []device, tree map[string]string) {
	for _, d := range devices {
		dir := devicesDir + d.name + "/"
		tree[dir+"type"] = itoa(d.kind) + "\n"
		for field, bits := range d.format {
			tree[dir+"format/"+field] = bits + "\n"
		}
		for file, text := range d.files {
			tree[dir+file] = text + "\n"
		}
		for _, e := range u.Events {
			if e.SysfsEvent != "" && e.PMU == d.table {
				e.alias(dir+"events/"+e.SysfsEvent, d, tree)
			}
		}
	}
}

// alias adds an event that the kernel exports by name.
func (e Event) alias(path string, d device, tree map[string]string) {
	text := "event=" + e.Event
	if _, ok := d.format["umask"]; ok && !(e.Umask == "0x0" && strings.HasPrefix(d.name, "power")) {
		text += ",umask=" + e.Umask
	}
	scale, unit := e.Scale, e.Unit
	if strings.HasPrefix(d.name, "uncore_imc") && scale == "" {
		scale, unit = lineScale, lineUnit
	}
	tree[path] = text + "\n"
	if scale != "" {
		tree[path+".scale"] = scale + "\n"
	}
	if unit != "" {
		tree[path+".unit"] = unit + "\n"
	}
}
