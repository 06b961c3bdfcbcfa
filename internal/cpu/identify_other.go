//go:build !amd64

package cpu

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// identify reads what /proc/cpuinfo tells; on arm64 vendor and model are the implementer and the part number of MIDR.
func identify(info *Info) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return
	}
	number := func(s string) int { n, _ := strconv.ParseInt(s, 0, 32); return int(n) }
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "CPU implementer":
			info.Vendor = value
		case "CPU variant":
			info.Family = number(value)
		case "CPU part":
			info.Model = number(value)
		case "CPU revision":
			info.Stepping = number(value)
		case "model name", "uarch":
			info.Name = value
		}
	}
}

func hybridCPUID() bool { return false }

func hypervisor(sys fs.FS) string { return dmi(sys) }
