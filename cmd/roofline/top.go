package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/top"
)

func newTop() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "top -- CMD [ARG...] | top RECORDING",
		Short: "Profile a program by the operations that it marks",
		Long: `Run a program that marks its operations with package top, and print which share of time, FLOPs, bytes and allocations
each takes and how near it comes to the roof. A recording made earlier is printed again.

The recording, a profile for go tool pprof and a trace for Perfetto are written into the output directory.`,
		Example: `  roofline top -- ./transformer --layers 2
  go tool pprof -sample_index=flops -top roofline-out/top.pb.gz`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTop(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args, cmd.ArgsLenAtDash() == 0, o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "roofline-out", "write recording, profile and trace into `DIR`")
	cmd.Flags().StringVar(&o.dtype, "dtype", "f32", "hold operations against the ceilings of this `TYPE`")
	cmd.Flags().IntVar(&o.threads, "threads", 1, "hold operations against the ceilings of `N` threads")
	return cmd
}

func runTop(ctx context.Context, stdout, stderr io.Writer, args []string, run bool, o *options) error {
	switch {
	case len(args) == 0:
		return usagef("top takes a program: roofline top -- CMD [ARG...], or a recording")
	case !run && len(args) > 1:
		return usagef("top takes one recording; to run a program: roofline top -- %s ...", args[0])
	}
	if err := checkDType(o.dtype); err != nil {
		return err
	}
	if o.threads < 1 {
		return usagef("--threads %d: at least 1", o.threads)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
	}
	path := args[0]
	var failed error
	if run {
		path = filepath.Join(o.out, "top.jsonl")
		var err error
		if failed, err = recordProgram(ctx, stdout, stderr, args, path); err != nil {
			return err
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return errors.Join(failed, fmt.Errorf("%s recorded no operation: mark them with package top (github.com/roofline-go/roofline/roofline/top), and call top.Flush before it ends (roofline help operations)", args[0]))
		}
	}
	events, err := readRecording(stderr, path)
	if err != nil {
		return errors.Join(failed, err)
	}
	root := top.Tree(events)
	roof, note := roofFor(o.dtype, o.threads)
	if err := top.WriteText(stdout, root, roof); err != nil {
		return errors.Join(failed, err)
	}
	if note != "" {
		fmt.Fprintln(stdout, note)
	}
	return errors.Join(failed, exportTop(stdout, o.out, root, events))
}

// recordProgram runs a program that records to path, where it removes an earlier recording. failed is how the program failed,
// which may have recorded something until then; err says why it did not run.
func recordProgram(ctx context.Context, stdout, stderr io.Writer, args []string, path string) (failed, err error) {
	program, err := command.Look(args[0]) // before the recording of an earlier run is removed
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Env = append(os.Environ(), top.Env+"="+abs)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	if err := cmd.Wait(); err != nil {
		failed = fmt.Errorf("run %s: %w", args[0], err)
	}
	return failed, nil
}

// readRecording reads the operations of a recording; there is at least one.
func readRecording(stderr io.Writer, path string) ([]top.Event, error) {
	f, err := os.Open(path)
	if _, number := strconv.Atoi(path); errors.Is(err, os.ErrNotExist) && number == nil {
		return nil, usagef("top takes no process, %s: only what a program records from its start on is known; start it by roofline top -- CMD [ARG...]", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read recording: %w (top -- CMD makes one, DIR/top.jsonl)", err)
	}
	defer f.Close()
	events, bad, err := top.Read(f)
	if err != nil {
		return nil, err
	}
	switch {
	case len(events) > 0 && bad > 0:
		fmt.Fprintf(stderr, "skipped %d damaged lines of %s\n", bad, path)
	case len(events) == 0 && bad > 0:
		return nil, fmt.Errorf("read recording %s: none of its %d lines is an operation (roofline top -- CMD makes a recording, DIR/top.jsonl)", path, bad)
	case len(events) == 0:
		return nil, fmt.Errorf("%s has no operation: mark them with package top, and call top.Flush before the program ends (roofline help operations)", path)
	}
	return events, nil
}

// exportTop writes the profile and the trace.
func exportTop(w io.Writer, dir string, root *top.Node, events []top.Event) error {
	profile, trace := filepath.Join(dir, "top.pb.gz"), filepath.Join(dir, "top.trace.json")
	err := errors.Join(
		atomicfile.Write(profile, func(w io.Writer) error { return top.WritePprof(w, root) }),
		atomicfile.Write(trace, func(w io.Writer) error { return top.WriteTrace(w, events) }))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nwrote %s (go tool pprof), %s (ui.perfetto.dev)\n", profile, trace)
	return err
}

// roofFor is the roofline of stored ceilings: the compute ceiling of the type and the bandwidth of DRAM, since declared bytes
// are those that a program has to move at least. The note says why there is none.
func roofFor(dtype string, threads int) (top.Roof, string) {
	none := func(float64) float64 { return 0 }
	host, _, err := machine.Describe()
	if err != nil {
		return none, "no roof: " + err.Error()
	}
	list, _ := ceilings.Load(host.Fingerprint)
	roof, ok := roofUnder(list, dtype, threads)
	if !ok {
		return none, fmt.Sprintf("no roof: no stored ceilings of %s for %s (measure them: roofline ceilings --threads %d)", dtype, threadText([]int{threads}), threads)
	}
	return roof, ""
}

// roofUnder is the roofline of these ceilings, those that a run of the type is placed under.
func roofUnder(list []roofline.Ceiling, dtype string, threads int) (top.Roof, bool) {
	run := roofline.Run{DType: dtype, Threads: threads}
	compute, computes := run.ComputeRoof(list)
	memory, moves := run.BandwidthRoof(list, cache.Memory)
	return func(ai float64) float64 { return roofline.Attainable(ai, compute.Value.Median, memory.Value.Median) }, computes && moves
}
