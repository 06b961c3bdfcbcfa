package peer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/roofline/native"
)

const (
	trialRounds = 5
	trialTime   = 3 * time.Millisecond   // of a batch in the trial; one call at least
	trialLimit  = 150 * time.Millisecond // for a way after its first call; two rounds at least
)

// candidate is a way in the trial.
type candidate struct {
	*instance
	batch int
	least time.Duration // of a call
	spent time.Duration
}

// best opens the way that is fastest on the problem among those whose result is right. It is chosen once.
func (l *Library) best(p native.Problem) (*instance, error) {
	if w, ok := l.chosen[p]; ok {
		return l.open(w, p)
	}
	list, err := l.candidates(p)
	list, err = race(list, err)
	var won *instance
	for _, c := range list {
		if won == nil {
			wrong := c.check(p)
			if wrong == nil {
				won = c.instance
				continue
			}
			err = errors.Join(err, wrong)
			l.notes = append(l.notes, fmt.Sprintf("%s: %v; it is not used", l.Variant, wrong))
		}
		_ = c.Close() // it was not the one
	}
	if won == nil {
		return nil, err
	}
	l.chosen[p] = won.way
	l.noteUnheeded(won.opened.Kernel)
	return won, nil
}

// noteUnheeded notes, once, that the library does not use the kernel that the user has named, but another one. Names that are
// numbers are not compared.
func (l *Library) noteUnheeded(used string) {
	named := l.spec.Kernel
	if named == "" || used == "" || strings.EqualFold(named, used) || strings.Trim(named, "0123456789") == "" {
		return
	}
	if note := fmt.Sprintf("kernel %s is named for %s, which says that it uses %s", named, l.Variant, used); !slices.Contains(l.notes, note) {
		l.notes = append(l.notes, note)
	}
}

// candidates opens every way. Of those that the library says lead to the same kernel, the first stands for all. The error says
// why the others could not be opened.
func (l *Library) candidates(p native.Problem) (list []*candidate, err error) {
	seen, said := map[string]bool{}, map[string]bool{}
	for _, w := range l.kind.ways(p, l.spec.Kernel) {
		in, failure := l.open(w, p)
		if failure != nil {
			if !said[failure.Error()] {
				err = errors.Join(err, fmt.Errorf("%s %s: %w", l.Variant, w, failure))
			}
			said[failure.Error()] = true
			continue
		}
		same := in.opened.Kernel + " " + w.Use.String()
		if in.opened.Kernel != "" && seen[same] {
			_ = in.Close() // as good as the first
			continue
		}
		seen[same] = true
		list = append(list, &candidate{instance: in})
	}
	return list, err
}

// race times the candidates in turns and sorts them, the fastest first. What crashes is left out, and is part of the error.
func race(list []*candidate, err error) ([]*candidate, error) {
	if len(list) < 2 {
		return list, err
	}
	for round := range trialRounds + 1 {
		list = slices.DeleteFunc(list, func(c *candidate) bool {
			failure := c.lap(round)
			if failure != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", c.way, failure))
			}
			return failure != nil
		})
	}
	slices.SortStableFunc(list, func(a, b *candidate) int { return cmp.Compare(a.least, b.least) })
	return list, err
}

// lap times a batch. The first lap warms up and finds how many calls a batch has.
func (c *candidate) lap(round int) error {
	if round == 0 {
		if _, err := c.Time(1); err != nil {
			return err
		}
		b, err := c.Time(1)
		c.batch, c.least = int(max(1, trialTime/max(b.Took, 1))), max(b.Took, 1)
		return err
	}
	if round > 2 && c.spent > trialLimit {
		return nil
	}
	b, err := c.Time(c.batch)
	c.spent += b.Took
	c.least = min(c.least, max(b.Took/time.Duration(c.batch), 1))
	return err
}

// check says what is wrong with the result.
func (c *candidate) check(p native.Problem) error {
	v, err := c.Verify()
	if err == nil && !(v.MaxError <= v.Tolerance) {
		err = fmt.Errorf("%s computes a wrong %s of %s at %s: error %.3g, tolerance %.3g", c.way, p.Op, p.DType, p.Shape, v.MaxError, v.Tolerance)
	}
	return err
}
