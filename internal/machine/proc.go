package machine

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
)

// memory returns the physical memory in bytes, or the tightest memory limit of this process's cgroups if that is lower.
func memory(root fs.FS) (int64, error) {
	b, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0, fmt.Errorf("read memory size: %w", err)
	}
	total, err := parseMemTotal(string(b))
	if err != nil {
		return 0, err
	}
	for _, dir := range cpu.Cgroups(root, "memory") {
		for _, file := range []string{"memory.max", "memory.limit_in_bytes"} { // versions 2 and 1
			if limit, ok := readLimit(root, path.Join(dir, file)); ok {
				total = min(total, limit)
			}
		}
	}
	return total, nil
}

// parseMemTotal reads "MemTotal: 16316412 kB" of /proc/meminfo, in bytes.
func parseMemTotal(text string) (int64, error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] != "MemTotal:" || fields[2] != "kB" {
			continue
		}
		kib, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || kib <= 0 || kib > 1<<50 {
			return 0, fmt.Errorf("read memory size: MemTotal is %q", fields[1])
		}
		return kib << 10, nil
	}
	return 0, fmt.Errorf("read memory size: /proc/meminfo has no MemTotal in kB")
}

// readLimit reads a limit file. "max", and numbers no memory has, mean that there is no limit.
func readLimit(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil && n > 0
}

// loadAverage reads the 1-minute load average; nil if it cannot.
func loadAverage(root fs.FS) *float64 {
	b, err := fs.ReadFile(root, "proc/loadavg")
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(b), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil || !(v >= 0 && v < 1e6) {
		return nil
	}
	return &v
}

// kernelRelease is what uname -r prints; "" if unknown.
func kernelRelease(root fs.FS) string {
	b, _ := fs.ReadFile(root, "proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(b))
}

// throttles counts how often the given CPUs were slowed down by heat since boot; -1 where the kernel doesn't tell
// (virtual machines, and CPUs other than Intel's). The events of a package are taken once, not once per CPU.
func throttles(root fs.FS, cpus []int) int64 {
	known, total := false, int64(0)
	perPackage := make(map[string]int64)
	for _, c := range cpus {
		dir := fmt.Sprintf("sys/devices/system/cpu/cpu%d/", c)
		if n, ok := readCount(root, dir+"thermal_throttle/core_throttle_count"); ok {
			known, total = true, total+n
		}
		if n, ok := readCount(root, dir+"thermal_throttle/package_throttle_count"); ok {
			id, _ := fs.ReadFile(root, dir+"topology/physical_package_id")
			known = true
			perPackage[string(id)] = max(perPackage[string(id)], n)
		}
	}
	if !known {
		return -1
	}
	for _, n := range perPackage {
		total += n
	}
	return total
}

func readCount(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil && n >= 0
}
