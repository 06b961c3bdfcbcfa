package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/tune"
)

// Time for the search of a kernel at a shape, unless --time-budget says otherwise.
const (
	searchBudget      = 20 * time.Second
	quickSearchBudget = 5 * time.Second
)

func newTune() *cobra.Command {
	o := &options{}
	live := &liveOptions{options: o}
	var reset bool
	cmd := &cobra.Command{
		Use:   "tune KERNEL | tune --object FILE --function NAME --as SIG | tune --bench PKG.BenchmarkX",
		Short: "Measure your kernel as you edit it, or tune a built-in one",
		Long: `With --object or --bench, tune is the loop of a kernel engineer: when a watched file changes it rebuilds, checks the
result against a reference, measures, and compares with the previous and with the best version, both of which are kept and
run again in pairs of processes beside the new one. It says what moved, updates the chart (tune-SESSION.png) and records the
step in the tuning session; if none is under way it begins one. A build that fails and a kernel that crashes, hangs or
computes something wrong are reported, and the loop goes on. Ctrl-C ends it with a summary. roofline help tune.md has the signatures.

With a KERNEL it sweeps the parameters of a built-in kernel at a shape by successive halving, then compares the winner with
the default in pairs of processes. Only a setting that is faster beyond doubt is stored; measure uses it from then on at
that kernel, shape and number of threads (measure --untuned ignores it, tune --reset forgets it).`,
		Example: `  roofline tune --watch k.c --build make --object libk.so --function my_sgemm --as sgemm:512x512x512
  roofline tune --bench ./linalg.BenchmarkDot
  roofline tune matmul/avx512/f32 --shape 1000x1000x1000
  roofline tune attention/best --shape h=8,q=1024,kv=1024,d=64`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case live.asked() && len(args) > 0:
				return usagef("tune takes either a built-in kernel or --object or --bench, not %q as well", args[0])
			case !live.asked() && len(args) != 1:
				return usagef("tune takes one kernel, e.g. roofline tune matmul/best/f32 --shape 1000x1000x1000, or your own: --object with --function and --as, or --bench")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := live.misplaced(cmd); err != nil {
				return err
			}
			if live.asked() {
				return runLive(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), live)
			}
			return runTune(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], reset, o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "roofline-out", "the output directory `DIR` of charts, kept versions and the session that records")
	o.addRun(cmd)
	o.addSelect(cmd)
	cmd.Flags().BoolVar(&reset, "reset", false, "forget the stored setting")
	live.add(cmd)
	return cmd
}

func runTune(ctx context.Context, stdout, stderr io.Writer, pattern string, reset bool, o *options) error {
	sel, err := selectKernels([]string{pattern}, o)
	if err != nil {
		return err
	}
	if _, err := workers.CPUs(o.threads); err != nil {
		return usageError{err}
	}
	var items []measure.Item
	for _, item := range sel.items {
		if len(item.Kernel.Params) > 0 {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return usagef("tune %s: it has no parameters to sweep; the assembly variants of matmul and attention have", pattern)
	}
	host, _, err := machine.Describe()
	if err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	if err := checkMemory(items, host.Environment.MemoryBytes); err != nil {
		return err
	}
	if !reset { // before the search takes its time
		if err := cachedir.Check(); err != nil {
			return fmt.Errorf("store tuned setting: %w", err)
		}
	}
	report := newProgress(stderr, o.noProgress)
	defer report.close()
	for _, item := range items {
		if reset {
			if err := forget(stdout, host.Fingerprint, tune.Key(item.Kernel, item.Shape, o.threads)); err != nil {
				return err
			}
			continue
		}
		if err := tuneItem(ctx, stdout, item, host, o, report); err != nil {
			return err
		}
	}
	return nil
}

// forget removes a stored setting and says so.
func forget(w io.Writer, fingerprint, key string) error {
	stored, err := tune.Load(fingerprint)
	if err != nil {
		return err
	}
	if _, ok := stored[key]; !ok {
		fmt.Fprintf(w, "%s: no setting is stored\n", key)
		return nil
	}
	if err := tune.Save(fingerprint, key, tune.Tuned{}); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: the stored setting is forgotten\n", key)
	return nil
}

// tuneItem searches, confirms and stores.
func tuneItem(ctx context.Context, w io.Writer, item measure.Item, host roofline.Machine, o *options, report *progress) error {
	k, s := item.Kernel, item.Shape
	key := tune.Key(k, s, o.threads)
	budget := o.budget
	switch {
	case budget > 0:
	case o.quick:
		budget = quickSearchBudget
	default:
		budget = searchBudget
	}
	trials, err := tune.Search(ctx, k, s, o.threads, budget, report.stage("search"))
	report.close()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: tried %d settings, 2 in the last round\n", key, len(trials))
	for _, t := range trials[:min(3, len(trials))] {
		fmt.Fprintf(w, "  %-40s %8s\n", t.Setting, units.SI(t.Median(), "s"))
	}
	best := trials[0].Setting
	if len(best) == 0 {
		_, err := fmt.Fprintln(w, "  the default won: nothing to change")
		return err
	}
	runner := func(label string, set kernels.Setting) *kernelRunner {
		return &kernelRunner{label: label, request: sampleRequest{Kernel: k.ID(), Shape: s.String(), Threads: o.threads,
			Budget: sampleBudget, Sources: []string{"analytic"}, Machine: host, Setting: set}}
	}
	stage := report.stage("confirm")
	pair, err := compare.Interleave(ctx, key, runner("default", nil), runner(best.String(), best), compare.Effort{Pairs: compare.DefaultPairs},
		func(done, total int) { stage(done, total, best.String()) })
	report.close()
	if err != nil {
		return err
	}
	c := compare.Compare([]compare.Pair{pair}, storedFloor(host.Fingerprint)).Comparisons[0]
	fmt.Fprintf(w, "  %s against the default: %s\n", best, c.Verdict.Text)
	if c.Verdict.Outcome != compare.Faster {
		_, err := fmt.Fprintln(w, "  the default stays")
		return err
	}
	e := c.Time.Speedup
	err = tune.Save(host.Fingerprint, key, tune.Tuned{Setting: best, Speedup: e.Median, Lo: e.Lo, Hi: e.Hi, Time: time.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, "  stored: measure uses it from now on")
	return err
}

// useTuned applies the stored settings to the items that have one.
func useTuned(items []measure.Item, threads int, fingerprint string) []roofline.Warning {
	all, err := tune.Load(fingerprint)
	if err != nil {
		return []roofline.Warning{{Text: err.Error()}}
	}
	var warnings []roofline.Warning
	for _, item := range items {
		t := all[tune.Key(item.Kernel, item.Shape, threads)]
		if err := item.Kernel.Use(item.Shape, t.Setting); err != nil {
			warnings = append(warnings, roofline.Warning{Text: "a stored setting cannot be used: " + err.Error(),
				Cure: "tune again: roofline tune " + item.Kernel.ID()})
		}
	}
	return warnings
}
