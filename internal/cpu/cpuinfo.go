package cpu

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// core is what /proc/cpuinfo says about one CPU of arm64: the fields of its MIDR register, and the features.
type core struct {
	implementer, variant, part, revision int
	model                                string // "model name", which arm64 kernels print for compatible tasks only
	features                             []string
}

// implementers are the vendors of MIDR, Arm Architecture Reference Manual.
var implementers = map[int]string{
	0x41: "ARM", 0x42: "Broadcom", 0x43: "Cavium", 0x46: "Fujitsu", 0x48: "HiSilicon", 0x4e: "NVIDIA", 0x50: "APM",
	0x51: "Qualcomm", 0x61: "Apple", 0x6d: "Microsoft", 0xc0: "Ampere",
}

// parts are the server cores of ARM itself.
var parts = map[int]string{
	0xd08: "Cortex-A72", 0xd0c: "Neoverse-N1", 0xd40: "Neoverse-V1", 0xd49: "Neoverse-N2", 0xd4f: "Neoverse-V2",
	0xd83: "Neoverse-V3AE", 0xd84: "Neoverse-V3", 0xd8e: "Neoverse-N3",
}

func (c core) vendor() string {
	if name, ok := implementers[c.implementer]; ok {
		return name
	}
	return fmt.Sprintf("implementer %#x", c.implementer)
}

func (c core) name() string {
	if c.model != "" {
		return c.model
	}
	if name, ok := parts[c.part]; ok && c.implementer == 0x41 {
		return name
	}
	return fmt.Sprintf("%s part %#x", c.vendor(), c.part)
}

// parseCPUInfo reads /proc/cpuinfo of arm64, one core per CPU. Fields that it cannot read are 0.
func parseCPUInfo(text string) (cores []core) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "processor" {
			cores = append(cores, core{})
			continue
		}
		if len(cores) == 0 {
			continue
		}
		c := &cores[len(cores)-1]
		n, _ := strconv.ParseUint(value, 0, 31)
		switch key {
		case "CPU implementer":
			c.implementer = int(n)
		case "CPU variant":
			c.variant = int(n)
		case "CPU part":
			c.part = int(n)
		case "CPU revision":
			c.revision = int(n)
		case "model name":
			c.model = value
		case "Features":
			c.features = slices.Sorted(slices.Values(strings.Fields(value)))
		}
	}
	return cores
}

// mixed says whether the cores are of more than one type.
func mixed(cores []core) bool {
	return slices.ContainsFunc(cores, func(c core) bool {
		return c.part != cores[0].part || c.implementer != cores[0].implementer
	})
}

// hybridPMUs says whether the kernel has a PMU of its own for a second type of core.
func hybridPMUs(sys fs.FS) bool {
	for _, pmu := range []string{"cpu_atom", "cpu_lowpower"} {
		if _, err := fs.Stat(sys, "bus/event_source/devices/"+pmu); err == nil {
			return true
		}
	}
	return false
}
