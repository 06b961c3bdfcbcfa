package cpu

import (
	"io/fs"
	"strings"
)

// virtual maps the beginnings of DMI system vendors and products to hypervisors.
var virtual = []struct{ prefix, name string }{
	{"QEMU", "KVM"}, {"KVM", "KVM"}, {"Google Compute", "KVM"}, {"Amazon EC2", "KVM"}, {"VMware", "VMware"},
	{"Virtual Machine", "Hyper-V"}, {"VirtualBox", "VirtualBox"}, {"Xen", "Xen"}, {"Apple Virtualization", "Apple"},
}

// dmi names the hypervisor by the firmware's product and vendor names, "" where they name none.
func dmi(sys fs.FS) string {
	for _, file := range []string{"class/dmi/id/product_name", "class/dmi/id/sys_vendor"} {
		text, err := fs.ReadFile(sys, file)
		if err != nil {
			continue
		}
		for _, v := range virtual {
			if strings.HasPrefix(strings.TrimSpace(string(text)), v.prefix) {
				return v.name
			}
		}
	}
	return ""
}
