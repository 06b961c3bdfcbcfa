package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/doctor"
	"github.com/roofline-go/roofline/roofline/measure"
)

// commandOptions are the flags of `measure -- CMD`.
type commandOptions struct {
	runs     int
	passes   bool
	regions  bool
	interval time.Duration
	series   string
	ceilings string
	function string
}

func (c *commandOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&c.runs, "runs", 1, "of a command: run it `N` times; the time is the median, from 6 on with an interval")
	f.BoolVar(&c.passes, "passes", false, "of a command: run it once per pass of counters, instead of multiplexing them in one run")
	f.BoolVar(&c.regions, "regions", false, "of a command: count in its marked regions only, which leaves them all counters")
	f.Var((*positive)(&c.interval), "interval", "of a command: print what was counted every `TIME` while it runs, e.g. 100ms")
	f.StringVar(&c.series, "series", "", "of a command: write the intervals to `FILE`, .csv or .json, instead of standard error")
	f.StringVar(&c.function, "function", "", "of a command: count its function `NAME` exactly, by an instrumented copy")
	f.StringVar(&c.ceilings, "ceilings", "", "of a command: measure missing ceilings after it, `EFFORT` quick or default; else only stored ones are used")
}

// commandFlags are those flags' names, and kernelFlags those that mean nothing to a command.
var (
	wholeFlags   = []string{"runs", "passes", "regions", "interval", "series", "ceilings"} // without --function
	commandFlags = append([]string{"function"}, wholeFlags...)
	kernelFlags  = []string{"dtype", "shape", "isa", "time-budget", "source", "quick", "untuned", "peer"}
)

// splitCommand tells the command behind -- from kernels: measure takes one or the other.
func splitCommand(cmd *cobra.Command, args []string) (command []string, err error) {
	dash := cmd.ArgsLenAtDash()
	refuse := commandFlags
	if dash >= 0 {
		refuse = kernelFlags
	}
	for _, name := range refuse {
		if cmd.Flags().Changed(name) {
			if dash >= 0 {
				return nil, usagef("--%s is for kernels, not for a command", name)
			}
			return nil, usagef("--%s is for a command: roofline measure --%s … -- CMD [ARG...]", name, name)
		}
	}
	if f := cmd.Flags().Lookup("function"); dash >= 0 && f.Changed {
		if f.Value.String() == "" { // an empty variable of a script would count something else
			return nil, usagef("--function is empty; name a function of the command: roofline measure --function NAME -- CMD [ARG...]")
		}
		flags := append([]string{"format", "one-pass", "trust", "uarch"}, wholeFlags...)
		if err := misplaced(cmd, "--function, which counts and does not time", flags...); err != nil {
			return nil, err
		}
	}
	switch {
	case dash < 0:
		return nil, nil
	case dash > 0:
		return nil, usagef("measure takes kernels (%s) or a command behind --, not both", strings.Join(args[:dash], " "))
	case len(args) == 0:
		return nil, usagef("no command behind --; write roofline measure -- CMD [ARG...]")
	}
	return args, nil
}

func (c *commandOptions) check(o *options) error {
	switch {
	case c.passes && o.counting.OnePass:
		return usagef("--passes and --one-pass exclude each other")
	case c.runs < 1:
		return usagef("--runs %d: at least 1", c.runs)
	case c.interval > 0 && c.interval < time.Millisecond:
		return usagef("--interval %v: at least 1ms", c.interval)
	case c.series != "" && c.interval == 0:
		return usagef("--series needs --interval TIME, e.g. --interval 100ms")
	case c.ceilings != "" && c.ceilings != "quick" && c.ceilings != "default":
		return usagef("--ceilings %s: use quick or default", c.ceilings)
	}
	return nil
}

// endedError carries the exit code of a command that was measured. It is no failure of ours and not printed.
type endedError struct{ code int }

func (e endedError) Error() string { return fmt.Sprintf("the command ended with exit code %d", e.code) }

