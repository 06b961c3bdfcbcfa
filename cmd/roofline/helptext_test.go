package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/roofline-go/roofline/kernels"
)

// Help fits a terminal of 80 columns, as output that is no terminal is, but for words that are longer.
func TestHelpFits(t *testing.T) {
	root := newRoot(nil, nil)
	for _, command := range append(root.Commands(), root) {
		_, out, _ := invoke(t, strings.Fields(strings.TrimPrefix(command.CommandPath(), "roofline")+" --help")...)
		for _, line := range strings.Split(out, "\n") {
			if utf8.RuneCountInString(line) > 80 && !strings.HasPrefix(line, "  roofline ") {
				t.Errorf("%s: %d characters: %s", command.Name(), utf8.RuneCountInString(line), line)
			}
		}
		for _, vague := range []string{" strings ", " string ", " stringArray ", " float ", " duration "} {
			if strings.Contains(out, vague) {
				t.Errorf("%s: a flag takes%sinstead of a name for it:\n%s", command.Name(), vague, out)
			}
		}
	}
}

func TestProse(t *testing.T) {
	text := "one two three\nfour\n\n  key    what it is for\n  other  x\n  plain words that are many"
	want := "one two\nthree four\n\n  key    what it is for\n  other  x\n  plain words that are\n  many"
	if got := prose(text, 12); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is wrong with a value is said without the names of functions of Go, and of many kernels at once.
func TestPlainComplaints(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"measure --threads x":                  `roofline: invalid argument "x" for "--threads" flag: it takes a whole number; see roofline measure --help`,
		"measure --time-budget 3":              "give the unit, e.g. 30s or 100ms; see",
		"measure --time-budget x":              "it takes a time, e.g. 30s or 100ms; see",
		"measure --report=x":                   "it takes true or false; see",
		"compare --gate-time x a b":            "it takes a number; see",
		"measure --json missing/x.json matmul": "write --json missing/x.json: create a file in missing: no such file or directory (",
		"session nonsense":                     `unknown session command "nonsense"; see`,
		"session en":                           `did you mean "end"?`,
		"gate":                                 "(it is roofline compare --gate); see",
		"version":                              "(it is roofline --version); see",
		"measure matmul/bets/f32":              `did you mean "matmul/best/f32"?`,
		"measure mtmul/best":                   `did you mean "matmul/best"?`,
		"explain dcode/best/f32":               `did you mean "decode/best/f32"?`,
		"tune mtmul/bset":                      `did you mean "matmul/best"?`,
	} {
		if _, _, errs := invoke(t, append(strings.Fields(args), "--out="+t.TempDir())...); !strings.Contains(errs, want) {
			t.Errorf("%s: %q, want %q", args, errs, want)
		}
	}
	var m misfits
	for _, k := range kernels.All()[:5] {
		m.add(k, errors.New("too flat"))
	}
	m.add(kernels.All()[6], errors.New("too round"))
	if got := m.lines(); len(got) != 2 || !strings.HasSuffix(got[0], "/f32 and 4 more: no --shape fits: too flat") || !strings.HasSuffix(got[1], ": no --shape fits: too round") {
		t.Errorf("%q", got)
	}
}

// A limit of the system that is behind an error has its cure, unless the error has it already.
func TestLimitCure(t *testing.T) {
	for err, want := range map[error]string{
		fmt.Errorf("open x: %w", syscall.EMFILE):                                "ulimit -n 1024",
		errors.Join(errors.New("a"), fmt.Errorf("write x: %w", syscall.ENOSPC)): "--out DIR",
		fmt.Errorf("write x: %w", syscall.EFBIG):                                "ulimit -f",
		fmt.Errorf("count: %w (raise it: ulimit -n 4096)", syscall.EMFILE):      "",
		fmt.Errorf("open x: %w", syscall.EACCES):                                "",
	} {
		if cure := limitCure(err); !strings.Contains(cure, want) || (cure == "") != (want == "") {
			t.Errorf("%v: %q, want %q", err, cure, want)
		}
	}
}

func TestBriefSaysEachLineOnce(t *testing.T) {
	full := errors.New("write /dev/stdout: no space left on device")
	if got := brief(errors.Join(fmt.Errorf("print table: %w", full), full, full, errors.New("other"))); got != "print table: write /dev/stdout: no space left on device\nother" {
		t.Errorf("%q", got)
	}
}

// An interrupt is called by its signal, however deep it was noticed.
func TestInterruptIsNamed(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("interrupt signal received"))
	var stderr strings.Builder
	if code := run(ctx, io.Discard, &stderr, []string{"doctor", "--no-progress"}); code != exitFailed || !strings.Contains(stderr.String(), "interrupt signal received") || strings.Contains(stderr.String(), "context canceled") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

func TestFolded(t *testing.T) {
	table := "NAME  WHAT IT IS\na     one two three four five six seven\nc\nbb    8\n"
	want := "NAME\n    WHAT IT IS\na\n    one two three four\n    five six seven\nc\nbb\n    8\n"
	if got := folded(table, "WHAT IT IS", 25); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	shapes := "NAME  SHAPE  WHAT IT IS\nabcd  1x2    one two three\n"
	for width, want := range map[int]string{
		40: shapes,
		20: "NAME  SHAPE\n    WHAT IT IS\nabcd  1x2\n    one two three\n",
		10: "NAME\n    SHAPE\n    WHAT IT IS\nabcd\n    1x2\n    one two three\n",
	} {
		if got := fitted(shapes, width, "WHAT IT IS", "SHAPE"); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
	var r reasons
	var out strings.Builder
	for _, name := range []string{"x", "y", "z"} {
		r.add(errors.New("too "+map[bool]string{true: "old", false: "new"}[name != "y"]), name)
	}
	if err := r.print(&out); err != nil || out.String() != "\ntoo old: x, z\n\ntoo new: y\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
