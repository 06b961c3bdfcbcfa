package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native/ccall"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// Hidden commands of the processes that run functions of shared objects.
const (
	countObjectCommand = "__count_object"
	timeObjectCommand  = "__time_object"
)

func newCountObject() *cobra.Command {
	return &cobra.Command{
		Use: countObjectCommand, Hidden: true, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ccall.ServeCounts(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func newTimeObject() *cobra.Command {
	return &cobra.Command{
		Use: timeObjectCommand, Hidden: true, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ccall.ServeTime(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

// objectOptions are the flags of `measure --object`.
type objectOptions struct {
	object, as, signature string
	function              string // set from the flag that commands have, too
	limit                 time.Duration
}

func (c *objectOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.object, "object", "", "measure a C function of this shared object: `FILE` (roofline help objects)")
	f.StringVar(&c.as, "as", "", "of an object: call and verify it as a known `SIGNATURE`, e.g. sgemm:512x512x512")
	c.limit = helper.DefaultLimits.Wall
	f.Var((*positive)(&c.limit), "time-limit", "of an object: end a process that runs the function after this `TIME`, beside that of --time-budget")
	f.StringVar(&c.signature, "signature", "", "of an object: its `ARGUMENTS`, e.g. 'f32[262144], f32[262144], i64=512, f32=1.0'")
}

// objectFlags are those flags' names.
var objectFlags = []string{"object", "as", "signature", "time-limit"}

// given says whether the user asked for a function of an object.
func (c *objectOptions) given(cmd *cobra.Command) bool {
	for _, name := range objectFlags {
		if cmd.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// check refuses what does not belong to a function of an object.
func (c *objectOptions) check(cmd *cobra.Command, args []string) error {
	const usage = "roofline measure --object FILE --function NAME (--as SIGNATURE | --signature ARGUMENTS)"
	switch {
	case c.object == "" && c.function == "" && cmd.Flags().Changed("time-limit"):
		return usagef("--time-limit means nothing without --object FILE; how long kernels are measured says --time-budget")
	case c.object == "" || c.function == "":
		return usagef("a function of a shared object needs both its file and its name: %s", usage)
	case len(args) > 0:
		return usagef("measure takes kernels (%s) or a function of an object, not both", args[0])
	case !cmd.Flags().Changed("as") && !cmd.Flags().Changed("signature"):
		return usagef("how is %s called? %s (a function without parameters: --signature '')", c.function, usage)
	}
	if err := misplaced(cmd, "a function of an object", slices.Concat(selectFlags, []string{"untuned", "peer"}, wholeFlags)...); err != nil {
		return err
	}
	if n, err := cmd.Flags().GetInt("threads"); err == nil && n != 1 {
		return usagef("--threads %d: a C function is called on one thread", n)
	}
	if err := c.spec().Check(); err != nil {
		return usageError{err}
	}
	if _, err := os.Stat(c.object); err != nil {
		return usagef("--object: %w", err)
	}
	return nil
}

func (c *objectOptions) spec() ccall.Spec {
	return ccall.Spec{Object: c.object, Function: c.function, As: c.as, Signature: c.signature}
}

// runObject measures a function of a shared object.
func runObject(ctx context.Context, stdout, stderr io.Writer, o *options, c *objectOptions) error {
	sources, err := o.countingSources()
	if err != nil {
		return err
	}
	if err := c.spec().Find(); err != nil { // before anything is measured
		return err
	}
	self, err := thisProgram()
	if err != nil {
		return err
	}
	host, warnings, err := machine.Describe()
	if err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	if err := c.spec().CheckMemory(host.Environment.MemoryBytes); err != nil {
		return unfitError{err}
	}
	out, err := openOutput(stdout, stderr, o, "object")
	if err != nil {
		return err
	}
	report := newProgress(stderr, o.noProgress)
	defer report.close()
	ceilings, more, err := ensureCeilings(ctx, host.Fingerprint, ceilingRequest{threads: []int{1}, quick: o.quick}, report)
	warnings = append(warnings, more...)
	if err != nil {
		report.close()
		return errors.Join(err, keepCeilings(out, host, ceilings, warnings))
	}
	choice, more := chooseSources(ctx, &host, sources, o, report)
	stage := report.stage("function")
	res, err := ccall.Measure(ctx, ccall.Plan{
		Spec: c.spec(), Count: []string{self, countObjectCommand}, Time: []string{self, timeObjectCommand},
		Budget: o.kernelBudget(), Limit: c.limit, Sources: namesOf(sources), Counting: o.counting, Choice: choice,
		Ceilings: ceilings, Machine: host, Floor: noiseFloor(host.Fingerprint), Warnings: append(warnings, more...),
		Progress: func(what string) { stage(0, 1, what) },
	})
	report.close()
	if len(res.Runs) == 0 {
		return errors.Join(err, out.document(res))
	}
	return errors.Join(err, out.keep(ctx, res), finishObject(out, res))
}

func namesOf(sources []perf.Source) (names []perf.SourceName) {
	for _, s := range sources {
		names = append(names, s.Name())
	}
	return names
}

// finishObject writes and prints what was measured.
func finishObject(out *output, res *roofline.Result) error {
	return errors.Join(out.document(res), out.charts(res, "object"), out.reportOf(res), out.show(res), out.summary())
}
