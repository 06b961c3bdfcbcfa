package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// commands returns the arguments of every "$ roofline …" line in the fenced blocks of a page.
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
		if args, ok := strings.CutPrefix(line, "$ roofline "); ok && fenced {
			args, _, _ = strings.Cut(args, " #")
			all = append(all, strings.Fields(strings.ReplaceAll(args, "'", "")))
		}
	}
	return all
}

// TestDocumentedCommands runs every documented command in-process: what the documentation shows must work as shown.
// Commands that measure ceilings for their own sake take minutes and run in scripts/readme instead.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every documented command in turn, for minutes")
	}
	pages := documents(t)
	storeCeilings(t)
	seen := 0
	for _, page := range pages {
		for _, args := range commands(t, page) {
			slow := args[0] == "ceilings" && len(args) > 1
			if args[0] == "measure" && !slices.Contains(args, "--time-budget") && !slices.Contains(args, "--") {
				args = append(args, "--time-budget", "4s")
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
