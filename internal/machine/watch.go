package machine

import (
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

// Disturbance is what disturbed the machine during a measurement.
type Disturbance struct {
	Duration    time.Duration
	StealShare  float64 // share of the wanted CPU time that the hypervisor gave to others; -1: unknown
	Throttles   int64   // times a CPU was slowed down by heat; -1: unknown
	Involuntary int64   // context switches of this process's threads that were ready to run on
	LoadAverage float64 // 1 minute, at the end; -1: unknown
}

// Watch begins to watch the CPUs that this process may use; stop returns what happened since. It runs nothing meanwhile.
func Watch() (stop func() Disturbance) {
	var cpus []int // of this process; all if unknown
	if info, err := cpu.Detect(); err == nil {
		cpus = info.CPUs
	}
	return watch(os.DirFS("/"), cpus)
}

func watch(root fs.FS, cpus []int) (stop func() Disturbance) {
	begin := time.Now()
	statBefore, statErr := readStat(root)
	throttledBefore := throttles(root, cpus)
	switchedBefore := involuntary()
	return func() Disturbance {
		d := Disturbance{
			Duration:    time.Since(begin),
			StealShare:  -1,
			Throttles:   -1,
			Involuntary: involuntary() - switchedBefore,
			LoadAverage: loadAverage(root),
		}
		if now, err := readStat(root); err == nil && statErr == nil {
			d.StealShare = between(statBefore, now, cpus).stealShare()
		}
		if now := throttles(root, cpus); now >= 0 && throttledBefore >= 0 {
			d.Throttles = max(now-throttledBefore, 0)
		}
		return d
	}
}

// involuntary counts the involuntary context switches of all threads of this process so far.
func involuntary() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Nivcsw
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
