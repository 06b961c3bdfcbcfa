// Command encodings checks the event tables of perf/uarch against encoders that others wrote: the tables built into perf(1)
// and libpfm4. It is run by scripts/check-encodings. Differences that are understood stand in known.csv; any other makes it fail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"text/tabwriter"

	"github.com/roofline-go/roofline/perf/uarch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "check encodings:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("check-encodings", flag.ContinueOnError)
	perf := flags.String("perf", "perf", "the perf to ask")
	pfm := flags.String("pfm", "", "the program built from pfm/pfm.c; comma-separated ones are asked in turn")
	only := flags.String("only", "*", "pattern of microarchitectures")
	all := flags.Bool("v", false, "list every event that was not checked by name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	known, err := readKnown()
	if err != nil {
		return err
	}
	names, err := readNames()
	if err != nil {
		return err
	}
	libpfm, err := newLibpfm(ctx, *pfm, names)
	if err != nil {
		return err
	}
	linux, err := newPerf(ctx, *perf)
	if err != nil {
		return err
	}
	r := report{known: known}
	for _, name := range uarch.Names() {
		if ok, err := path.Match(*only, name); err != nil {
			return fmt.Errorf("pattern %q: %w", *only, err)
		} else if !ok {
			continue
		}
		table, err := uarch.Lookup(name)
		if err != nil {
			return err
		}
		if err := r.check(ctx, table, linux, libpfm); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return r.write(w, linux.version, *all)
}

// answer is what an oracle, somebody else's encoder, says about one event.
type answer struct {
	code    uarch.Code
	unknown string // why it says nothing; "" where it gave a code
}

func (r *report) check(ctx context.Context, t *uarch.Table, linux *perfTool, libpfm *libpfm) error {
	events := t.Events
	byName, err := linux.encode(ctx, t, events)
	if err != nil {
		return err
	}
	byField, err := linux.encodeFields(ctx, t, events)
	if err != nil {
		return err
	}
	byPfm, err := libpfm.encode(ctx, t, events)
	if err != nil {
		return err
	}
	for i, e := range events {
		r.add(e, byName[i], byPfm[i], byField[i])
	}
	return nil
}

func (r *report) write(w io.Writer, version string, all bool) error {
	fmt.Fprintf(w, "Events of perf/uarch against %s and libpfm4.\n", version)
	fmt.Fprintln(w, "PERF, LIBPFM4: events whose code is the one in their own table, by name, or differs as explained below.")
	fmt.Fprintln(w, "FIELDS: events that perf's encoder puts together from our fields and format as we do.")
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "UARCH\tEVENTS\tPERF\tLIBPFM4\tEITHER\tFIELDS\tNOT BY NAME, BECAUSE")
	for _, t := range r.tallies {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", t.name, t.events, t.perf, t.pfm, t.either, t.fields, t.reasons())
	}
	sum := r.sum()
	fmt.Fprintf(tw, "all\t%d\t%d\t%d\t%d\t%d\t\n", sum.events, sum.perf, sum.pfm, sum.either, sum.fields)
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, line := range r.explained {
		fmt.Fprintln(w, "explained:", line)
	}
	for _, line := range r.suspect {
		fmt.Fprintln(w, "suspect:", line)
	}
	if all {
		for _, line := range r.unchecked {
			fmt.Fprintln(w, "not checked by name:", line)
		}
	}
	for _, line := range r.unexplained {
		fmt.Fprintln(w, "DIFFERS:", line)
	}
	switch {
	case len(r.unexplained) > 0:
		return fmt.Errorf("%d codes differ and nothing in known.csv explains it", len(r.unexplained))
	case sum.either == 0 || sum.fields == 0:
		return errors.New("nothing was checked")
	}
	return nil
}
