package compare

import (
	"slices"

	"github.com/roofline-go/roofline/roofline"
)

// Side is one of the two things compared.
type Side struct {
	Label string `json:"label"` // what the user called it: a file, a kernel, a command
	// Run is the run whose counts, points and bound stand for the side; of the last process. A command has none.
	Run roofline.Run `json:"run,omitzero"`
	// Times are seconds per call of one process each, of a kernel as ProcessTime says; nil when the side is a stored result of
	// one process.
	Times []float64 `json:"times,omitempty"`
	// What else is known of each process, in the order of Times: seconds of CPU, the share of the time without a CPU, the
	// peak resident set in bytes. nil where it is not known of all.
	CPU     []float64 `json:"cpu,omitempty"`
	Waited  []float64 `json:"waited,omitempty"`
	PeakRSS []float64 `json:"peak_rss,omitempty"`

	serial int // how many processes computed on one thread
}

// add adds what one process measured.
func (s *Side) add(p Sample) {
	s.Times = append(s.Times, p.Seconds)
	s.CPU = append(s.CPU, p.CPU)
	s.Waited = append(s.Waited, p.Waited)
	s.PeakRSS = append(s.PeakRSS, float64(p.PeakRSS))
	if p.Serial {
		s.serial++
	}
}

// known is the side of the first n processes with what is known of all of them.
func (s Side) known(n int) Side {
	cut := func(list []float64) []float64 { return list[:min(n, len(list))] }
	s.Times, s.CPU, s.Waited, s.PeakRSS = cut(s.Times), cut(s.CPU), cut(s.Waited), cut(s.PeakRSS)
	if slices.Contains(s.CPU, 0) {
		s.CPU = nil
	}
	if slices.Contains(s.PeakRSS, 0) {
		s.PeakRSS = nil
	}
	return s
}

// samples are the independent times of the side: those of its processes, or of a stored result those of its turns, which is
// the best that one process can give.
func (s Side) samples(c Clock) []float64 {
	switch {
	case c == CPUTime:
		return s.CPU
	case len(s.Times) > 0:
		return s.Times
	}
	return s.Run.Time.Independent()
}
