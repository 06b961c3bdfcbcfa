package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// documents are the pages whose commands and links are tested.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, "../../README.md")
	for i, p := range pages {
		if pages[i], err = filepath.Abs(p); err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

// commands returns every "$ roofline …" and "$ cc …" line in the fenced blocks of a page, split into words.
func commands(t *testing.T, page string) (all [][]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fenced := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if words, ok := strings.CutPrefix(line, "$ "); ok && fenced {
			words, _, _ = strings.Cut(words, " #")
			all = append(all, strings.Fields(strings.ReplaceAll(words, "'", "")))
		}
	}
	return all
}

// TestDocumentedCommands runs every documented command in-process: what the documentation shows must work as shown, but for the
// time: nobody reads the numbers here, so that a measurement gets two seconds, the tutorial's products, whose textbook version
// takes a minute and a half to simulate, are smaller, and calls of the default shapes, which are large, are not simulated. Commands
// that measure ceilings for their own sake take minutes and run in scripts/readme instead.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every documented command in turn, for minutes")
	}
	pages := documents(t)
	storeCeilings(t)
	if err := os.Symlink(filepath.Dir(pages[0]), "docs"); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, page := range pages {
		if filepath.Base(page) == "tutorial.md" && cpu.Usable(cpu.AVX512) != nil {
			continue // its kernels are written for it
		}
		for _, words := range commands(t, page) {
			if words[0] == "cc" {
				compile(t, words)
				continue
			}
			if words[0] != "roofline" {
				t.Errorf("%s: nobody runs %q", filepath.Base(page), words[0])
				continue
			}
			args := words[1:]
			slow := args[0] == "ceilings" && len(args) > 1
			if args[0] == "measure" && !slices.Contains(args, "--time-budget") && !slices.Contains(args, "--") {
				args = append(args, "--time-budget", "2s")
				if !slices.Contains(args, "--shape") && !slices.Contains(args, "--object") {
					args = append(args, "--source", "instrumented,analytic")
				}
			}
			for i := range args {
				args[i] = strings.Replace(args[i], "matmul:768x768x768", "matmul:192x192x192", 1)
			}
			t.Run(filepath.Base(page)+" "+strings.Join(args, " "), func(t *testing.T) {
				if slow {
					t.Skip("measures ceilings for minutes; scripts/readme runs it")
				}
				if code, _, stderr := invoke(t, args...); code != exitDone {
					t.Errorf("exit code %d: %s", code, stderr)
				}
			})
			seen++
		}
	}
	if seen < 5 {
		t.Errorf("only %d documented commands found", seen)
	}
}

var (
	span  = regexp.MustCompile("`(roofline [^`]+)`")
	quote = regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)
)

// shownCommands returns every command line of roofline that a page shows and nobody runs, because it needs a file of the reader's or takes long.
func shownCommands(t *testing.T, page string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fenced := false
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
		block := fenced || strings.HasPrefix(line, "    ")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if block && strings.HasPrefix(line, "roofline ") {
			lines = append(lines, line)
		}
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			if !block {
				lines = append(lines, m[1])
			}
		}
	}
	return lines
}

// TestWrittenCommands checks that the commands and the flags exist in what nobody runs, and that the flags can have those values.
func TestWrittenCommands(t *testing.T) {
	seen := 0
	for _, page := range documents(t) {
		for _, line := range shownCommands(t, page) {
			line, _, _ = strings.Cut(line, " > ")
			line, _, _ = strings.Cut(line, " # ")
			line = strings.Replace(line, "--threads N", "--threads 2", 1)
			args := quote.FindAllString(line, -1)[1:]
			for i := range args {
				args[i] = strings.Trim(args[i], `'"`)
			}
			root := newRoot(io.Discard, io.Discard)
			root.InitDefaultHelpCmd()
			cmd, rest, err := root.Find(args)
			switch {
			case err != nil:
				t.Errorf("%s: %s: %v", filepath.Base(page), line, err)
			case !cmd.DisableFlagParsing:
				err := cmd.ParseFlags(rest)
				if err != nil && !strings.Contains(err.Error(), "needs an argument") { // prose names a flag without its value
					t.Errorf("%s: %s: %v", filepath.Base(page), line, err)
				}
			}
			seen++
		}
	}
	if seen < 40 {
		t.Errorf("only %d commands found", seen)
	}
}

// compile runs a compiler as documented, in the directory of the commands.
func compile(t *testing.T, words []string) {
	t.Helper()
	if _, err := exec.LookPath(words[0]); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool(words[0]))
	}
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", strings.Join(words, " "), err, out)
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

func TestDocumentedLinks(t *testing.T) {
	for _, page := range documents(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", filepath.Base(page), m[1], err)
			}
		}
	}
}
