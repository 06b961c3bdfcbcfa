// Package cpu tells what this processor is and what it can really execute.
//
// A feature counts as usable only when CPUID reports it, XCR0 says that the operating system keeps its registers and,
// for AMX, the kernel has granted the permission. The family and model number are reported but decide nothing:
// a virtual machine's model number may lie.
package cpu

// Info describes the processor for the result document.
type Info struct {
	Vendor   string   `json:"vendor"`
	Name     string   `json:"name"`
	Family   int      `json:"family"`
	Model    int      `json:"model"`
	Stepping int      `json:"stepping"`
	Arch     string   `json:"arch"`         // GOARCH
	ISAs     []ISA    `json:"isas"`         // usable groups
	Hybrid   bool     `json:"hybrid"`       // more than one core type
	VM       string   `json:"vm,omitempty"` // hypervisor, "" on bare metal
	TSCHz    float64  `json:"tsc_hz"`       // 0: unknown
	CoreHz   float64  `json:"core_hz"`      // measured by a dependent-add chain; 0: not measured
	Features []string `json:"features"`     // usable features, /proc/cpuinfo names
	CPUs     []int    `json:"cpus"`         // logical CPUs this process may use (affinity mask)
}
