package main

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/testkit"
)

//go:embed programs
var programs embed.FS

func programNames() (names []string, err error) {
	files, err := fs.Glob(programs, "programs/*.c")
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f), ".c"))
	}
	return names, err
}

// needed returns a typed error that names the first program that is not installed.
func needed() error {
	for _, tool := range []string{"cc", "valgrind"} {
		if _, err := exec.LookPath(tool); err != nil {
			return testkit.MissingTool(tool)
		}
	}
	return nil
}

// build compiles a program for the baseline of the architecture, without AVX-512.
func build(ctx context.Context, program, binary string) error {
	if err := needed(); err != nil {
		return err
	}
	dir := binary + ".src"
	if err := os.CopyFS(dir, programs); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	out, err := exec.CommandContext(ctx, "cc", "-O1", "-static", "-o", binary, filepath.Join(dir, "programs", program+".c")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("compile %s: %w\n%s", program, err, out)
	}
	return nil
}

// cachegrind runs the program under cachegrind; the caches of instructions have the geometry of those of data.
func cachegrind(ctx context.Context, dir, binary string, n int, g geometry) (c counts, err error) {
	out := filepath.Join(dir, "cachegrind.out")
	l1 := fmt.Sprintf("%d,%d,64", g.d1Bytes, g.d1Ways)
	cmd := exec.CommandContext(ctx, "valgrind", "--tool=cachegrind", "--cache-sim=yes", "--I1="+l1, "--D1="+l1,
		fmt.Sprintf("--LL=%d,%d,64", g.llBytes, g.llWays), "--cachegrind-out-file="+out, binary, strconv.Itoa(n))
	if text, err := cmd.CombinedOutput(); err != nil {
		return c, fmt.Errorf("%w\n%s", err, text)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return c, err
	}
	return parseSummary(text)
}

// parseSummary reads the totals of cachegrind's output: the line "events:" names what the line "summary:" lists.
func parseSummary(text []byte) (c counts, err error) {
	var names, values []string
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "events:"); ok {
			names = strings.Fields(rest)
		} else if rest, ok := strings.CutPrefix(s.Text(), "summary:"); ok {
			values = strings.Fields(rest)
		}
	}
	if len(names) == 0 || len(names) != len(values) {
		return c, fmt.Errorf("read cachegrind's output: %d events, %d totals", len(names), len(values))
	}
	for i, name := range names {
		v, err := strconv.ParseUint(values[i], 10, 64)
		if err != nil {
			return c, fmt.Errorf("read cachegrind's output: %s: %w", name, err)
		}
		switch name {
		case "Dr", "Dw":
			c.references += v
		case "D1mr", "D1mw":
			c.d1Misses += v
		case "DLmr", "DLmw":
			c.llMisses += v
		}
	}
	return c, nil
}
