package compare

import (
	"fmt"
	"math"
	"slices"
)

// Clock is what the time of a comparison is.
type Clock string

// The clocks.
const (
	WallClock Clock = "wall" // from begin to end
	CPUTime   Clock = "cpu"  // that a command took, where the machine was too busy for the wall clock to tell
)

// The machine is busy when many processes had to wait for long.
const (
	longWait  = 0.02 // share of the time of a process without the CPU that it wanted
	busyShare = 0.2  // of the processes
)

// kept is the share of the processes that were kept waiting for long.
func (p Pair) kept() float64 {
	long, all := 0, 0
	for _, w := range slices.Concat(p.Base.Waited, p.New.Waited) {
		if all++; w > longWait {
			long++
		}
	}
	return float64(long) / float64(max(all, 1))
}

func (p Pair) busy() bool { return p.kept() >= busyShare }

// Commands whose time is that of computing: in the process of either side that was disturbed least, the rest (starting,
// reading, sleeping) is less than atRest of its CPU time, and does not differ between the sides by more than restDiffers of it.
const (
	atRest      = 0.1
	restDiffers = 0.01
)

// clock chooses what to compare. On a busy machine the wall clock shows mostly for how long others had the CPU; the CPU time
// of a command that does nothing but compute on one thread is then the same quantity without that. A change that makes
// a command wait, or use more threads, would not show in it, so these are compared by the wall clock whatever the machine.
func (p Pair) clock() Clock {
	n := len(p.Base.Times)
	if n == 0 || len(p.Base.CPU) != n || len(p.New.CPU) != n || len(p.New.Times) != n || len(p.Base.Waited) != n || len(p.New.Waited) != n || p.Base.serial < n || p.New.serial < n || !p.busy() {
		return WallClock
	}
	a, b := p.Base.rest(), p.New.rest()
	if max(a, b) > atRest || math.Abs(a-b) > restDiffers {
		return WallClock
	}
	return CPUTime
}

// rest is the least time in which a process neither computed nor waited for a CPU, as a share of its CPU time.
func (s Side) rest() float64 {
	least := math.Inf(1)
	for i, t := range s.Times {
		least = min(least, (t-s.Waited[i]*t)/s.CPU[i]-1)
	}
	return least
}

// busyNote says that the machine was busy, and what that did to the comparison; "" when it was not.
func (p Pair) busyNote(c Clock) string {
	if !p.busy() {
		return ""
	}
	note := fmt.Sprintf("the machine is busy: %.0f %% of the processes had to wait for a CPU", 100*p.kept())
	if c == CPUTime {
		note += "; the times are CPU time, on the wall clock they mean little"
	}
	return note
}
