package cpu

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Quota returns how many CPUs' worth of time the cgroup allows this process, 0 where there is no limit. Every ancestor's
// limit counts; both cgroup versions are read.
func Quota() float64 { return quota(os.DirFS("/")) }

func quota(root fs.FS) float64 {
	lowest := 0.0
	for line := range strings.Lines(word(root, "proc/self/cgroup")) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for _, mount := range mounts(fields[1]) {
			// The path may lead out of a cgroup namespace ("/../x"), or not be visible: then the mount's root counts.
			for dir := path.Clean("/" + fields[2]); ; dir = path.Dir(dir) {
				if q := quotaOf(root, path.Join(mount, dir)); q > 0 && (lowest == 0 || q < lowest) {
					lowest = q
				}
				if dir == "/" {
					break
				}
			}
		}
	}
	return lowest
}

// mounts names where the hierarchy with these controllers is mounted by custom; version 2 names no controllers.
func mounts(controllers string) []string {
	switch {
	case controllers == "":
		return []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}
	case slices.Contains(strings.Split(controllers, ","), "cpu"):
		return []string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"}
	}
	return nil
}

// quotaOf reads the limit of one cgroup, 0 where it has none.
func quotaOf(root fs.FS, dir string) float64 {
	if fields := strings.Fields(word(root, path.Join(dir, "cpu.max"))); len(fields) == 2 {
		return ratio(fields[0], fields[1])
	}
	return ratio(word(root, path.Join(dir, "cpu.cfs_quota_us")), word(root, path.Join(dir, "cpu.cfs_period_us")))
}

func ratio(quota, period string) float64 {
	q, err1 := strconv.ParseInt(quota, 10, 64)
	p, err2 := strconv.ParseInt(period, 10, 64)
	if err1 != nil || err2 != nil || q <= 0 || p <= 0 {
		return 0
	}
	return float64(q) / float64(p)
}
