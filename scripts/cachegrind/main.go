// Command cachegrind compares our cache simulator with Valgrind's cachegrind (Debian package valgrind): small C programs run
// under cachegrind, and the addresses that its sister tool lackey sees of the same program go through our simulator with the
// same geometry. The misses of both levels must agree within 2 %. It is run by scripts/check-cachegrind.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "check against cachegrind:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("check-cachegrind", flag.ContinueOnError)
	n := flags.Int("n", 96, "size of the problems, 16 to 256")
	only := flags.String("only", "", "programs, separated by commas; all if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	programs, err := programNames()
	if err != nil {
		return err
	}
	if *only != "" {
		programs = strings.Split(*only, ",")
	}
	dir, err := os.MkdirTemp("", "check-cachegrind")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "PROGRAM\tGEOMETRY\tCOUNT\tOURS\tCACHEGRIND\tDIFFERENCE")
	apart := 0
	for _, p := range programs {
		results, err := check(ctx, dir, p, *n)
		if err != nil {
			return err
		}
		for _, r := range results {
			verdict := ""
			if !r.agrees() {
				apart++
				verdict = "  too far"
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%d\t%+.3f %%%s\n", p, r.geometry, r.what, r.ours, r.theirs, 100*r.difference(), verdict)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if apart > 0 {
		return fmt.Errorf("%d counts differ by more than %g %%", apart, 100*tolerance)
	}
	return nil
}
