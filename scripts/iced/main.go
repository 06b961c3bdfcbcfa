// Command iced adds to a sample of encodings what iced-x86 says about them: length, flags, registers, memory accesses. The
// tests of package decode compare with it; iced itself is not needed then.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "iced:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("iced", flag.ContinueOnError)
	wasm := flags.String("wasm", "", "iced_x86_bg.wasm of the npm package iced-x86")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *wasm == "" || flags.NArg() != 2 {
		return errors.New("usage: iced -wasm FILE SAMPLE-IN SAMPLE-OUT")
	}
	x, err := loadIced(ctx, *wasm)
	if err != nil {
		return err
	}
	lines, err := readLines(flags.Arg(0))
	if err != nil {
		return err
	}
	refused := 0
	for i, line := range lines {
		fields := strings.Split(line, "\t")
		code, err := hex.DecodeString(fields[0])
		if err != nil {
			return fmt.Errorf("read sample line %d: %w", i+1, err)
		}
		addr, err := strconv.ParseUint(fields[1], 16, 64)
		if err != nil {
			return fmt.Errorf("read sample line %d: %w", i+1, err)
		}
		statement := "refused"
		if n := x.decode(ctx, code, addr); n > 0 {
			statement = x.factsOf(ctx, n).String()
		} else {
			refused++
		}
		if x.failed != nil {
			return fmt.Errorf("ask iced about %s: %w", fields[0], x.failed)
		}
		lines[i] = strings.Join(append(fields[:3], statement), "\t")
	}
	fmt.Printf("%d encodings, of which iced-x86 refuses %d\n", len(lines), refused)
	return writeLines(flags.Arg(1), lines)
}

func readLines(name string) (lines []string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	sc := bufio.NewScanner(z)
	for sc.Scan() {
		lines = append(lines, sc.Text())
	}
	return lines, sc.Err()
}

func writeLines(name string, lines []string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(z, l); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Close()
}
