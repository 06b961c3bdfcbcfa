package command

import (
	"errors"
	"runtime"
	"time"

	"github.com/roofline-go/roofline/perf/region/board"
)

// Options say how a command is run and counted.
type Options struct {
	Runs     int           // cycles of all passes; 0 means 1
	Interval time.Duration // time step of the series; 0: none
	Regions  bool          // hand over the memory in which marked regions report
	Whole    Tally         // to which the counts of the whole command are added; nil: only marked regions get counters
	OnStep   func(Step)    // called with each step as it ends, between two readings
}

// Outcome is one run.
type Outcome struct {
	Pass int
	Ending
	Floor   int64 // bytes: Floor at the start of this run
	Regions board.Snapshot
	Why     error // why the counters could not be opened or read
}

// Step is one interval of a run.
type Step struct {
	Run      int           // 0-based
	Pass     int           //
	End      time.Duration // since the start of the run
	Length   time.Duration
	Counted  Reading       // in this step, only until OnStep returns; nil when nothing could be read
	CPU      time.Duration // user and system time of all its processes in this step
	Resident int64         // bytes of all its processes at the end of the step; -1 unknown
}

// ErrInterrupted means that a signal asked the wrapper to end between two runs, or ended a run before the last one.
var ErrInterrupted = errors.New("interrupted: not all runs were made")

// Run runs the command as often as the meter and the options ask for and returns one outcome a run, in order. The command
// runs even if nothing can be counted. The error is a *StartError, ErrInterrupted beside the outcomes so far, or a failure
// of this process itself.
func Run(c Command, m Meter, o Options) ([]Outcome, error) {
	runtime.LockOSThread() // counters are inherited from the thread that forks
	defer runtime.UnlockOSThread()
	caught := catch()
	defer caught.release()
	var outcomes []Outcome
	for run := range max(o.Runs, 1) {
		for pass := range m.Passes() {
			if caught.seen != nil {
				return outcomes, ErrInterrupted
			}
			outcome, err := once(c, m, o, caught, run, pass)
			if err != nil {
				return outcomes, err
			}
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes, nil
}

// once makes one run.
func once(c Command, m Meter, o Options, caught *signals, run, pass int) (outcome Outcome, err error) {
	outcome.Pass = pass
	var extra []string
	if o.Regions {
		b, err := board.Create(m.Events(pass))
		if err != nil {
			outcome.Why = err
		} else {
			defer b.Close()
			defer func() { outcome.Regions = b.Read() }()
			extra = []string{b.Environ()}
		}
	}
	var counters Counters
	if o.Whole != nil {
		counters, err = m.Open(pass)
		if err != nil {
			outcome.Why = errors.Join(outcome.Why, err)
		} else {
			defer counters.Close()
		}
	}
	outcome.Floor = Floor()
	p, err := c.start(extra...)
	if err != nil {
		return outcome, err
	}
	ended := make(chan struct{})
	var waitErr error
	go func() {
		outcome.Ending, waitErr = p.wait()
		close(ended)
	}()
	s := newSeries(o, counters, p, run, pass)
	defer s.stop()
	for waiting := true; waiting; {
		select {
		case <-ended:
			waiting = false
		case sig := <-caught.all:
			caught.pass(sig, p.pid)
		case <-s.tick:
			select {
			case <-ended: // it ended while the last step was read; the last step is made below
				waiting = false
			default:
				s.step(time.Since(p.begin))
			}
		}
	}
	if waitErr != nil {
		return outcome, waitErr
	}
	s.last(outcome.Ending)
	if counters != nil {
		if r, err := counters.Read(); err != nil {
			outcome.Why = errors.Join(outcome.Why, err)
		} else {
			o.Whole.Add(pass, r)
		}
		idle, err := counters.Idle()
		if idle != nil {
			o.Whole.AddIdle(pass, idle)
		}
		outcome.Why = errors.Join(outcome.Why, err)
	}
	return outcome, nil
}
