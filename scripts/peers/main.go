// Command peers compares the kernels of this module for matmul, attention or decode with other libraries and with this machine's ceilings. For every
// shape the kernel, the libraries, and the loops that measure the ceilings are timed in turns, in one run; the table has the
// medians, and the ratios with their intervals. See docs/peers.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native/helper"
	"github.com/roofline-go/roofline/roofline/native/peer"
)

// options are the flags.
type options struct {
	kernel, dtypes, shapes, peers, variant string
	threads                                int
	budget                                 time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.kernel, "kernel", "matmul", "compare this `OPERATION`: matmul, attention or decode")
	flag.StringVar(&o.dtypes, "dtype", "", "compare these `TYPES`: f32, f64, f16, bf16, int8")
	flag.StringVar(&o.shapes, "shape", "", "compare at these `SHAPES`: MxNxK,… or \"h=1,q=512,d=64 h=8,…\"")
	flag.StringVar(&o.peers, "peer", "", "compare with these `LIBRARIES`: NAME[=FILE][@KERNEL], names are "+strings.Join(peer.Names(), ", "))
	flag.StringVar(&o.variant, "variant", "", "compare this `VARIANT` of the kernel; default: the last that runs here")
	flag.IntVar(&o.threads, "threads", 1, "run on `N` pinned threads")
	flag.DurationVar(&o.budget, "time-budget", 4*time.Second, "`TIME` for the samples of a row of the table")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "usage: scripts/compare-peers [flags]; see docs/peers.md\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "compare-peers: %q is no flag; shapes are named by --shape\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compare-peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, w io.Writer) error {
	what, err := find(o.kernel)
	if err != nil {
		return err
	}
	o.dtypes, o.shapes, o.peers = cmp.Or(o.dtypes, what.dtypes), cmp.Or(o.shapes, what.shapes), cmp.Or(o.peers, what.peers)
	shapes, err := what.parse(o.shapes)
	if err != nil {
		return err
	}
	for dtype := range strings.SplitSeq(o.dtypes, ",") {
		if _, err := kernels.Find(what.op + "/*/" + dtype); err != nil {
			return err
		}
	}
	host, _, err := machine.Describe()
	if err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	var specs []peer.Spec
	for text := range strings.SplitSeq(o.peers, ",") {
		s, err := peer.ParseSpec(text)
		if err != nil {
			return err
		}
		specs = append(specs, s)
	}
	program, err := helper.Find(ctx, func(text string) { fmt.Fprintln(os.Stderr, text) })
	if err != nil {
		return err
	}
	libraries, err := peer.Open(program, specs, o.threads)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %d thread(s), %s\n", host.CPU.Name, o.threads, time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	for _, l := range libraries {
		fmt.Fprintf(w, "%s: %s (%s)\n", l.Variant, l.File, l.Version)
	}
	var errs []error
	for dtype := range strings.SplitSeq(o.dtypes, ",") {
		t := table{options: o, subject: what, shapes: shapes, host: host, libraries: libraries, dtype: kernels.DType(dtype)}
		errs = append(errs, t.print(ctx, w))
	}
	for _, l := range libraries {
		for _, note := range l.Notes() {
			fmt.Fprintln(w, note)
		}
	}
	return errors.Join(errs...)
}
