package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/session"
)

// Exit codes; scripts may rely on them.
const (
	exitDone         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitRegression   = 3
	exitInconclusive = 4
	exitUnfit        = 5
)

// usageError marks an error in what the user asked for.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// options are the flags shared by all commands.
type options struct {
	json       string
	out        string
	threads    int
	threadsSet bool // --threads was given
	isa        string
	source     []string
	trust      []string
	quick      bool
	dtype      string
	shapes     []string
	budget     time.Duration
	noProgress bool
	format     []string
	counting   event.Options
	untuned    bool     // of measure
	peers      []string // of measure
	report     bool     // of measure
}

// run is the whole program: it parses args, runs the command and returns the exit code.
func run(ctx context.Context, stdout, stderr io.Writer, args []string) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if ended := (endedError{}); errors.As(err, &ended) {
		return ended.code
	}
	text := brief(err)
	if cause := context.Cause(ctx); cause != nil { // which signal it was, not how Go says that one came
		text = strings.ReplaceAll(text, context.Canceled.Error(), cause.Error())
	}
	fmt.Fprintf(stderr, "roofline: %s\n", text)
	if cure := limitCure(err); cure != "" {
		fmt.Fprintln(stderr, cure)
	}
	return exitCode(err)
}

// limitCure says what to do about a limit of the system that is behind an error; "" where there is none, and where the error says it.
func limitCure(err error) string {
	for _, limit := range []struct {
		errno syscall.Errno
		cure  string
	}{
		{syscall.EMFILE, "too few files may be open: ulimit -n 1024"},
		{syscall.EFBIG, "files may not be so large: ulimit -f unlimited"},
		{syscall.ENOSPC, "make room, or choose another place with --out DIR"},
		{syscall.EDQUOT, "make room, or choose another place with --out DIR"},
	} {
		if errors.Is(err, limit.errno) && !strings.Contains(err.Error(), "ulimit -") {
			return limit.cure
		}
	}
	return ""
}

// brief is the text of an error, each line once, and cut after a few: a damaged file may have a hundred faults.
func brief(err error) string {
	const most = 4
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		if !slices.ContainsFunc(lines, func(said string) bool { return strings.HasSuffix(said, line) }) {
			lines = append(lines, line)
		}
	}
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("… and %d more", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// version is that of the module, as the go command recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "roofline",
		Short: "Measure how close a kernel is to what the hardware can do",
		Long: `roofline measures this machine's own ceilings, runs kernels against them, places each
on the measured roofline chart and says what holds it back.

Exit codes: 0 done, 1 failed, 2 usage, 3 regression found, 4 inconclusive, 5 environment unfit for the request.`,
		Example: `  roofline measure                    kernels that come with it, on this machine
  roofline measure -- ./solver input  a program of yours
  roofline explain matmul/best        what holds a kernel back, with all numbers
  roofline help tutorial              a matmul from the textbook to the roof`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("unknown command %q%s; see roofline --help", args[0], suggestion(cmd, args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if words := cmd.Flags().Args(); cmd == root && len(words) > 0 { // no command has this name, and so nobody knows its flags
			return usagef("unknown command %q%s; see roofline --help", words[0], suggestion(cmd, words[0]))
		}
		return usagef("%s%s; see %s --help", plainFlagError(err), flagElsewhere(root, err), cmd.CommandPath())
	})
	root.SetHelpCommand(newHelp())
	fitHelp(root)
	root.AddCommand(newMeasure(), newCeilings(), newList(), newDoctor(), newPlot(), newReport(), newCompare(), newSession(), newTune(), newTop(), newDisasm(), newExplain(), newSample(), newCount(), newCountObject(), newTimeObject())
	checkCompletion(root)
	return root
}

