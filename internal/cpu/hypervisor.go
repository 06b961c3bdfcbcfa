package cpu

import (
	"encoding/binary"
	"io/fs"
	"os"
	"strings"
)

// hypervisors maps the signatures of CPUID leaf 0x40000000 to names.
var hypervisors = map[string]string{
	"KVMKVMKVM": "KVM", "Linux KVM Hv": "KVM", "Microsoft Hv": "Hyper-V", "VMwareVMware": "VMware", "XenVMMXenVMM": "Xen",
	"TCGTCGTCGTCG": "QEMU TCG", "bhyve bhyve": "bhyve", "VBoxVBoxVBox": "VirtualBox", "ACRNACRNACRN": "ACRN",
	"lrpepyh  vr": "Parallels", "prl hyperv": "Parallels",
}

// signature is the text of leaf 0x40000000.
func signature(r Regs) string {
	var b []byte
	for _, word := range []uint32{r.EBX, r.ECX, r.EDX} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return strings.Trim(string(b), "\x00 ")
}

// hypervisorName names a signature; "" if there is none. An unknown one names itself, as far as it can be printed.
func hypervisorName(signature string) string {
	if name, ok := hypervisors[signature]; ok {
		return name
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, signature)
}

// Hypervisor names the hypervisor, "" on bare metal, in microseconds: Detect has more to find out.
func Hypervisor() string { return hypervisor(os.DirFS("/sys")) }

// hypervisor names the hypervisor, "" on bare metal. x86 hypervisors declare themselves in CPUID; the firmware's names are
// for those that don't say who they are, and for the other architectures.
func hypervisor(sys fs.FS) string {
	features, ok := CPUID(1, 0)
	if !ok {
		return dmi(sys)
	}
	if features.ECX>>31 == 0 {
		return ""
	}
	leaf, _ := CPUID(0x40000000, 0)
	if name := hypervisorName(signature(leaf)); name != "" {
		return name
	}
	if name := dmi(sys); name != "" {
		return name
	}
	return "unknown hypervisor"
}

// firmware maps the beginnings of DMI products and vendors to hypervisors.
var firmware = []struct{ prefix, name string }{
	{"QEMU", "KVM"}, {"KVM", "KVM"}, {"Google Compute", "KVM"}, {"Amazon EC2", "KVM"}, {"VMware", "VMware"},
	{"Virtual Machine", "Hyper-V"}, {"VirtualBox", "VirtualBox"}, {"Xen", "Xen"}, {"HVM domU", "Xen"}, {"Apple Virtualization", "Apple"},
}

// dmi names the hypervisor by the firmware's product and vendor names, "" where they name none. A product like
// "m7g.metal" is a rented machine without one.
func dmi(sys fs.FS) string {
	product := word(sys, "class/dmi/id/product_name")
	if strings.Contains(product, ".metal") {
		return ""
	}
	for _, text := range []string{product, word(sys, "class/dmi/id/sys_vendor")} {
		for _, f := range firmware {
			if strings.HasPrefix(text, f.prefix) {
				return f.name
			}
		}
	}
	return ""
}
