//go:build !amd64

package cpu

import "os"

// identify fills in what the kernel calls the processor.
func identify(info *Info) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return // a description without a name
	}
	cores := parseCPUInfo(string(text))
	if len(cores) == 0 {
		return
	}
	c := cores[0]
	info.Vendor, info.Name, info.Features = c.vendor(), c.name(), c.features
	info.Family, info.Model, info.Stepping = c.variant, c.part, c.revision
	info.Hybrid = hybridPMUs(os.DirFS("/sys")) || mixed(cores)
}
