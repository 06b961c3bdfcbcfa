// Command likwid compares our ceilings with likwid-bench (Debian package likwid), on one CPU, in interleaved pairs: each pair
// is one round of ours and one short run of theirs, a moment apart, so that clock and neighbours change both.
// It is run by scripts/compare-likwid.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"text/tabwriter"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare with likwid:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("compare-likwid", flag.ContinueOnError)
	n := flags.Int("pairs", 9, "interleaved pairs per comparison")
	only := flags.String("only", "*", "pattern of ceiling IDs")
	processes := flags.Int("processes", 0, "instead: measure in so many processes and print the variation between them")
	one := flags.Bool("once", false, "instead: be one of these processes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *one:
		return once(ctx, w)
	case *processes > 1:
		return repeat(ctx, w, *processes)
	}
	if _, err := exec.LookPath("likwid-bench"); err != nil {
		return fmt.Errorf("%w (install the Debian package likwid)", err)
	}
	levels, err := cache.Topology()
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "CEILING\tLIKWID TEST\tWORKING SET\tOURS\tLIKWID\tOURS/LIKWID\t95 %\tBEST/BEST\tREACHED\tFORM")
	missed := 0
	for _, p := range pairs(levels) {
		if ok, err := path.Match(*only, p.ceiling); err != nil {
			return fmt.Errorf("pattern %q: %w", *only, err)
		} else if !ok {
			continue
		}
		r, err := compare(ctx, p, *n)
		if err != nil {
			return errors.Join(err, tw.Flush())
		}
		verdict := "yes"
		if !r.reached() {
			verdict, missed = fmt.Sprintf("no (%.2f)", p.atLeast), missed+1
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%.3f\t%.3f–%.3f\t%.3f\t%s\t%s\n", p.ceiling, p.test, units.Bytes(p.bytes),
			units.SI(r.ours.Median, r.unit), units.SI(r.theirs.Median, r.unit), r.ratio.Median, r.ratio.Lo, r.ratio.Hi, r.best, verdict, r.note)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if missed > 0 {
		return fmt.Errorf("%d ceilings are lower than they should be", missed)
	}
	return nil
}
