package compare

// What processes of identical code may differ by, as far as results of one process each cannot tell: their samples share
// the layout and the moment of their process, so that the interval of their medians holds for that process alone. Of 72
// measurements of four kernels on a machine of 2 CPUs that others kept busy, 147 of the 154 pairs of which both were called
// undisturbed and steady stayed below the first, and 441 of the 458 others below the second.
const (
	apart     = 0.04
	disturbed = 1
)

// alone is the difference that two results of one process each must exceed to be one; 0 where processes were repeated.
func (p Pair) alone() float64 {
	switch {
	case len(p.Base.Times) > 0 && len(p.New.Times) > 0:
		return 0
	case calm(p.Base) && calm(p.New):
		return apart
	}
	return disturbed
}

// calm says whether a side was measured undisturbed, as its own quality lines have it.
func calm(s Side) bool {
	if len(s.Times) > 0 || s.Run.Analysis == nil {
		return true
	}
	for _, check := range s.Run.Analysis.Quality {
		if !check.OK && (check.Name == "undisturbed" || check.Name == "steady") {
			return false
		}
	}
	return true
}
