// Command emulate-tiles runs a program and executes the tile instructions of AMX for it; see internal/tileemu. On a processor that has
// tiles the program runs as it is.
//
//	emulate-tiles PROGRAM [ARG...]   the exit code is the program's; 1 too when it executed no tile instruction
//	emulate-tiles -check             whether programs can be emulated here: exit code 3 and the reason if not. Where ROOFLINE_MUST_RUN
//	                                 names the reason ("tiles": ptrace is refused, "avx512bf16": what kernels use beside tiles) it is 1
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/tileemu"
)

const cannot = 3

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: emulate-tiles -check | PROGRAM [ARG...]")
		os.Exit(2)
	}
	var code int
	var err error
	switch os.Args[1] {
	case "-nothing": // what -check traces
	case "-check":
		code, err = check()
	default:
		code, err = run(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulate-tiles:", err)
	}
	os.Exit(code)
}

// native says whether the processor executes tile instructions itself.
func native() bool { return cpu.Usable(cpu.AMXBF16) == nil && cpu.Usable(cpu.AMXINT8) == nil }

func check() (int, error) {
	err := cpu.Usable(cpu.AVX512BF16)
	if err == nil && !native() {
		_, err = tileemu.Run(context.Background(), tileemu.Command{Path: "/proc/self/exe", Args: []string{os.Args[0], "-nothing"}})
	}
	var u interface{ Unsupported() string }
	if err == nil {
		return 0, nil
	} else if !errors.As(err, &u) {
		return 1, err
	}
	must := strings.FieldsFunc(os.Getenv("ROOFLINE_MUST_RUN"), func(c rune) bool { return c == ',' || c == ' ' })
	if slices.Contains(must, "all") || slices.Contains(must, u.Unsupported()) {
		return 1, fmt.Errorf("ROOFLINE_MUST_RUN=%s: must run here, but %w", os.Getenv("ROOFLINE_MUST_RUN"), err)
	}
	return cannot, err
}

func run(args []string) (int, error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return 1, err
	}
	if native() {
		return 1, fmt.Errorf("run %s: %w", path, syscall.Exec(path, args, os.Environ()))
	}
	res, err := tileemu.Run(context.Background(), tileemu.Command{Path: path, Args: args, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Log: os.Stderr})
	if err != nil {
		return 1, err
	}
	for _, name := range slices.Sorted(maps.Keys(res.Executed)) {
		fmt.Fprintf(os.Stderr, "emulate-tiles: %s %d\n", name, res.Executed[name])
	}
	if res.Exit == 0 && len(res.Executed) == 0 {
		return 1, fmt.Errorf("%s executed no tile instruction", path)
	}
	return res.Exit, nil
}
