package cpu

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Cgroups returns the directories, below root, in which a controller's limits for this process may stand: its cgroup's and
// those of the cgroups above it, in the hierarchies of both versions, where custom mounts them. Not all of them exist.
func Cgroups(root fs.FS, controller string) (dirs []string) {
	for line := range strings.Lines(word(root, "proc/self/cgroup")) { // hierarchy:controllers:path
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for _, mount := range mounts(controller, fields[1]) {
			// The path may lead out of a cgroup namespace ("/../x"), or not be visible: then the mount's root counts.
			for dir := path.Clean("/" + fields[2]); ; dir = path.Dir(dir) {
				dirs = append(dirs, path.Join(mount, dir))
				if dir == "/" {
					break
				}
			}
		}
	}
	return dirs
}

// mounts names where the hierarchy with these controllers is mounted if controller is one of them; version 2 names none.
func mounts(controller, controllers string) []string {
	switch {
	case controllers == "":
		return []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}
	case controllers == controller:
		return []string{"sys/fs/cgroup/" + controller}
	case slices.Contains(strings.Split(controllers, ","), controller):
		return []string{"sys/fs/cgroup/" + controller, "sys/fs/cgroup/" + controllers}
	}
	return nil
}
