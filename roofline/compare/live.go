package compare

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/roofline-go/roofline/roofline"
)

// Runner starts processes of one side.
type Runner interface {
	Label() string
	// Sample runs one process and returns what it measured. Whatever may be laid out by chance in memory is laid out
	// differently for every seed. first says that nothing of this side has run before: it is not used for its time, and
	// the place to verify and to count.
	Sample(ctx context.Context, seed uint64, first bool) (Sample, error)
}

// Sample is what one process measured.
type Sample struct {
	Seconds float64      // per call, the median of the process
	PeakRSS int64        // bytes
	Run     roofline.Run // of the first process: with counts, points and bound
}

// Interleave runs one process of either side that warms up, verifies and counts, and then pairs of processes in the order
// base new, new base, … (ABBA), so that neither a drift nor the order favours a side. progress may be nil.
func Interleave(ctx context.Context, id string, base, new Runner, pairs int, progress func(done, total int)) (Pair, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	p := Pair{ID: id, Base: Side{Label: base.Label()}, New: Side{Label: new.Label()}}
	runners, sides := [2]Runner{base, new}, [2]*Side{&p.Base, &p.New}
	total, done := 2*pairs+2, 0
	run := func(which int, first bool) error {
		s := sides[which]
		progress(done, total)
		sample, err := runners[which].Sample(ctx, rand.Uint64(), first)
		if err != nil {
			return fmt.Errorf("run %s: %w", s.Label, err)
		}
		done++
		if first {
			s.Run = sample.Run
			return nil
		}
		s.Times = append(s.Times, sample.Seconds)
		s.PeakRSS = append(s.PeakRSS, float64(sample.PeakRSS))
		return nil
	}
	for which := range sides {
		if err := run(which, true); err != nil {
			return p, err
		}
	}
	for i := range pairs {
		for half := range 2 {
			if err := run((i+half)%2, false); err != nil {
				return p.whole(), err
			}
		}
	}
	progress(total, total)
	return p, nil
}

// whole drops a half pair at the end.
func (p Pair) whole() Pair {
	n := min(len(p.Base.Times), len(p.New.Times))
	for _, s := range []*Side{&p.Base, &p.New} {
		s.Times, s.PeakRSS = s.Times[:n], s.PeakRSS[:n]
	}
	return p
}
