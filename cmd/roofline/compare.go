package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	options
	aa       bool
	pairs    int
	within   time.Duration
	gate     bool
	gateFile string
	limits   compare.Gate // from flags; 0: not given
	junit    string
	summary  string
	native   nativeOptions
}

func newCompare() *cobra.Command {
	o := &compareOptions{within: compare.DecideWithin}
	cmd := &cobra.Command{
		Use:   "compare BASE NEW | compare -- CMD-A [ARG...] --- CMD-B [ARG...]",
		Short: "Say whether NEW is faster than BASE, by how much, and why",
		Long: `Compare two stored results, two kernels, two shared objects, or two commands.

BASE and NEW are result documents or stores (the newest record with runs), kernels (op/variant/dtype), or shared objects
with a function that --function and --as (or --signature) describe. Kernels, objects and commands are run live, as pairs of processes in alternating order (base new, new base, …), so that what disturbs the
machine meets both alike. The answer is a verdict in words with a 95 % interval; a difference below the noise floor of
this machine, which --aa measures with identical code on both sides, is no difference.

--gate makes a regression an error: exit code 3 for a regression, 4 when the samples cannot tell, 5 when the machine is
too noisy for the thresholds. They come from flags, from ` + compare.GateFile + ` or are 3 % of time and of roof, 2 % of
bytes per FLOP, 10 % of memory.`,
		Example: `  roofline compare old/result.json new/result.json
  roofline compare matmul/avx2/f32 matmul/avx512/f32 --shape 512x512x512
  roofline compare old/libk.so new/libk.so --function my_sgemm --as sgemm:512x512x512
  roofline compare --gate -- ./old --size 100 --- ./new --size 100
  roofline compare --aa triad/best/f32`,
		RunE: func(cmd *cobra.Command, args []string) error {
			commands := cmd.ArgsLenAtDash() == 0
			if err := o.misplaced(cmd, args, commands); err != nil {
				return err
			}
			if o.quick && !cmd.Flags().Changed("decide-within") {
				o.within = quickWithin
			}
			return runCompare(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args, commands, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.json, "json", "", "also write the comparison to `FILE`, - for standard output")
	f.StringVar(&o.out, "out", "roofline-out", "write charts and the comparison into `DIR`")
	o.addRun(cmd)
	o.addSelect(cmd)
	o.native.add(cmd)
	f.Var((*positiveInt)(&o.pairs), "pairs", "run exactly `N` pairs of processes (default: 10, 20 with --gate, and more while the answer is open)")
	f.Var((*positive)(&o.within), "decide-within", "take more pairs while the answer is open for up to `TIME`")
	f.StringSliceVar(&o.format, "format", nil, "`FORMAT` benchfmt: also write the samples as compare-base.txt and compare-new.txt, for benchstat")
	f.BoolVar(&o.aa, "aa", false, "compare one kernel or command with itself and store the noise floor")
	f.BoolVar(&o.gate, "gate", false, "exit with 3 on a regression, 4 when inconclusive, 5 when the machine is unfit")
	f.StringVar(&o.gateFile, "gate-file", "", "take thresholds from `FILE` (default "+compare.GateFile+" if it is there)")
	f.Var((*positiveShare)(&o.limits.Time), "gate-time", "allow a time longer by this `SHARE`, e.g. 0.03")
	f.Var((*positiveShare)(&o.limits.Roof), "gate-roof", "allow this `SHARE` of the fraction of the roof to be lost")
	f.Var((*positiveShare)(&o.limits.BytesPerFLOP), "gate-bytes", "allow more bytes per FLOP by this `SHARE`")
	f.Var((*positiveShare)(&o.limits.Memory), "gate-memory", "allow more memory by this `SHARE`")
	f.StringVar(&o.junit, "junit", "", "with --gate: write a JUnit report to `FILE`")
	f.StringVar(&o.summary, "summary", "", "with --gate: append a Markdown summary to `FILE`, e.g. $GITHUB_STEP_SUMMARY")
	return cmd
}

// misplaced refuses flags that mean nothing to what is compared.
func (o *compareOptions) misplaced(cmd *cobra.Command, args []string, commands bool) error {
	switch {
	case commands:
		return misplaced(cmd, "commands", slices.Concat(selectFlags, nativeFlags, []string{"threads", "source", "time-budget"})...)
	case len(args) == 0:
	case isObject(args[0]):
		return misplaced(cmd, "functions of objects", selectFlags...)
	case isResult(args[0]):
		live := []string{"threads", "source", "pairs", "decide-within"}
		return misplaced(cmd, "stored results, which were measured already", slices.Concat(selectFlags, nativeFlags, timingFlags, live)...)
	default:
		return misplaced(cmd, "built-in kernels", nativeFlags...)
	}
	return nil
}

func runCompare(ctx context.Context, stdout, stderr io.Writer, args []string, commands bool, o *compareOptions) error {
	gate, err := o.thresholds()
	if err != nil {
		return err
	}
	for _, f := range o.format {
		if f != "benchfmt" {
			return usagef("--format %s: compare knows benchfmt", f)
		}
	}
	if err := o.checkFiles(); err != nil {
		return err
	}
	if o.aa && (o.gate || len(o.format) > 0) {
		return usagef("--aa measures the noise floor and compares nothing: leave --gate and --format out")
	}
	if o.aa { // before it takes its time
		if err := cachedir.Check(); err != nil {
			return fmt.Errorf("store noise floor: %w", err)
		}
	}
	report := newProgress(stderr, o.noProgress)
	defer report.close()
	c := &comparer{o: o, report: report, stderr: stderr, limits: gate}
	pairs, unmatched, err := c.pairs(ctx, args, commands)
	report.close()
	if err != nil {
		return err
	}
	if o.aa {
		return c.storeFloor(stdout, stderr, pairs[0])
	}
	floor, note := c.floor()
	fewest := len(pairs[0].New.Times)
	for _, p := range pairs {
		fewest = min(fewest, len(p.New.Times))
	}
	r := compare.Compare(pairs, floor.Of(fewest))
	r.Unmatched, r.Lost, r.Machines = unmatched, c.lost, c.machines
	r.Warnings = append(r.Warnings, c.notes...)
	if note != "" {
		r.Warnings = append(r.Warnings, note)
	}
	if o.gate {
		r.Gate = gate.Judge(r)
	}
	if note := floor.Note(r); note != "" {
		r.Warnings = append(r.Warnings, note)
	}
	return errors.Join(c.record(ctx, r), c.charts(stderr, r), c.benchfmt(stderr, r), c.finish(stdout, stderr, r))
}

// checkFiles refuses files that cannot be written, before anything is measured.
func (o *compareOptions) checkFiles() error {
	err := checkJSON(o.json)
	if err == nil && o.junit != "" {
		err = checkFile("--junit", o.junit)
	}
	if err == nil && o.summary != "" {
		err = checkFile("--summary", o.summary)
	}
	return err
}

// record adds the comparison, with the gate's ruling, to the session under way.
func (c *comparer) record(ctx context.Context, report *compare.Report) error {
	r := session.NewRecord(session.Compare)
	r.Machine, r.Ceilings = c.host.Fingerprint, session.CeilingsFingerprint(c.roofs)
	return errors.Join(r.Attach(report), record(ctx, c.o.out, r))
}

// comparer gathers the pairs of one comparison.
type comparer struct {
	o      *compareOptions
	report *progress
	stderr io.Writer
	limits compare.Gate
	host   roofline.Machine
	kind   compare.Kind // "" for stored results
	roofs  []roofline.Ceiling
	notes  []string // to stand below the report

	// Of stored results:
	lost     []string
	time     string            // when the new one was measured; "": now
	baseHost *roofline.Machine // of the base, if it is not host
	machines string            // why their times are not comparable then
}

// document writes what was found to --json, and says where the text for humans goes.
func (c *comparer) document(stdout, stderr io.Writer, found any) (human io.Writer, err error) {
	switch c.o.json {
	case "":
		return stdout, nil
	case "-":
		return stderr, encode(stdout, found)
	}
	return stdout, writeJSON(c.o.json, found)
}

// finish prints and writes the report, and turns it into an exit code when it is a gate.
func (c *comparer) finish(stdout, stderr io.Writer, r *compare.Report) error {
	document := struct {
		Schema string `json:"schema"`
		*compare.Report
	}{"roofline/compare/v1", r}
	human, err := c.document(stdout, stderr, document)
	if err := errors.Join(err, r.WriteText(human), c.gateFiles(r)); err != nil {
		return err
	}
	return ruling(human, r.Gate)
}
