package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"

	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// filler follows every instruction: a decoder that reads on sees other bytes than the ones in the object.
var filler = []byte{0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc}

// checkFile compares all code sections of an object.
func checkFile(ctx context.Context, r *report, file string) error {
	return disassemble(ctx, func(l objdump.Line) {
		res := objdump.Compare(l, filler)
		r.add(l, &res)
	}, "-d", file)
}

// disassemble runs objdump with args and hands on each instruction. The line's bytes are valid during the call only.
func disassemble(ctx context.Context, each func(objdump.Line), args ...string) error {
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
	sc := bufio.NewScanner(out)
	sc.Buffer(make([]byte, 1<<16), 1<<20)
	buf := make([]byte, 0, 64)
	for sc.Scan() {
		if l, ok := objdump.Parse(sc.Bytes(), buf); ok {
			each(l)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read objdump's output: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("run objdump %v: %w", args, err)
	}
	return nil
}
