package event

import (
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// whyNot says why no recipe serves a quantity on this machine.
func (m *machine) whyNot(q perf.Quantity) string {
	switch {
	case slices.Contains(byWidth, q):
		return "hardware counts loads and stores but not their widths"
	case servedByUncore(q) && len(m.uncore) == 0:
		return "the kernel shows no PMU of the memory controllers"
	case servedByUncore(q):
		return "the PMUs of the uncore have no event for it"
	case len(m.cores) == 0:
		return "the kernel shows no PMU of the cores"
	}
	return m.cores[0].whyNot(q)
}

// byWidth are the quantities that would need the width of each access.
var byWidth = []perf.Quantity{perf.BytesL1, perf.BytesLoaded, perf.BytesStored}

// whyNot says why no recipe serves a core's quantity on the unit.
func (u *unit) whyNot(q perf.Quantity) string {
	switch {
	case u.vendor == "":
		return "the events of this CPU are not known, and the kernel has no generic event for it"
	case strings.HasPrefix(string(q), string(perf.FLOPs)):
		return u.whyNoFLOPs(q)
	case q == perf.BytesL3 && u.vendor == "AMD":
		return "the CPU counts the lines filled into L2 but not those that leave it"
	case q == perf.BytesL2 || q == perf.BytesL3:
		return "PMU " + u.name + ": the CPU counts no lines in both directions"
	}
	return "PMU " + u.name + ": no event of this microarchitecture counts it"
}

// servedByUncore says whether q is counted outside of the cores.
func servedByUncore(q perf.Quantity) bool {
	return slices.ContainsFunc(recipes, func(r recipe) bool { return r.quantity == q && r.level == onUncore }) && q != perf.MissesL3
}
