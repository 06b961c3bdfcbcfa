package uarch

import (
	"fmt"
	"slices"
	"strings"
)

// sign is what a machine of a microarchitecture shows besides its model: by it a false model is noticed.
type sign struct {
	Uarch    string
	Core     string   // type of core, or any
	PMUNames []string // what caps/pmu_name says
	Must     []string // flags of /proc/cpuinfo that every such CPU has
	Never    []string // flags that no such CPU has
}

func parseSign(f map[string]string) (sign, error) {
	s := sign{f["uarch"], f["core"], strings.Fields(f["pmu_names"]), strings.Fields(f["must"]), strings.Fields(f["never"])}
	if s.Uarch == "" || s.Core == "" {
		return s, fmt.Errorf("the uarch or the core is empty")
	}
	return s, nil
}

// impossible returns the flags that a microarchitecture cannot have, and those of it that are lacking.
func (d *data) impossible(uarch string, flags []string) (never, lacking []string) {
	for _, s := range d.signs {
		if s.Uarch != uarch {
			continue
		}
		for _, f := range s.Never {
			if slices.Contains(flags, f) && !slices.Contains(never, f) {
				never = append(never, f)
			}
		}
		for _, f := range s.Must {
			if !slices.Contains(flags, f) && !slices.Contains(lacking, f) {
				lacking = append(lacking, f)
			}
		}
	}
	return never, lacking
}

// named returns the microarchitectures whose PMU the kernel calls so, in the order of signs.csv: the namesake first.
func (d *data) named(pmuName string) (uarchs []string) {
	for _, s := range d.signs {
		if slices.Contains(s.PMUNames, pmuName) && !slices.Contains(uarchs, s.Uarch) {
			uarchs = append(uarchs, s.Uarch)
		}
	}
	return uarchs
}

// coresNamed returns the types of core of a microarchitecture whose PMU the kernel calls so.
func (d *data) coresNamed(uarch, pmuName string) (cores []string) {
	for _, s := range d.signs {
		if s.Uarch == uarch && slices.Contains(s.PMUNames, pmuName) {
			cores = append(cores, s.Core)
		}
	}
	return cores
}
