package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"

	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// filler follows every instruction: a decoder that reads on sees other bytes than the ones in the object.
var filler = []byte{0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc}

// checkFile compares all code sections of an object.
func checkFile(ctx context.Context, r *report, file string) error {
	return disassemble(ctx, r, "-d", file)
}

// disassemble runs objdump with args and compares each line.
func disassemble(ctx context.Context, r *report, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "objdump", append([]string{"-w", "-M", "intel", "--insn-width=32"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run objdump: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run objdump: %w", err)
	}
	if err := compareLines(r, out); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("run objdump %v: %w", args, err)
	}
	return nil
}

func compareLines(r *report, out io.Reader) error {
	sc := bufio.NewScanner(out)
	sc.Buffer(make([]byte, 1<<16), 1<<20)
	buf := make([]byte, 0, 64)
	for sc.Scan() {
		l, ok := objdump.Parse(sc.Bytes(), buf)
		if !ok {
			continue
		}
		res := objdump.Compare(l, filler)
		r.add(l, &res)
	}
	return sc.Err()
}
