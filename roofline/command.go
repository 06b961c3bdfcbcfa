package roofline

import (
	"errors"
	"fmt"
	"math"
)

// WholeKernel is the Kernel of the runs that stand for a whole command; RegionVariant is the Variant of its marked regions,
// whose Kernel is the region's name. Counts and times of both are per execution of the command.
const (
	WholeKernel     = "command"
	RegionVariant   = "region"
	UnmarkedVariant = "(unmarked)" // of the kernel "command": what is left when all regions are taken off
)

// Command is the part of a Run that stands for a whole command.
type Command struct {
	Args   []string `json:"args"`
	Exit   int      `json:"exit_code"`        // passed on: 128 + n when signal n killed it
	Signal string   `json:"signal,omitempty"` // SIGSEGV …
	Runs   int      `json:"runs"`             // executions, over which counts are means
	Passes int      `json:"passes"`           // of counting, each in an execution of its own; an interruption may leave the last ones out
	CPU    float64  `json:"cpu_s"`            // user and system time, of all threads and processes
}

// Region is the part of a Run that stands for a marked region, or for what was left unmarked.
type Region struct {
	Name        string  `json:"name"`
	Calls       float64 `json:"calls"`       // entries that have ended
	Open        uint64  `json:"open"`        // entries that have not: they are not counted
	Threads     int     `json:"threads"`     // that entered it
	Parallelism float64 `json:"parallelism"` // of them at the same time; the run's time is thread time over this
	ThreadTime  float64 `json:"thread_s"`    // sum over the threads
	SelfTime    float64 `json:"self_s"`      // thread time without nested regions
	CPU         float64 `json:"cpu_s"`       // user and system time
}

func (c *Command) validate() error {
	switch {
	case c == nil:
		return nil
	case len(c.Args) == 0:
		return errors.New("command: no arguments, not even its name")
	case c.Exit < 0 || c.Exit > 255:
		return fmt.Errorf("command: exit code %d", c.Exit)
	case c.Runs < 1 || c.Passes < 1:
		return fmt.Errorf("command: %d runs of %d passes", c.Runs, c.Passes)
	case !(c.CPU >= 0) || math.IsInf(c.CPU, 0):
		return fmt.Errorf("command: CPU time %g", c.CPU)
	}
	return nil
}

func (g *Region) validate() error {
	switch {
	case g == nil:
		return nil
	case g.Name == "":
		return errors.New("region without a name")
	case !(g.Calls >= 0) || g.Threads < 0 || !(g.Parallelism >= 1):
		return fmt.Errorf("region: %g calls by %d threads, %g at a time", g.Calls, g.Threads, g.Parallelism)
	case !(g.SelfTime >= 0) || !(g.ThreadTime >= g.SelfTime*(1-1e-9)) || math.IsInf(g.ThreadTime, 0):
		return fmt.Errorf("region: self time %g of %g", g.SelfTime, g.ThreadTime)
	}
	return nil
}
