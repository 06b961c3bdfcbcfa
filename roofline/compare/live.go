package compare

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

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
	Seconds float64      // per call, or of the whole command
	CPU     float64      // seconds of CPU that a command took, on all its threads; 0: not known
	Waited  float64      // share of the time for which it was without a CPU that it wanted; 0 where nobody watched
	Serial  bool         // all of CPU was that of one thread
	PeakRSS int64        // bytes; 0: not known
	Run     roofline.Run // of the first process: with counts, points and bound
}

// Interleave runs one process of either side that warms up, verifies and counts, and then pairs of processes in the order
// base new, new base, … (ABBA), so that neither a drift nor the order favours a side. progress may be nil.
func Interleave(ctx context.Context, id string, base, new Runner, effort Effort, progress func(done, total int)) (Pair, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	p := Pair{ID: id, Base: Side{Label: base.Label()}, New: Side{Label: new.Label()}, Looks: effort.looks()}
	runners, sides := [2]Runner{base, new}, [2]*Side{&p.Base, &p.New}
	done, want := 0, 0
	run := func(which int, first bool) error {
		s := sides[which]
		progress(done, 2*want+2)
		sample, err := runners[which].Sample(ctx, rand.Uint64(), first)
		if err != nil {
			return fmt.Errorf("run %s: %w", s.Label, err)
		}
		done++
		if first {
			s.Run = sample.Run
			return nil
		}
		s.add(sample)
		return nil
	}
	want = effort.Pairs
	clock := effort.start()
	for which := range sides {
		if err := run(which, true); err != nil {
			return p, err
		}
	}
	clock.pairs = time.Now()
	for ; want > len(p.New.Times); want = clock.next(p.whole()) {
		for i := len(p.New.Times); i < want && !clock.over(i); i++ {
			for half := range 2 {
				if err := run((i+half)%2, false); err != nil {
					if ctx.Err() != nil {
						err = fmt.Errorf("after %d pairs of processes, too few for an answer: %w", i, err)
					}
					return p.whole(), err
				}
			}
		}
	}
	progress(done, done)
	return p.whole(), nil
}

// whole drops a half pair at the end, and what is not known of all processes.
func (p Pair) whole() Pair {
	n := min(len(p.Base.Times), len(p.New.Times))
	p.Base, p.New = p.Base.known(n), p.New.known(n)
	return p
}
