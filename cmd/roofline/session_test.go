package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSessionStory(t *testing.T) {
	storeCeilings(t)
	do := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := invoke(t, args...)
		if code != want {
			t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, stdout, stderr)
		}
		return stdout + stderr
	}
	measure := func(variant string) {
		t.Helper()
		do(exitDone, "measure", "matmul/"+variant+"/f32", "--shape", "24x24x24", "--time-budget", "500ms", "--no-progress")
	}
	if text := do(exitFailed, "session", "log"); !strings.Contains(text, "roofline session start") {
		t.Errorf("without a session: %s", text)
	}
	measure("naive") // not recorded
	do(exitDone, "session", "start", "first")
	measure("naive")
	do(exitDone, "session", "note", "keep", "sums in registers")
	measure("blocked")
	log := do(exitDone, "session", "log")
	for _, part := range []string{"matmul/f32 24x24x24", "naive", "blocked", "1: keep sums in registers"} {
		if !strings.Contains(log, part) {
			t.Errorf("no %q in\n%s", part, log)
		}
	}
	if n := strings.Count(log, "FLOP/s"); n != 2 {
		t.Errorf("%d iterations, want 2:\n%s", n, log)
	}
	if best := do(exitDone, "session", "best", "first"); !strings.Contains(best, "of 2") {
		t.Errorf("%s", best)
	}
	if show := do(exitDone, "session", "show"); !strings.Contains(show, "#2 blocked") || !strings.Contains(show, "wrote roofline-out/session-first.png") {
		t.Errorf("%s", show)
	}
	do(exitUsage, "session", "show", "triad")
	if list := do(exitDone, "session", "list"); list != "* first\n" {
		t.Errorf("%q", list)
	}
	do(exitDone, "report", "first")
	if page, err := os.ReadFile("roofline-out/report.html"); err != nil || !strings.Contains(string(page), "session first: 1 kernel in 2 measurements") {
		t.Errorf("the report does not name its session: %v", err)
	}
	do(exitDone, "session", "export", "all.json")
	var doc struct {
		Name    string
		Records []struct{ Kind, Command string }
	}
	if data, err := os.ReadFile("all.json"); err != nil || json.Unmarshal(data, &doc) != nil || doc.Name != "first" || len(doc.Records) != 4 {
		t.Errorf("%v: %+v", err, doc)
	}
	do(exitDone, "session", "end")
	measure("naive")
	if text := do(exitDone, "session", "log", "first"); strings.Count(text, "FLOP/s") != 2 {
		t.Errorf("recorded after its end:\n%s", text)
	}
	for _, args := range [][]string{{"log", "--session", "first"}, {"show", "first"}, {"show", "matmul", "--session", "first"}} {
		if text := do(exitDone, append([]string{"session"}, args...)...); !strings.Contains(text, "blocked") {
			t.Errorf("%v: %s", args, text)
		}
	}
	if best := do(exitDone, "session", "best", "--session", "first"); !strings.Contains(best, "of 2") {
		t.Errorf("%s", best)
	}
	if text := do(exitFailed, "session", "log"); !strings.Contains(text, "--session first") {
		t.Errorf("it does not say which sessions there are: %s", text)
	}
	do(exitUsage, "session", "start")
	do(exitUsage, "session", "strat", "x")
	do(exitUsage, "session", "start", "../x")
	do(exitFailed, "session", "note", "x")
	do(exitFailed, "session", "log", "second")
}

// What is said into a pipe stands in one line, and a path is as it is.
func TestSayKeepsPaths(t *testing.T) {
	path := "/tmp/two  spaces and\tmore/" + strings.Repeat("deep/", 12) + "first.jsonl"
	var out strings.Builder
	if err := say(&out, "began session first: measure, compare and tune are recorded in", path); err != nil || out.String() != "began session first: measure, compare and tune are recorded in "+path+"\n" {
		t.Errorf("%q, %v", &out, err)
	}
	if text := foldWords([]string{"recorded", "in", path}, 40, "  "); text != "recorded in\n  "+path {
		t.Errorf("%q", text)
	}
}

func TestSessionInAFolderThatCannotBeWritten(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if _, _, errs := invoke(t, "session", "start", "a", "--out", filepath.Join(dir, "out")); !strings.Contains(errs, "permission denied (choose another place with --out DIR)") {
		t.Errorf("%q", errs)
	}
}
