package cpu

import (
	"io/fs"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

func identify(info *Info) {
	c := &cpuid.CPU
	info.Vendor, info.Name = c.VendorString, strings.TrimSpace(c.BrandName)
	info.Family, info.Model, info.Stepping = c.Family, c.Model, c.Stepping
}

func hybridCPUID() bool { return cpuid.CPU.Has(cpuid.HYBRID_CPU) }

// hypervisors maps the signatures of CPUID leaf 0x40000000 to names.
var hypervisors = map[string]string{
	"KVMKVMKVM": "KVM", "Microsoft Hv": "Hyper-V", "VMwareVMware": "VMware", "XenVMMXenVMM": "Xen", "TCGTCGTCGTCG": "QEMU TCG",
	"bhyve bhyve": "bhyve", "VBoxVBoxVBox": "VirtualBox", "ACRNACRNACRN": "ACRN",
}

// hypervisor names the hypervisor, or returns "" on bare metal.
func hypervisor(sys fs.FS) string {
	if !cpuid.CPU.Has(cpuid.HYPERVISOR) {
		return ""
	}
	if name := strings.Trim(cpuid.CPU.HypervisorVendorString, "\x00 "); name != "" {
		if short, ok := hypervisors[name]; ok {
			return short
		}
		return name
	}
	if name := dmi(sys); name != "" {
		return name
	}
	return "unknown hypervisor"
}
