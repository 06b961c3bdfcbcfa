package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/perf/instrument/inject"
)

// hotBlocks is how many blocks of a function are shown.
const hotBlocks = 3

// functionReport is the document of `measure --function NAME -- CMD`.
type functionReport struct {
	Schema   string                       `json:"schema"`
	Function string                       `json:"function"`
	Object   string                       `json:"object"` // file that the function is in
	Args     []string                     `json:"args"`
	Exit     int                          `json:"exit_code"`
	Calls    *uint64                      `json:"calls"`                   // null: not all were counted
	Missing  string                       `json:"calls_missing,omitempty"` // why not
	Threads  []uint64                     `json:"calls_by_thread"`         // those that were counted
	Counts   map[perf.Quantity]perf.Count `json:"counts"`                  // of all calls together
	Blocks   []functionBlock              `json:"blocks"`                  // the hottest first
	Warnings []string                     `json:"warnings"`
}

// functionBlock is a block of instructions and how often it was executed.
type functionBlock struct {
	Function     string `json:"function"`
	Address      uint64 `json:"address"` // in the file
	Executions   uint64 `json:"executions"`
	Instructions uint64 `json:"instructions"` // executed in it
	FLOPs        uint64 `json:"flops"`
	Bytes        uint64 `json:"bytes"` // loaded and stored
}

// runFunction counts a function inside an unmodified program. Standard output stays the program's own, unless the document goes there.
func runFunction(ctx context.Context, stdout, stderr io.Writer, args []string, function string, o *options) error {
	path, err := command.Look(args[0])
	if err != nil {
		return err
	}
	out, err := openOutput(stdout, stderr, o, "function")
	if err != nil {
		return err
	}
	printed := stdout
	if o.json == "-" { // what the program prints would stand in the document
		printed = stderr
	}
	res, err := inject.Run(ctx, inject.Command{Path: path, Args: args, Stdin: os.Stdin, Stdout: printed, Stderr: stderr}, function)
	if res == nil {
		if unknown := (*inject.UnknownError)(nil); errors.As(err, &unknown) {
			return usageError{err}
		}
		return err
	}
	report, list, rerr := newFunctionReport(res, args)
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	printFunction(stderr, report, list, res)
	err = errors.Join(err, writeFunction(out, report))
	if res.Exit != 0 {
		if err != nil {
			fmt.Fprintf(stderr, "roofline: %s\n", brief(err))
		}
		return endedError{res.Exit}
	}
	return err
}

func newFunctionReport(res *inject.Result, args []string) (*functionReport, *listing, error) {
	r := &functionReport{Schema: "roofline/function/v1", Function: res.Function, Object: res.Object, Args: args, Exit: res.Exit,
		Threads: append([]uint64{}, res.Threads...), Counts: map[perf.Quantity]perf.Count{}, Blocks: []functionBlock{}, Warnings: functionWarnings(res)}
	if res.Calls == res.All() {
		r.Calls = &res.Calls
	} else {
		r.Missing = strings.Join(missedCalls(res), "; ")
	}
	list, err := newListing(res.Profile)
	if err != nil {
		return nil, nil, err
	}
	for q, v := range list.all.Quantities() {
		c := perf.Count{Value: v, Source: perf.SourceInstrumented, Quality: perf.Exact}
		if !res.Exact() {
			c = perf.NotCounted(perf.SourceInstrumented, "part of the work was not counted: "+strings.Join(append(missedCalls(res), incomplete(res)...), "; "))
		}
		r.Counts[q] = c
	}
	for _, b := range list.blocks {
		r.Blocks = append(r.Blocks, functionBlock{b.Function, b.Addr, b.Executions, b.Instructions, b.FLOPs(), b.BytesLoaded + b.BytesStored})
	}
	return r, list, nil
}

