package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
)

func newMeasure() *cobra.Command {
	o, c, object := &options{}, &commandOptions{}, &objectOptions{}
	cmd := &cobra.Command{
		Use:   "measure [KERNEL...] | -- CMD [ARG...] | --object FILE --function NAME",
		Short: "Measure kernels or a command; print a table, write a chart",
		Long: `Measure built-in kernels and place them on this machine's roofline.

KERNEL is op[/variant[/dtype]], "*" matches anything, and the variant "best" is the fastest one that runs here:
matmul, attention/avx512, 'matmul/*/f64', triad/best. Without KERNEL a default set runs.
Ceilings are measured first when this machine has none stored.

Behind -- stands a command. It is run and counted as a whole, with its children, and by the regions that it marks
(roofline help commands). With --function NAME one of its functions is counted exactly, without a PMU (roofline help functions). Its standard files are its own (with --json - its output goes to
standard error, too), the report goes to standard error, and its exit code is passed on:
128 + n when signal n kills it, 127 when it is not found, 126 when it cannot be executed.

With --object it is a C function of a shared object that is counted and timed (roofline help objects).`,
		Example: `  roofline measure
  roofline measure matmul --shape 1000x1000x1000 --threads 2
  roofline measure attention/best --shape h=8,q=1024,kv=1024,d=64,causal --json -
  roofline measure matmul/best --shape 1000x1000x1000 --peer openblas,blis,onednn
  roofline measure --object libk.so --function gemm --as sgemm:512x512x512
  roofline measure --interval 100ms -- ./solver input
  roofline measure --function dgemm_kernel -- ./solver input`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.threadsSet = cmd.Flags().Changed("threads")
			if object.given(cmd) {
				object.function = c.function
				if err := object.check(cmd, args); err != nil {
					return err
				}
				return runObject(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o, object)
			}
			argv, err := splitCommand(cmd, args)
			if err != nil {
				return err
			}
			switch {
			case argv != nil && c.function != "":
				return runFunction(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), argv, c.function, o)
			case argv != nil:
				return runCommand(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), argv, o, c)
			}
			return runMeasure(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args, o)
		},
	}
	o.addOutput(cmd)
	o.addRun(cmd)
	o.addSelect(cmd)
	o.addCounting(cmd)
	cmd.Flags().BoolVar(&o.report, "report", true, "write report.html, which shows everything interactively; --report=false does not")
	cmd.Flags().BoolVar(&o.untuned, "untuned", false, "ignore the settings that roofline tune has stored")
	cmd.Flags().StringSliceVar(&o.peers, "peer", nil, "measure other libraries, too: matmul of openblas, blis, onednn, libxsmm, attention and decode of onednn, decode of openblas and blis; `NAME[=FILE][@KERNEL]` for a build of your own (roofline help peers)")
	c.add(cmd)
	object.add(cmd)
	return cmd
}

func runMeasure(ctx context.Context, stdout, stderr io.Writer, args []string, o *options) (err error) {
	sel, err := selectKernels(args, o)
	if err != nil {
		return err
	}
	sources, err := o.countingSources()
	if err != nil {
		return err
	}
	if _, err := workers.CPUs(o.threads); err != nil {
		return usageError{err}
	}
	host, warnings, err := machine.Describe()
	if err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	if err := checkMemory(sel.items, host.Environment.MemoryBytes); err != nil {
		return err
	}
	if !o.untuned {
		warnings = append(warnings, useTuned(sel.items, o.threads, host.Fingerprint)...)
	}
	out, err := openOutput(stdout, stderr, o, "result")
	if err != nil {
		return err
	}
	if err := out.begin(ctx); err != nil {
		return err
	}
	kept := false
	defer func() { err = out.end(err, kept) }()
	report := newProgress(stderr, o.noProgress)
	defer report.close()
	items, libraries, err := addPeers(ctx, sel.items, o, report.note)
	if err != nil {
		return err
	}

	ceilings, more, err := ensureCeilings(ctx, host.Fingerprint, ceilingRequest{threads: []int{o.threads}, quick: o.quick}, report)
	warnings = append(warnings, more...)
	if err != nil {
		report.close()
		return errors.Join(err, keepCeilings(out, host, ceilings, warnings))
	}
	choice, more := chooseSources(ctx, &host, sources, o, report)
	warnings = append(warnings, more...)
	for _, s := range sel.skipped {
		report.note("left out: " + s)
	}
	over := announceEnd(ctx, stderr)
	res, err := measure.Run(ctx, measure.Plan{
		Items:    items,
		Threads:  o.threads,
		Budget:   o.kernelBudget(),
		Elastic:  o.budget == 0,
		Sources:  sources,
		Choice:   choice,
		Ceilings: ceilings,
		Machine:  host,
		Floor:    noiseFloor(host.Fingerprint),
		Warnings: warnings,
		Progress: report.stage("kernels"),
	}, out)
	over()
	report.close()
	if res == nil || len(res.Runs) == 0 {
		return err
	}
	notePeers(res, libraries)
	lost := out.keep(ctx, res)
	kept = lost == nil
	return errors.Join(err, lost, finish(out, res))
}

// keepCeilings saves the ceilings of a measurement that was interrupted before the first kernel.
func keepCeilings(out *output, host roofline.Machine, list []roofline.Ceiling, warnings []roofline.Warning) error {
	if len(list) == 0 {
		return nil
	}
	res := roofline.NewResult(host)
	res.Ceilings, res.Warnings = list, warnings
	return errors.Join(out.document(res), out.summary())
}

// checkMemory refuses shapes that this machine cannot hold, before anything is measured.
func checkMemory(items []measure.Item, bytes int64) error {
	for _, item := range items {
		if err := kernels.CheckMemory(item.Kernel, item.Shape, bytes); err != nil {
			return unfitError{err}
		}
	}
	return nil
}

// kernelBudget is the time all kernels may take together.
func (o *options) kernelBudget() time.Duration {
	switch {
	case o.budget > 0:
		return o.budget
	case o.quick:
		return 8 * time.Second
	}
	return 25 * time.Second
}

// finish writes the document, the charts and the report, and prints the table.
func finish(out *output, res *roofline.Result) error {
	return errors.Join(out.document(res), out.charts(res, "roofline"), out.reportOf(res), out.show(res), out.peers(res), out.summary())
}
