// Command decoder compares package decode with objdump, over whole objects or over the opcode space.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "check-decoder:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer, args []string) error {
	flags := flag.NewFlagSet("check-decoder", flag.ContinueOnError)
	synth := flags.Bool("opcodes", false, "compare over the whole opcode space instead of objects")
	sample := flags.String("sample", "", "write distinct encodings with objdump's answer to this file (gzip)")
	examples := flags.Int("examples", 3, "examples printed per kind of mismatch")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r := newReport(*examples)
	if *sample != "" {
		r.sample = newSample()
	}
	if *synth {
		if err := checkOpcodes(ctx, r); err != nil {
			return err
		}
	}
	for _, file := range flags.Args() {
		if err := checkFile(ctx, r, file); err != nil {
			return err
		}
		r.fileDone(stdout, file)
	}
	r.print(stdout)
	if *sample != "" {
		if err := r.sample.write(*sample); err != nil {
			return err
		}
	}
	if r.total.mismatches() > 0 {
		return errors.New("unexplained mismatches")
	}
	return nil
}
