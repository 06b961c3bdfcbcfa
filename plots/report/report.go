package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/session"
)

// Input is what a report is made of.
type Input struct {
	Title   string             // "": made from the kernels and the processor
	Name    string             // of the tuning session; "": of none
	Entries []Entry            // in the order of time; at least one with a result
	Session bool               // the entries are measurements of a session or a store; else two are base and new
	Floors  history.Floors     // noise floors for comparisons; nil: none is known
	Roofs   []roofline.Ceiling // under which all runs are placed, where they are of several measurements; nil: those of the newest
}

// Entry is a measurement with what the reader calls it: a file, or the number of a step.
type Entry struct {
	Label  string
	Record *session.Record
}

// Write writes the report.
func Write(w io.Writer, in Input) error {
	p, err := newPage(in)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := pageTemplate().Execute(w, p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// story is an input sorted into current and past runs.
type story struct {
	entries []Entry // those with a result; trajectories number them from 1
	current *roofline.Result
	from    []place // of each current run
	steps   []*history.Trajectory
	pair    *compare.Report // of two results, base and new
	notes   []string        // what could not be shown
}

// place is where a run stands: in which entry, as which of its runs.
type place struct {
	Entry int `json:"e"`
	Run   int `json:"r"`
}

func newStory(in Input) (*story, error) {
	s := &story{}
	for _, e := range in.Entries {
		if e.Record != nil && e.Record.Result != nil {
			s.entries = append(s.entries, e)
		}
	}
	switch {
	case len(s.entries) == 0:
		return nil, errors.New("no measurement to report")
	case len(s.entries) == 1 || len(s.entries) == 2 && !in.Session:
		s.newest(in)
	default:
		s.latest(in)
	}
	return s, nil
}

// newest makes the last entry the current one, and compares it with the one before.
func (s *story) newest(in Input) {
	n := len(s.entries) - 1
	s.current = s.entries[n].Record.Result
	for i := range s.current.Runs {
		s.from = append(s.from, place{n, i})
	}
	if n == 0 {
		return
	}
	base := s.entries[0].Record.Result
	if before, now := base.Machine, s.current.Machine; before.Fingerprint != now.Fingerprint {
		s.notes = append(s.notes, fmt.Sprintf("The two results are of different machines or settings, so their runs are not compared: %s was measured on %s (%s), %s on %s (%s). Shown is the second.",
			s.entries[0].Label, before.CPU.Name, before.Fingerprint, s.entries[n].Label, now.CPU.Name, now.Fingerprint))
		return
	}
	sides := func(e Entry) (list []compare.Side) {
		for _, r := range e.Record.Result.Runs {
			list = append(list, compare.Side{Label: e.Label, Run: r})
		}
		return list
	}
	pairs, unmatched := compare.Match(sides(s.entries[0]), sides(s.entries[n]))
	s.pair = compare.Compare(pairs, in.floor(s.current.Machine.Fingerprint))
	s.pair.Unmatched = unmatched
}

// latest makes the last step of every kernel a current run, all under the same roofs.
func (s *story) latest(in Input) {
	last := s.entries[len(s.entries)-1].Record.Result
	now := *last
	if in.Roofs != nil {
		now.Ceilings = in.Roofs
	}
	now.Runs = nil
	s.steps = trajectories(in)
	elsewhere := 0
	for _, t := range s.steps {
		step := t.Steps[len(t.Steps)-1]
		if step.Host.Fingerprint != last.Machine.Fingerprint {
			elsewhere++
			continue // its roofs are not these
		}
		run := step.Run
		roofline.Place(&run, now.Ceilings)
		now.Runs = append(now.Runs, run)
		s.from = append(s.from, s.place(step))
	}
	if elsewhere > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d kernels were last measured on another machine: they have a trend below, but no place under these roofs.", elsewhere))
	}
	s.current = &now
}

func (in Input) floor(fingerprint string) float64 {
	if in.Floors == nil {
		return 0
	}
	return in.Floors(fingerprint)
}

// place finds the run of a step.
func (s *story) place(step history.Step) place {
	for i, r := range s.entries[step.N-1].Record.Result.Runs {
		if r.ID() == step.Run.ID() {
			return place{step.N - 1, i}
		}
	}
	return place{step.N - 1, -1}
}