// flagElsewhere names the commands that know a flag which this one does not.
func flagElsewhere(root *cobra.Command, err error) string {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return ""
	}
	var others []string
	for _, c := range root.Commands() {
		if f := c.Flags().Lookup(name); f != nil && !c.Hidden && !f.Hidden {
			others = append(others, c.CommandPath())
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf(" (it is one of %s)", strings.Join(others, ", "))
}

// checkCompletion has cobra's command for shell completions refuse what it does not know, as all others do.
func checkCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	var shells []string
	for _, shell := range completion.Commands() {
		shells = append(shells, shell.Name())
		shell.Args = noArgs
	}
	completion.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("no completion for the shell %q; use %s", args[0], strings.Join(shells, ", "))
		}
		return nil
	}
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// plainFlagError says what is wrong with a flag's value without the words of the Go library.
func plainFlagError(err error) string {
	text := err.Error()
	for word, cure := range map[string]string{"strconv.ParseInt: ": "it takes a whole number", "strconv.ParseFloat: ": "it takes a number",
		"strconv.ParseBool: ": "it takes true or false", "time: missing unit ": "give the unit, e.g. 30s or 100ms", "time: invalid duration ": "it takes a time, e.g. 30s or 100ms"} {
		if before, _, found := strings.Cut(text, word); found {
			return before + cure
		}
	}
	return text
}

// noArgs refuses arguments as a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// elsewhere is where words that are looked for as commands are.
var elsewhere = map[string]string{
	"gate": "compare --gate", "diff": "compare", "watch": "tune --watch", "history": "session log",
	"run": "measure", "bench": "measure", "benchmark": "measure", "profile": "top", "dashboard": "report", "events": "list events", "version": "--version",
}

// suggestion names the command the user may have meant.
func suggestion(cmd *cobra.Command, name string) string {
	if there := elsewhere[name]; there != "" {
		return fmt.Sprintf(" (it is roofline %s)", there)
	}
	cmd.SuggestionsMinimumDistance = 2
	if s := cmd.SuggestionsFor(name); len(s) > 0 {
		return fmt.Sprintf(" (did you mean %q?)", s[0])
	}
	return ""
}

// exitCode maps an error to the exit code that scripts see.
func exitCode(err error) int {
	var (
		usage   usageError
		unknown *kernels.UnknownError
		budget  *measure.BudgetError
		isa     *cpu.UnavailableError
		unfit   unfitError
		verdict *verdictError
		start   *command.StartError
		name    *session.NameError
	)
	switch {
	case errors.As(err, &start):
		return start.Code
	case errors.As(err, &verdict):
		return verdict.code
	case errors.As(err, &usage), errors.As(err, &unknown), errors.As(err, &budget), errors.As(err, &name):
		return exitUsage
	case errors.As(err, &isa), errors.As(err, &unfit):
		return exitUnfit
	}
	return exitFailed
}

// unfitError marks a request that this machine cannot serve.
type unfitError struct{ err error }

func (e unfitError) Error() string { return e.err.Error() }
func (e unfitError) Unwrap() error { return e.err }

func (o *options) addOutput(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.json, "json", "", "also write the result document to `FILE`, - for standard output")
	f.StringVar(&o.out, "out", "roofline-out", "write charts and results into `DIR`")
	f.StringSliceVar(&o.format, "format", nil, "write the table as `FORMAT`: text, markdown, csv or benchfmt (for benchstat); pdf: charts as PDF, too; several with commas")
}

func (o *options) addRun(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&o.threads, "threads", 1, "run on `N` pinned threads")
	f.BoolVar(&o.quick, "quick", false, "spend less time, with wider intervals")
	f.BoolVar(&o.noProgress, "no-progress", false, "print no progress")
}

func (o *options) addSelect(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.isa, "isa", "amx", "use nothing above `LEVEL`: go, avx2, avx512 or amx")
	f.StringSliceVar(&o.source, "source", nil, "take counts from these `SOURCES`, best first: pmu, instrumented, simulated, analytic")
	f.StringVar(&o.dtype, "dtype", "", "only kernels of this `TYPE`: f64, f32, f16, bf16 or int8")
	f.StringArrayVar(&o.shapes, "shape", nil, "problem size `SHAPE`, e.g. 512x512x512 or h=8,q=1024,kv=1024,d=64,causal; repeatable")
	f.Var((*positive)(&o.budget), "time-budget", "`TIME` for warming up and timing all kernels together (default 25s, 8s with --quick)")
}

func (o *options) addCounting(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&o.trust, "trust", nil, "use the counter of this `QUANTITY` (or all) although roofline doctor found it wrong or has not verified it")
	f.StringVar(&o.counting.Uarch, "uarch", "", "use the hardware events of microarchitecture `NAME`, see list events; default: found out")
	f.BoolVar(&o.counting.OnePass, "one-pass", false, "count all hardware events at once, in turns, and scale, instead of in several passes")
}
