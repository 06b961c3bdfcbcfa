package event

import "strings"

// cloudCure is what makes a virtual machine show a PMU, by the cloud that the firmware names (DMI). docs/doctor.md has the
// sources.
func (p probe) cloudCure() string {
	vendor := readLine(p.root, "sys/class/dmi/id/sys_vendor")
	switch {
	case strings.HasPrefix(vendor, "Amazon"):
		here := "this one"
		if kind := readLine(p.root, "sys/class/dmi/id/product_name"); kind != "" {
			here = kind
		}
		return "use an EC2 type with a PMU instead of " + here + ": .metal, a size with a whole socket, or the 7th generation and later; see roofline help doctor.md"
	case strings.HasPrefix(vendor, "Google"):
		return "use a C4 or C4A machine and enable its PMU when you create it (advancedMachineFeatures.performanceMonitoringUnit); see roofline help doctor.md"
	}
	return "use bare metal or an instance type with a PMU; with KVM/QEMU start the guest with -cpu host,pmu=on"
}
