package cpu

import (
	"os"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// identify fills in what the processor calls itself.
func identify(info *Info) {
	c := &cpuid.CPU
	info.Vendor, info.Name = c.VendorString, strings.TrimSpace(c.BrandName)
	info.Family, info.Model, info.Stepping = c.Family, c.Model, c.Stepping
	info.Hybrid = hybridPMUs(os.DirFS("/sys")) || cpuid.CPU.Has(cpuid.HYBRID_CPU)
}
