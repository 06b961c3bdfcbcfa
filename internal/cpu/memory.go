package cpu

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// FreeMemory returns the bytes of memory that can be had without swapping: what the kernel calls available, or less where a cgroup of
// this process, of either version, leaves less. 0: not known.
func FreeMemory() int64 { return freeMemory(os.DirFS("/")) }

func freeMemory(root fs.FS) int64 {
	const unlimited = 1 << 62 // version 1 has a number for it
	free := kibOf(word(root, "proc/meminfo"), "MemAvailable:")
	for _, dir := range Cgroups(root, "memory") {
		for _, names := range [...]struct {
			limit, used string
			cached      [2]string
		}{
			{"memory.max", "memory.current", [2]string{"inactive_file", "active_file"}},
			{"memory.limit_in_bytes", "memory.usage_in_bytes", [2]string{"total_inactive_file", "total_active_file"}},
		} {
			limit, err1 := strconv.ParseInt(word(root, path.Join(dir, names.limit)), 10, 64) // "max": none
			used, err2 := strconv.ParseInt(word(root, path.Join(dir, names.used)), 10, 64)
			if err1 != nil || err2 != nil || limit <= 0 || limit >= unlimited || used < 0 {
				continue
			}
			stat := word(root, path.Join(dir, "memory.stat"))
			for _, name := range names.cached { // files that the kernel drops at need
				used -= min(max(statOf(stat, name), 0), used)
			}
			if left := max(limit-used, 1); free == 0 || left < free {
				free = left
			}
		}
	}
	return free
}

// kibOf reads a line "NAME  9129352 kB", in bytes; 0 when it is not there.
func kibOf(text, name string) int64 {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name && f[2] == "kB" {
			if kib, err := strconv.ParseInt(f[1], 10, 53); err == nil && kib >= 0 {
				return kib << 10
			}
			return 0
		}
	}
	return 0
}

// statOf reads a line "NAME 12345"; 0 when it is not there.
func statOf(text, name string) int64 {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}
