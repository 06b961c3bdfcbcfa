package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	options
	aa       bool
	pairs    int
	gate     bool
	gateFile string
	limits   compare.Gate // from flags; 0: not given
	junit    string
	summary  string
	native   nativeOptions
}

// Pairs of processes in a live comparison, unless --pairs says otherwise.
const (
	defaultPairs = 10
	gatePairs    = 20
	floorPairs   = 60 // of an A/A measurement
)

// sampleBudget is the time one process spends on its kernel: the fewest turns that have an interval, of a call of 10 ms.
const sampleBudget = 300 * time.Millisecond

func newCompare() *cobra.Command {
	o := &compareOptions{}
	cmd := &cobra.Command{
		Use:   "compare BASE NEW | compare -- CMD-A [ARG...] --- CMD-B [ARG...]",
		Short: "Say whether NEW is faster than BASE, by how much, and why",
		Long: `Compare two stored results, two kernels, two shared objects, or two commands.

BASE and NEW are result documents or stores (the newest record with runs), kernels (op/variant/dtype), or shared objects
with a function that --function and --as describe. Kernels, objects and commands are run live, as pairs of processes in alternating order (base new, new base, …), so that what disturbs the
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
			return runCompare(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args, cmd.ArgsLenAtDash() == 0, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.json, "json", "", "also write the comparison to `FILE`, - for standard output")
	f.StringVar(&o.out, "out", "roofline-out", "write charts and the comparison into `DIR`")
	o.addRun(cmd)
	o.addSelect(cmd)
	o.native.add(cmd)
	f.IntVar(&o.pairs, "pairs", 0, "run `N` pairs of processes (default 10, 20 with --gate)")
	f.BoolVar(&o.aa, "aa", false, "compare one kernel or command with itself and store the noise floor")
	f.BoolVar(&o.gate, "gate", false, "exit with 3 on a regression, 4 when inconclusive, 5 when the machine is unfit")
	f.StringVar(&o.gateFile, "gate-file", "", "take thresholds from `FILE` (default "+compare.GateFile+" if it is there)")
	f.Float64Var(&o.limits.Time, "gate-time", 0, "allow so much longer time, e.g. 0.03")
	f.Float64Var(&o.limits.Roof, "gate-roof", 0, "allow so much of the roof to be lost")
	f.Float64Var(&o.limits.BytesPerFLOP, "gate-bytes", 0, "allow so many more bytes per FLOP")
	f.Float64Var(&o.limits.Memory, "gate-memory", 0, "allow so much more memory")
	f.StringVar(&o.junit, "junit", "", "with --gate: write a JUnit report to `FILE`")
	f.StringVar(&o.summary, "summary", "", "with --gate: append a Markdown summary to `FILE`, e.g. $GITHUB_STEP_SUMMARY")
	return cmd
}

func runCompare(ctx context.Context, stdout, stderr io.Writer, args []string, commands bool, o *compareOptions) error {
	gate, err := o.thresholds()
	if err != nil {
		return err
	}
	for _, path := range []string{o.json, o.junit, o.summary} {
		if path != "" && path != "-" {
			if err := probe(filepath.Dir(path)); err != nil {
				return fmt.Errorf("write %s: %w (name a file in a directory that can be written)", path, err)
			}
		}
	}
	report := newProgress(stderr, o.noProgress)
	defer report.close()
	c := &comparer{o: o, report: report}
	pairs, unmatched, err := c.pairs(ctx, args, commands)
	report.close()
	if err != nil {
		return err
	}
	if o.aa {
		return c.storeFloor(stdout, pairs[0])
	}
	if err := c.charts(stderr, pairs); err != nil {
		return err
	}
	floor, note := c.floor()
	r := compare.Compare(pairs, floor)
	r.Unmatched, r.Warnings = unmatched, append(r.Warnings, c.notes...)
	if note != "" {
		r.Warnings = append(r.Warnings, note)
	}
	return errors.Join(record(ctx, o.out, session.Compare, nil, r), c.finish(stdout, stderr, r, gate))
}

// comparer gathers the pairs of one comparison.
type comparer struct {
	o      *compareOptions
	report *progress
	host   roofline.Machine
	kind   compare.Kind // "" for stored results
	roofs  []roofline.Ceiling
	notes  []string // to stand below the report
}

// pairs makes the pairs to compare of what the user named.
func (c *comparer) pairs(ctx context.Context, args []string, commands bool) ([]compare.Pair, []string, error) {
	if commands {
		a, b, err := splitCommands(args, c.o.aa)
		if err != nil {
			return nil, nil, err
		}
		return c.live(ctx, compare.OfCommands, a.Label()+" → "+b.Label(), a, b)
	}
	want := 2
	if c.o.aa {
		want = 1
	}
	if len(args) != want {
		return nil, nil, usagef("compare takes %d arguments here, got %d: results (result.json, results.jsonl), kernels (op/variant/dtype), shared objects (libk.so), or -- CMD-A --- CMD-B", want, len(args))
	}
	if c.o.aa {
		args = []string{args[0], args[0]}
	}
	if isObject(args[0]) != isObject(args[1]) {
		return nil, nil, usagef("compare two of a kind: of %s and %s only one is a shared object", args[0], args[1])
	}
	if isObject(args[0]) {
		return c.objects(ctx, args[0], args[1])
	}
	if isResult(args[0]) != isResult(args[1]) {
		return nil, nil, usagef("compare two of a kind: %s is a file and %s a kernel", args[0], args[1])
	}
	if isResult(args[0]) {
		if c.o.aa {
			return nil, nil, usagef("--aa measures: name a kernel or -- CMD")
		}
		return c.stored(args[0], args[1])
	}
	return c.kernels(ctx, args[0], args[1])
}

// isResult says whether an argument names a file rather than a kernel.
func isResult(arg string) bool {
	ext := filepath.Ext(arg)
	if ext == ".json" || ext == ".jsonl" {
		return true
	}
	st, err := os.Stat(arg)
	return err == nil && st.Mode().IsRegular()
}

// splitCommands divides what follows -- at ---.
func splitCommands(args []string, aa bool) (a, b compare.Command, err error) {
	at := slices.Index(args, "---")
	switch {
	case aa && at < 0 && len(args) > 0:
		return compare.Command{Args: args}, compare.Command{Args: args}, nil
	case at <= 0 || at == len(args)-1:
		return a, b, usagef("compare commands as: roofline compare -- CMD-A [ARG...] --- CMD-B [ARG...]")
	}
	return compare.Command{Args: args[:at]}, compare.Command{Args: args[at+1:]}, nil
}

// stored pairs the runs of two results.
func (c *comparer) stored(base, new string) ([]compare.Pair, []string, error) {
	var sides [2][]compare.Side
	var prints [2]string
	for i, path := range []string{base, new} {
		res, err := readResult(path)
		if err != nil {
			return nil, nil, err
		}
		prints[i] = res.Machine.Fingerprint
		c.roofs = res.Ceilings
		for _, run := range res.Runs {
			sides[i] = append(sides[i], compare.Side{Label: path, Run: run})
		}
	}
	pairs, unmatched := compare.Match(sides[0], sides[1])
	if len(pairs) == 0 {
		return nil, nil, fmt.Errorf("compare %s with %s: no kernel is in both (%s)", base, new, strings.Join(unmatched, "; "))
	}
	if prints[0] != prints[1] {
		unmatched = append(unmatched, fmt.Sprintf("the machines: %s was measured on %s, %s on %s; times of different machines do not tell whether the code got better",
			base, prints[0], new, prints[1]))
	}
	c.host.Fingerprint = prints[1]
	return pairs, unmatched, nil
}

// kernels compares two kernels live, at every shape that both can take.
func (c *comparer) kernels(ctx context.Context, base, new string) ([]compare.Pair, []string, error) {
	var err error
	var sel [2]*selection
	for i, name := range []string{base, new} {
		if sel[i], err = selectKernels([]string{name}, &c.o.options); err != nil {
			return nil, nil, err
		}
	}
	if err := c.prepare(ctx); err != nil {
		return nil, nil, err
	}
	list := c.roofs
	var all []compare.Pair
	var unmatched []string
	for _, a := range sel[0].items {
		found := false
		for _, b := range sel[1].items {
			if a.Kernel.Op != b.Kernel.Op || a.Shape != b.Shape || a.Kernel.DType != b.Kernel.DType && len(sel[1].items) > 1 {
				continue
			}
			found = true
			id := fmt.Sprintf("%s %s", a.Kernel.ID(), a.Shape)
			if a.Kernel != b.Kernel {
				id = fmt.Sprintf("%s → %s %s", a.Kernel.ID(), b.Kernel.ID(), a.Shape)
			}
			runner := func(kernel, shape string) *kernelRunner {
				return &kernelRunner{label: kernel, ceilings: list, request: sampleRequest{
					Kernel: kernel, Shape: shape, Threads: c.o.threads, Budget: c.budget(), Sources: c.o.source, Machine: c.host}}
			}
			p, _, err := c.live(ctx, compare.OfKernels, id, runner(a.Kernel.ID(), a.Shape.String()), runner(b.Kernel.ID(), b.Shape.String()))
			if err != nil {
				return nil, nil, err
			}
			all = append(all, p...)
		}
		if !found {
			unmatched = append(unmatched, fmt.Sprintf("%s %s: nothing in %s to compare it with", a.Kernel.ID(), a.Shape, new))
		}
	}
	if len(all) == 0 {
		return nil, nil, usagef("compare %s with %s: they are different operations, or have no shape in common", base, new)
	}
	return all, unmatched, nil
}

// prepare describes the machine and makes sure that it has ceilings.
func (c *comparer) prepare(ctx context.Context) (err error) {
	if _, err := workers.CPUs(c.o.threads); err != nil {
		return usageError{err}
	}
	if c.host, _, err = machine.Describe(); err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	c.roofs, _, err = ensureCeilings(ctx, c.host.Fingerprint, ceilingRequest{threads: []int{c.o.threads}, quick: true}, c.report)
	return err
}

func (c *comparer) budget() time.Duration {
	if c.o.budget > 0 {
		return c.o.budget
	}
	return sampleBudget
}

// live runs the pairs of processes.
func (c *comparer) live(ctx context.Context, kind compare.Kind, id string, base, new compare.Runner) ([]compare.Pair, []string, error) {
	c.kind = kind
	if kind == compare.OfCommands {
		var err error
		if c.host, _, err = machine.Describe(); err != nil {
			return nil, nil, fmt.Errorf("describe machine: %w", err)
		}
	}
	stage := c.report.stage("compare")
	p, err := compare.Interleave(ctx, id, base, new, c.wanted(), func(done, total int) { stage(done, total, id) })
	if err != nil {
		return nil, nil, err
	}
	return []compare.Pair{p}, nil, nil
}

// wanted is how many pairs a live comparison takes.
func (c *comparer) wanted() int {
	switch {
	case c.o.pairs > 0:
		return c.o.pairs
	case c.o.aa:
		return floorPairs
	case c.o.gate:
		return gatePairs
	}
	return defaultPairs
}

// floor is the stored noise floor for this kind of comparison; the note says what is wrong with it.
func (c *comparer) floor() (float64, string) {
	kind := c.kind
	if kind == "" {
		kind = compare.OfKernels
	}
	f, ok, err := compare.LoadFloor(c.host.Fingerprint, kind)
	if err != nil {
		return 0, err.Error()
	}
	if !ok {
		return 0, ""
	}
	return f.Value, ""
}

// storeFloor stores the noise floor that an A/A pair shows.
func (c *comparer) storeFloor(stdout io.Writer, aa compare.Pair) error {
	pairs := min(defaultPairs, len(aa.Base.Times)/2)
	value, n := compare.FloorOf(aa, pairs)
	if n == 0 || math.IsNaN(value) {
		return usagef("--aa needs at least 2 pairs, got %d; pass --pairs %d", len(aa.Base.Times), floorPairs)
	}
	f := compare.Floor{Value: value, Pairs: pairs, Comparisons: n, Time: time.Now().UTC().Format(time.RFC3339), Of: aa.Base.Label}
	if err := compare.SaveFloor(c.host.Fingerprint, c.kind, f); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "noise floor of %s comparisons here: %.2f %% (%d A/A comparisons of %d pairs each, of %s)\n", c.kind, 100*value, n, pairs, f.Of)
	return err
}

// finish prints and writes the report, and turns it into an exit code when it is a gate.
func (c *comparer) finish(stdout, stderr io.Writer, r *compare.Report, gate compare.Gate) error {
	ruling, findings := compare.Pass, []compare.Finding(nil)
	if c.o.gate {
		ruling, findings = gate.Rule(r)
	}
	document := struct {
		Schema string `json:"schema"`
		*compare.Report
		Gate *gateResult `json:"gate,omitempty"`
	}{Schema: "roofline/compare/v1", Report: r}
	if c.o.gate {
		document.Gate = &gateResult{Thresholds: gate, Ruling: ruling, Findings: findings}
	}
	human := stdout
	write := func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(document)
	}
	var err error
	switch c.o.json {
	case "":
	case "-":
		human, err = stderr, write(stdout)
	default:
		err = atomicfile.Write(c.o.json, write)
	}
	if err := errors.Join(err, r.WriteText(human), c.gateFiles(r, ruling, findings)); err != nil {
		return err
	}
	return c.ruling(human, ruling, findings)
}

// charts draws every pair over the roofline: the base hollow, the new one filled, an arrow from one to the other. Commands
// without counts, and results without ceilings, have no place on it.
func (c *comparer) charts(w io.Writer, pairs []compare.Pair) error {
	for i, p := range pairs {
		if len(p.Base.Run.Points) == 0 || len(p.New.Run.Points) == 0 || len(c.roofs) == 0 {
			continue
		}
		if err := os.MkdirAll(c.o.out, 0o755); err != nil {
			return fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
		}
		res := roofline.NewResult(c.host)
		res.Ceilings, res.Runs = c.roofs, []roofline.Run{p.Base.Run, p.New.Run}
		name := "compare"
		if len(pairs) > 1 {
			name = fmt.Sprintf("compare-%d", i+1)
		}
		if err := drawSteps(w, res, []string{"base " + p.Base.Run.Variant, "new " + p.New.Run.Variant}, filepath.Join(c.o.out, name)); err != nil {
			return err
		}
	}
	return nil
}
