package command

import (
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/region/board"
)

// Meter counts commands. Plan is the one that uses the kernel's events.
type Meter interface {
	// Passes is how many runs it takes to count everything, at least 1.
	Passes() int
	// Events are the events that marked threads count for themselves in a pass.
	Events(pass int) []board.Event
	// Open prepares to count the process that the calling thread starts next, from its execve on, with its children.
	Open(pass int) (Counters, error)
	// NewTally begins to add up.
	NewTally() Tally
}

// Counters are the opened counters of one run.
type Counters interface {
	// Read returns what has been counted since the execve. It may be called at any time.
	Read() (Reading, error)
	// Idle counts for a moment, after the command, what belongs to no process; nil if there is nothing of the kind, or if it
	// could not be counted for the reason of the error.
	Idle() (Reading, error)
	Close() error
}

// Reading is what some Counters had counted at one time.
type Reading interface {
	// Since is what was counted after an earlier reading of the same counters.
	Since(earlier Reading) Reading
}

// Tally adds up what was counted in the passes, of one run each or of several, and turns it into counts.
type Tally interface {
	// Add adds the reading of a run of a pass.
	Add(pass int, r Reading)
	// AddIdle adds what was counted in a pass while the command did not run.
	AddIdle(pass int, r Reading)
	// AddGroups adds what one marked thread counted in a pass; there is one group for each that Events asked for, and
	// opened says which of them it could open.
	AddGroups(pass int, groups []board.Group, opened uint64)
	// Counts are the wanted quantities per execution; each has an entry. runs is how often each pass was run; nil: once.
	Counts(runs []int) map[perf.Quantity]perf.Count
}
