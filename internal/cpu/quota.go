package cpu

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// Quota returns how many CPUs' worth of time the cgroup allows this process, 0 where there is no limit. Every ancestor's
// limit counts; both cgroup versions are read.
func Quota() float64 { return quota(os.DirFS("/")) }

func quota(root fs.FS) float64 {
	lowest := 0.0
	for _, dir := range Cgroups(root, "cpu") {
		if q := quotaOf(root, dir); q > 0 && (lowest == 0 || q < lowest) {
			lowest = q
		}
	}
	return lowest
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