// runCommand measures a command. Until it runs, nothing is done that takes time; standard output stays the command's own,
// unless the document goes there.
func runCommand(ctx context.Context, stdout, stderr io.Writer, args []string, o *options, c *commandOptions) error {
	if err := errors.Join(c.check(o), o.checkTrust(), checkUarch(o.counting.Uarch)); err != nil {
		return err
	}
	path, err := command.Look(args[0])
	if err != nil {
		return err
	}
	out, err := openOutput(stdout, stderr, o, "command")
	if err != nil {
		return err
	}
	out.reportTo = stderr
	series, err := newIntervals(c, stderr)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	meter, err := command.NewPlan(measure.CommandWanted, event.Options{Uarch: o.counting.Uarch, OnePass: !c.passes})
	if err != nil {
		return err
	}
	var whole command.Tally
	if !c.regions {
		whole = meter.NewTally()
	}
	watch := machine.Watch()
	outcomes, err := command.Run(command.Command{Path: path, Args: args, Files: filesOf(o)}, meter, command.Options{
		Runs: c.runs, Interval: c.interval, Regions: true, Whole: whole, OnStep: series.take(meter),
	})
	disturbed := watch()
	if len(outcomes) == 0 {
		return err
	}
	res, rerr := place(ctx, stderr, o, c, measure.CommandPlan{
		Args: args, Outcomes: outcomes, Meter: meter, Whole: whole, Forced: forced(o), Notes: meter.Notes(),
	}, disturbed)
	err = errors.Join(err, rerr, series.close())
	if res != nil {
		err = errors.Join(err, out.keep(ctx, res), finishCommand(out, res))
	}
	return passOn(stderr, outcomes, err)
}

// filesOf are the standard files of the command: our own (nil), but where standard output carries the document nothing else may stand
// there, and what the command prints goes to standard error.
func filesOf(o *options) *[3]uintptr {
	if o.json == "-" {
		return &[3]uintptr{0, 2, 2}
	}
	return nil
}

// forced is the thread count of the ceilings that the user asked to compare with; 0: it is chosen.
func forced(o *options) int {
	if o.threadsSet {
		return o.threads
	}
	return 0
}

// place describes the machine and puts what was counted under its ceilings.
func place(ctx context.Context, stderr io.Writer, o *options, c *commandOptions, p measure.CommandPlan, d machine.Disturbance) (*roofline.Result, error) {
	host, warnings, err := machine.Identify()
	if err != nil {
		return nil, fmt.Errorf("describe machine: %w", err)
	}
	d.Apply(&host)
	host.PMU.Verdicts = doctor.Stored(host, o.counting.Uarch)
	p.Choice = o.choice(host.PMU.Verdicts)
	p.Choice.Sources = []perf.SourceName{perf.SourcePMU}
	list, more := ceilings.Load(host.Fingerprint)
	if c.ceilings != "" {
		report := newProgress(stderr, o.noProgress)
		list, more, err = ensureCeilings(ctx, host.Fingerprint, ceilingRequest{threads: threadsOf(p.Forced), quick: c.ceilings == "quick"}, report)
		report.close()
	}
	p.Machine, p.Ceilings, p.Warnings = host, list, append(warnings, append(more, doctor.Warnings(p.Choice)...)...)
	return measure.Command(p), err
}

func threadsOf(n int) []int {
	if n == 0 {
		return nil
	}
	return []int{n}
}

// finishCommand writes the document, the report, and the chart if there is a point for it, and prints the report.
func finishCommand(out *output, res *roofline.Result) error {
	err := errors.Join(out.document(res), out.reportOf(res))
	for _, r := range res.Runs {
		if len(r.Points) > 0 && len(res.Ceilings) > 0 {
			err = errors.Join(err, out.charts(res, "command"))
			break
		}
	}
	return errors.Join(err, out.table(res), out.summary())
}

// passOn makes the command's exit code ours. What failed here is printed, but only decides the exit code of a command
// that had none to report.
func passOn(stderr io.Writer, outcomes []command.Outcome, err error) error {
	for _, o := range outcomes {
		if code := o.Status.Code(); code != 0 {
			if err != nil {
				fmt.Fprintf(stderr, "roofline: %s\n", brief(err))
			}
			return endedError{code}
		}
	}
	return err
}
