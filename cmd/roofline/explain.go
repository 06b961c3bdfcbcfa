package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/session"
)

func newExplain() *cobra.Command {
	o := &options{}
	var whatIf string
	cmd := &cobra.Command{
		Use:   "explain KERNEL | RESULT [KERNEL]",
		Short: "Say why a kernel takes its time, with every formula and count",
		Long: `Say why a kernel takes the time it takes: which roof binds, how far it is, where the
time goes, what to do and what that is expected to bring, how well it was measured,
and the raw counts with their sources (roofline help analysis).

KERNEL is explained from the newest result in the output directory that has it, and
measured where there is none. RESULT is a result document (.json) or a store (.jsonl).

--what-if estimates the run under assumptions, with commas between:
  isa=avx512            the arithmetic in other registers: scalar, sse, avx2, avx512, amx
  threads=2             on another number of threads (of which ceilings were measured)
  L2.bytes=/2           the traffic of a level: a number, *FACTOR or /DIVISOR
  flops=*0.5, fma=1     less work; products and sums fused (0: apart)
  chain=/4, balance=1   shorter chains of dependences; equal shares of the threads
  bandwidth.load.L3=*2  another ceiling`,
		Example: `  roofline explain matmul/avx512/f32
  roofline explain attention/best --shape h=8,q=512,kv=512,d=64
  roofline explain roofline-out/result.json dot
  roofline explain matmul/avx2/f32 --what-if isa=avx512,L2.bytes=/2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("explain takes a kernel or a result, e.g. matmul/avx512/f32")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.threadsSet = cmd.Flags().Changed("threads")
			if isResult(args[0]) {
				if err := misplaced(cmd, "a result, which was measured already", append([]string{"isa", "source", "trust", "uarch", "one-pass"}, timingFlags...)...); err != nil {
					return err
				}
			}
			var changes []analysis.Change
			if cmd.Flags().Changed("what-if") {
				var err error
				if changes, err = analysis.ParseWhatIf(whatIf); err != nil {
					return usageError{err}
				}
				if !isResult(args[0]) { // which may have to be measured first
					if err := checkNames(changes); err != nil {
						return err
					}
				}
			}
			res, runs, err := findRuns(cmd.Context(), cmd.ErrOrStderr(), args, o)
			if err != nil {
				return err
			}
			return explainRuns(cmd.OutOrStdout(), res, runs, changes, whatIf)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "roofline-out", "look for results in `DIR`")
	o.addRun(cmd)
	o.addSelect(cmd)
	o.addCounting(cmd)
	f.StringVar(&whatIf, "what-if", "", "estimate under `ASSUMPTIONS`, e.g. isa=avx512,L2.bytes=/2")
	return cmd
}

// checkNames refuses assumptions of names that no measurement here can have.
func checkNames(changes []analysis.Change) error {
	var known []roofline.Ceiling
	for _, e := range ceilings.Catalog() {
		known = append(known, e.Ceiling)
	}
	if err := analysis.CheckNames(changes, known); err != nil {
		return usageError{err}
	}
	return nil
}

// explainRuns explains each run, and estimates it under the assumptions.
func explainRuns(w io.Writer, res *roofline.Result, runs []roofline.Run, changes []analysis.Change, whatIf string) error {
	c := analysis.Context{Machine: res.Machine, Ceilings: res.Ceilings, Floor: noiseFloor(res.Machine.Fingerprint)}
	columns, _ := terminal(w)
	for i := range runs {
		run := &runs[i]
		analysis.Fill(run, c)
		var e *analysis.Estimate
		if len(changes) > 0 { // before anything is printed: the assumptions may be bad
			var err error
			if e, err = analysis.WhatIf(run, c, changes); err != nil {
				return usageError{err}
			}
		}
		if i > 0 {
			fmt.Fprintf(w, "\n%s\n", strings.Repeat("─", min(columns, 80)))
		}
		if err := plots.Explain(w, run, res.Ceilings, columns); err != nil {
			return err
		}
		if e == nil {
			continue
		}
		if err := plots.WhatIf(w, whatIf, run, e, columns); err != nil {
			return err
		}
	}
	return nil
}

// findRuns finds the runs that the arguments name; a kernel that no stored result has is measured.
func findRuns(ctx context.Context, stderr io.Writer, args []string, o *options) (*roofline.Result, []roofline.Run, error) {
	if isResult(args[0]) {
		res, err := readResult(stderr, args[0])
		if err != nil {
			return nil, nil, err
		}
		pattern := "*"
		if len(args) > 1 {
			pattern = args[1]
		}
		runs := matching(res, []string{pattern}, o)
		if len(res.Runs) == 0 {
			return nil, nil, fmt.Errorf("explain %s: it has no runs (its ceilings: roofline plot %s)", args[0], args[0])
		}
		if len(runs) == 0 {
			return nil, nil, fmt.Errorf("explain %s: it has no run of %s (it has %s)", args[0], o.wanted(pattern), strings.Join(fullNames(res), ", "))
		}
		return res, runs, nil
	}
	if len(args) > 1 {
		return nil, nil, usagef("%s is no result file (.json or .jsonl); name one kernel", args[0])
	}
	sel, err := selectKernels(args, o)
	if err != nil {
		return nil, nil, err
	}
	var patterns []string
	for _, item := range sel.items {
		patterns = append(patterns, item.Kernel.ID())
	}
	store := filepath.Join(o.out, session.FileName)
	if res, runs, err := newest(stderr, store, patterns, o); err != nil || len(runs) > 0 {
		return res, runs, err
	}
	fmt.Fprintf(stderr, "%s has no result of %s: measuring it\n", o.out, args[0])
	if err := runMeasure(ctx, io.Discard, stderr, args, o); err != nil {
		return nil, nil, err
	}
	res, runs, err := newest(stderr, store, patterns, o)
	if err == nil && len(runs) == 0 {
		err = fmt.Errorf("explain %s: it was measured, but %s has no run of it", args[0], store)
	}
	return res, runs, err
}

// wanted is what the flags ask for of a pattern, in words.
func (o *options) wanted(pattern string) string {
	if o.dtype != "" {
		pattern += " of type " + o.dtype
	}
	if len(o.shapes) > 0 {
		pattern += " at " + strings.Join(o.shapes, " or ")
	}
	if o.threadsSet {
		pattern += " on " + units.Count(o.threads, "thread")
	}
	return pattern
}

// newest reads the store and returns the newest record that has matching runs.
func newest(stderr io.Writer, store string, patterns []string, o *options) (*roofline.Result, []roofline.Run, error) {
	if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	records, skipped, err := session.Read(store)
	if err != nil {
		return nil, nil, err
	}
	nameSkipped(stderr, store, skipped)
	for _, res := range slices.Backward(records) {
		if runs := matching(res, patterns, o); len(runs) > 0 {
			return res, runs, nil
		}
	}
	return nil, nil, nil
}

// matching lists the runs of a result that one of the patterns names, with the shape and the threads asked for.
func matching(res *roofline.Result, patterns []string, o *options) (runs []roofline.Run) {
	for _, r := range res.Runs {
		named := slices.ContainsFunc(patterns, func(p string) bool { return names(p, &r) })
		if named && hasShape(&r, o.shapes) && (!o.threadsSet || r.Threads == o.threads) && (o.dtype == "" || r.DType == o.dtype) {
			runs = append(runs, r)
		}
	}
	return runs
}

// names says whether a pattern op[/variant[/dtype]] names the run.
func names(pattern string, r *roofline.Run) bool {
	parts := []string{r.Kernel, r.Variant, r.DType}
	for i, p := range strings.Split(pattern, "/") {
		if i >= len(parts) {
			return false
		}
		if ok, err := path.Match(p, parts[i]); !ok || err != nil {
			return false
		}
	}
	return true
}

func hasShape(r *roofline.Run, shapes []string) bool {
	if len(shapes) == 0 {
		return true
	}
	return slices.ContainsFunc(shapes, func(text string) bool {
		s, err := shape.Parse(r.Kernel, text)
		return err == nil && s == r.Shape
	})
}

// fullNames are the runs of a result with their shapes, and their threads where there are several.
func fullNames(res *roofline.Result) (list []string) {
	for _, r := range res.Runs {
		name := r.ID()
		if r.Threads > 1 {
			name += " on " + units.Count(r.Threads, "thread")
		}
		list = append(list, name)
	}
	return list
}

func runNames(res *roofline.Result) (list []string) {
	for _, r := range res.Runs {
		list = append(list, r.Kernel+"/"+r.Variant+"/"+r.DType)
	}
	return slices.Compact(list)
}
