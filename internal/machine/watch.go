package machine

import (
	"io/fs"
	"os"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

// Disturbance is what disturbed the machine during a measurement.
type Disturbance struct {
	StealShare *float64 // share of the wanted CPU time that the hypervisor gave to others; nil: unknown
	Throttles  int64    // times a CPU was slowed down by heat; -1: unknown
}

// Watch begins to watch the CPUs that this process may use; stop returns what happened since. It runs nothing meanwhile.
func Watch() (stop func() Disturbance) {
	cpus, err := cpu.Affinity()
	if err != nil {
		cpus = nil // all
	}
	return watch(os.DirFS("/"), cpus)
}

func watch(root fs.FS, cpus []int) (stop func() Disturbance) {
	statBefore, statErr := readStat(root)
	throttledBefore := throttles(root, cpus)
	return func() Disturbance {
		d := Disturbance{Throttles: -1}
		if now, err := readStat(root); err == nil && statErr == nil {
			d.StealShare = between(statBefore, now, cpus).stealShare()
		}
		if now := throttles(root, cpus); now >= 0 && throttledBefore >= 0 {
			d.Throttles = max(now-throttledBefore, 0)
		}
		return d
	}
}

// Apply writes the disturbance into m: the steal share into its environment, and a check for steal time and for
// throttling, in place of the ones that are there, into its quality.
func (d Disturbance) Apply(m *roofline.Machine) {
	m.Environment.StealShare = d.StealShare
	for _, c := range d.checks(m.CPU.VM) {
		setCheck(m, c)
	}
}

func setCheck(m *roofline.Machine, c roofline.Check) {
	for i := range m.Quality {
		if m.Quality[i].Name == c.Name {
			m.Quality[i] = c
			return
		}
	}
	m.Quality = append(m.Quality, c)
}