// functionWarnings says what limits the counts.
func functionWarnings(r *inject.Result) []string {
	warnings := []string{}
	add := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if r.Calls == 0 && r.Native+r.Refused+r.Nested == 0 {
		text := "the function was never called"
		if len(r.Clones) > 0 {
			text += fmt.Sprintf("; the compiler made %s of it, which may have been: name one of them", strings.Join(r.Clones, ", "))
		} else {
			text += "; calls may have been inlined (mark it noinline)"
		}
		add("%s", text)
	} else if len(r.Clones) > 0 {
		add("the compiler also made %s of it, which are not counted", strings.Join(r.Clones, ", "))
	}
	warnings = append(warnings, missedCalls(r)...)
	if r.Away > 0 {
		text := fmt.Sprintf("%s by a pointer went to other functions of the same file, which are not counted", units.Count(int(r.Away), "call"))
		if r.AwayTo != "" {
			text += fmt.Sprintf(" (the last to %s: name that to count it)", r.AwayTo)
		}
		add("%s", text)
	}
	return append(warnings, incomplete(r)...)
}

// incomplete says what of the counted calls is missing.
func incomplete(r *inject.Result) (why []string) {
	if r.Lost > 0 {
		why = append(why, units.Count(int(r.Lost), "jump")+" led to code that was not found beforehand, and what followed was not counted")
	}
	if r.Tiles > 0 {
		why = append(why, "tiles were used whose size is not known: a thread has configured several sizes, or another library does (load the function from a shared object: roofline measure --object)")
	}
	return why
}

// missedCalls says which calls were not counted, and why.
func missedCalls(r *inject.Result) (why []string) {
	add := func(n uint64, reason string) {
		if n > 0 {
			why = append(why, units.Count(int(n), "call")+" not counted"+reason)
		}
	}
	add(r.Native, ": more threads called it than there is room for")
	add(r.Refused, ": the program forbids itself the system call arch_prctl, by which its threads are told apart on a machine without FSGSBASE")
	add(r.Nested, ", made by a signal handler while the function was running in the same thread, or after one has left it by longjmp (block the signal meanwhile)")
	return why
}

func printFunction(w io.Writer, r *functionReport, list *listing, res *inject.Result) {
	calls := fmt.Sprintf("%s by %s", units.Count(int(res.Calls), "call"), units.Count(len(r.Threads), "thread"))
	switch {
	case res.Calls == 0 && len(r.Warnings) > 0:
		calls = "no call counted"
	case r.Calls == nil:
		calls = fmt.Sprintf("%d of %s counted, by %s", res.Calls, units.Count(int(res.All()), "call"), units.Count(len(r.Threads), "thread"))
	}
	fmt.Fprintf(w, "\n%s in %s: %s, exit code %d\n", command.Printable(r.Function), command.Printable(filepath.Base(r.Object)), calls, r.Exit)
	if res.Calls > 0 {
		t := list.all
		per := func(n uint64) string { return ratio(n, res.Calls) }
		fmt.Fprintf(w, "each call: %s FLOPs, %s instructions, %s B loaded, %s B stored\nall calls:\n", per(t.FLOPs()), per(t.Instructions), per(t.BytesLoaded), per(t.BytesStored))
		list.print(w, hotBlocks)
		fmt.Fprintln(w, "\nCounted: the function with what it calls directly in the same file, exactly.\nOther libraries run as they are. The run was instrumented, so nothing is timed.")
	}
	for _, warning := range r.Warnings {
		lines{w}.hang("! ", "  ", warning)
	}
}

// writeFunction writes the document into the output directory and to --json.
func writeFunction(out *output, r *functionReport) error {
	paths := []string{filepath.Join(out.dir, "function.json")}
	var err error
	switch out.json {
	case "":
	case "-":
		err = encode(out.stdout, r)
	default:
		paths = append(paths, out.json)
	}
	for _, path := range slices.Compact(paths) {
		err = errors.Join(err, writeJSON(path, r))
	}
	return err
}
