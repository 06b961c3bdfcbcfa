package compare

import "github.com/roofline-go/roofline/roofline"

// Side is one of the two things compared.
type Side struct {
	Label string       `json:"label"` // what the user called it: a file, a kernel, a command
	Run   roofline.Run `json:"run"`   // the run whose counts, points and bound stand for the side; of the last process
	// Times are seconds per call, the median of one process each; nil when the side is a stored result of one process.
	Times []float64 `json:"times,omitempty"`
	// PeakRSS has the peak resident set of each process in bytes, as Times has the times.
	PeakRSS []float64 `json:"peak_rss,omitempty"`
}

// samples are the independent times of the side: those of its processes, or of a stored result those of its turns, which is
// the best that one process can give.
func (s Side) samples() []float64 {
	if len(s.Times) > 0 {
		return s.Times
	}
	return s.Run.Time.Independent()
}

// processes is how many processes the side's times come from.
func (s Side) processes() int { return max(len(s.Times), 1) }
