package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// TestMain lets tests start this program again: a hidden command given to the test binary is run by the program.
// asRoofline is the variable that makes the test binary the program.
const asRoofline = "ROOFLINE_TEST_AS_ROOFLINE"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "__") || os.Getenv(asRoofline) != "" {
		main()
	}
	os.Unsetenv(helper.Env) // nobody else's helper is tested
	testkit.HideProgram("roofline-native")
	code := m.Run()
	for _, path := range removeAtEnd {
		os.RemoveAll(path)
	}
	os.Exit(code)
}

func TestCompareKernelsLive(t *testing.T) {
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "compare", "matmul/naive/f32", "matmul/blocked/f32", "--shape", "16x16x16", "--pairs", "6",
		"--time-budget", "20ms", "--no-progress", "--json", "c.json")
	if code != exitDone {
		t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
	}
	for _, part := range []string{"matmul/naive/f32 → matmul/blocked/f32 16x16x16", "6 pairs", "not counted:  flops"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %q in\n%s", part, stdout)
		}
	}
	var doc struct {
		Schema      string
		Comparisons []struct {
			Base, New struct{ Times []float64 }
			Verdict   struct{ Outcome string }
		}
	}
	data, err := os.ReadFile("c.json")
	if err != nil || json.Unmarshal(data, &doc) != nil || doc.Schema != "roofline/compare/v1" || len(doc.Comparisons) != 1 {
		t.Fatalf("%v: %s", err, data)
	}
	if c := doc.Comparisons[0]; len(c.Base.Times) != 6 || len(c.New.Times) != 6 || c.Verdict.Outcome == "" {
		t.Errorf("%+v", c)
	}
}

func TestCompareStoredResults(t *testing.T) {
	storeCeilings(t)
	for _, dir := range []string{"a", "b"} {
		if code, _, stderr := invoke(t, "measure", "matmul/naive/f32", "--shape", "16x16x16", "--time-budget", "500ms", "--no-progress", "--out", dir); code != exitDone {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
	}
	for _, args := range [][]string{{"a/result.json", "b/result.json"}, {"a/results.jsonl", "b/result.json"}} {
		code, stdout, stderr := invoke(t, append([]string{"compare"}, args...)...)
		if code != exitDone || !strings.Contains(stdout, "matmul/naive/f32 16x16x16") || !strings.Contains(stdout, "one process each") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// Times of two machines are shown and not judged: both are named, the roofline of neither is drawn, and the best of a story
// is that of one machine.
func TestResultsOfTwoMachines(t *testing.T) {
	storeCeilings(t)
	measureDot(t)
	data, err := os.ReadFile("roofline-out/result.json")
	if err != nil {
		t.Fatal(err)
	}
	var here roofline.Result
	if err := json.Unmarshal(data, &here); err != nil {
		t.Fatal(err)
	}
	other := here
	other.Machine.Fingerprint, other.Machine.CPU.Name = "0123456789ab", "Another Processor"
	other.Time = "2020-01-02T03:04:05Z"
	var store []byte
	for _, r := range []*roofline.Result{&other, &here} {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(r.Machine.Fingerprint+".json", line, 0o644); err != nil {
			t.Fatal(err)
		}
		store = append(append(store, line...), '\n')
	}
	if err := os.WriteFile("both.jsonl", store, 0o644); err != nil {
		t.Fatal(err)
	}
	const base = "0123456789ab.json"
	new := here.Machine.Fingerprint + ".json"
	code, stdout, stderr := invoke(t, "compare", base, new, "--format", "benchfmt", "--out", "two")
	if code != exitDone || !strings.Contains(strings.Join(strings.Fields(stdout), " "), base+" was measured on Another Processor (0123456789ab)") || strings.Contains(stderr, "two/compare.png") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if text, _ := os.ReadFile("two/compare-base.txt"); !bytes.Contains(text, []byte("Another Processor")) {
		t.Errorf("the samples of the base are of another machine:\n%.300s", text)
	}
	if code, _, stderr := invoke(t, "compare", base, base, "--out", "one"); code != exitDone {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if svg, _ := os.ReadFile("one/compare.svg"); !bytes.Contains(svg, []byte("Another Processor")) || !bytes.Contains(svg, []byte("2020-01-02 03:04 UTC")) {
		t.Error("the chart of stored results does not name their machine and time")
	}
	for _, c := range []struct{ args, file, want string }{
		{base + " " + new + " --chart ab", "ab.svg", "was measured on Another Processor"},
		{"both.jsonl --chart trajectory", "both-trajectory.svg", "2 steps, best on it: #2 · earlier on 1 other machine"},
		{"both.jsonl --chart trajectory", "both-trajectory.svg", "on another machine: "},
	} {
		code, _, stderr := invoke(t, append([]string{"plot", "--out", "charts"}, strings.Fields(c.args)...)...)
		if svg, _ := os.ReadFile("charts/" + c.file); code != exitDone || !bytes.Contains(svg, []byte(c.want)) {
			t.Errorf("plot %s: exit code %d, no %q in it: %s", c.args, code, c.want, stderr)
		}
	}
	if code, _, stderr := invoke(t, "report", base, new, "--out", "page"); code != exitDone {
		t.Errorf("report: exit code %d: %s", code, stderr)
	}
	if page, _ := os.ReadFile("page/report.html"); !bytes.Contains(page, []byte("was measured on Another Processor (0123456789ab)")) {
		t.Error("the report of two machines does not name the first")
	}
}

func TestCompareGateOnCommands(t *testing.T) {
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	t.Chdir(t.TempDir())
	sleep := func(s string) []string { return []string{"sleep", s} }
	gate := func(base, new []string, more ...string) (int, string) {
		args := append([]string{"compare", "--gate", "--pairs", "12", "--no-progress", "--gate-time", "0.5", "--junit", "j.xml", "--summary", "s.md"}, more...)
		args = append(append(append(append(args, "--"), base...), "---"), new...)
		code, stdout, stderr := invoke(t, args...)
		for range 2 { // a machine too busy to tell 10 × says so, and may be calm later
			if code != exitUnfit {
				break
			}
			code, stdout, stderr = invoke(t, args...)
		}
		return code, stdout + stderr
	}
	if code, _, stderr := invoke(t, "session", "start", "gated"); code != exitDone {
		t.Fatal(stderr)
	}
	if code, text := gate(sleep("0.02"), sleep("0.2")); code != exitRegression || !strings.Contains(text, "gate: regression") {
		t.Errorf("ten times slower: exit code %d\n%s", code, text)
	}
	for file, want := range map[string]string{"j.xml": `failures="1"`, "s.md": "Performance gate: regression"} {
		if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v\n%s", file, err, data)
		}
	}
	if _, stdout, stderr := invoke(t, "session", "log"); !strings.Contains(stdout, "gate: regression") {
		t.Errorf("the session has no ruling:\n%s%s", stdout, stderr)
	}
	if code, text := gate(sleep("0.2"), sleep("0.02")); code != exitDone || !strings.Contains(text, "gate: pass") {
		t.Errorf("ten times faster: exit code %d\n%s", code, text)
	}
	if code, text := gate(sleep("0.02"), []string{"false"}); code != exitFailed || !strings.Contains(text, "run false: exit status 1") {
		t.Errorf("a failing command: exit code %d\n%s", code, text)
	}
}

func TestCompareStoresNoiseFloor(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ROOFLINE_CACHE", dir)
	code, stdout, stderr := invoke(t, "compare", "--aa", "--pairs", "12", "--no-progress", "--", "true")
	if code != exitDone || !strings.Contains(stdout, "noise floor of command comparisons of 6 pairs here: ") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	found, _ := filepath.Glob(filepath.Join(dir, "floors-*.json"))
	if len(found) != 1 {
		t.Fatalf("stored: %v", found)
	}
	before, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	// fewer pairs are shown, and do not take the place of what is stored
	code, stdout, stderr = invoke(t, "compare", "--aa", "--pairs", "4", "--no-progress", "--json", "-", "--", "true")
	var doc struct {
		Schema, Machine, Kind string
		Values                []struct{ Pairs, Comparisons int }
	}
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || code != exitDone || !strings.Contains(stderr, "noise floor of") {
		t.Fatalf("as JSON: exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if doc.Schema != "roofline/floor/v1" || doc.Machine == "" || doc.Kind != "command" || len(doc.Values) != 1 || doc.Values[0].Pairs != 2 {
		t.Errorf("%+v", doc)
	}
	if !strings.Contains(stderr, "not stored") {
		t.Errorf("nothing says that it was not stored: %s", stderr)
	}
	if after, err := os.ReadFile(found[0]); err != nil || !bytes.Equal(before, after) {
		t.Errorf("2 pairs replaced the floor of 6: %v\n%s", err, after)
	}
	if code, _, stderr := invoke(t, "compare", "--aa", "--gate", "--", "true"); code != exitUsage || !strings.Contains(stderr, "--gate") {
		t.Errorf("--aa --gate: exit code %d: %s", code, stderr)
	}
}

// Where what is found could not be stored, nothing is run for it.
func TestNowhereToStore(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOFLINE_CACHE", "file")
	code, _, stderr := invoke(t, "compare", "--aa", "--pairs", "4", "--", "sh", "-c", "echo > ran")
	if code != exitFailed || !strings.Contains(stderr, "set ROOFLINE_CACHE to a directory that can be written") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("the command was run")
	}
	for _, flag := range []string{"--json", "--junit", "--summary"} {
		code, _, stderr := invoke(t, "compare", "--gate", flag, ".", "--", "true", "---", "true")
		if code != exitUsage || !strings.Contains(stderr, flag+" . is a directory") {
			t.Errorf("a directory for %s: exit code %d: %s", flag, code, stderr)
		}
		code, _, stderr = invoke(t, "compare", "--gate", flag, "none/f", "--", "true", "---", "true")
		if code != exitFailed || !strings.Contains(stderr, "write "+flag+" none/f: create a file in none: no such file") {
			t.Errorf("no directory for %s: exit code %d: %s", flag, code, stderr)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	storeCeilings(t)
	if err := os.WriteFile("empty.json", []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"matmul/naive/f32"}, exitUsage, "takes BASE and NEW"},
		{[]string{"matmul/naive/f32", "empty.json"}, exitUsage, "two of a kind"},
		{[]string{"empty.json", "."}, exitUsage, ". is a directory; name a result in it, e.g. result.json"},
		{[]string{"matmul/naive/f32", "triad/naive/f32"}, exitUsage, "different operations"},
		{[]string{"matmul/naiv/f32", "matmul/naive/f32"}, exitUsage, "naiv"},
		{[]string{"empty.json", "empty.json"}, exitFailed, "schema"},
		{[]string{"none.json", "empty.json"}, exitFailed, "none.json"},
		{[]string{"--pairs", "-1", "a", "b"}, exitUsage, "--pairs"},
		{[]string{"--gate", "--gate-time", "-0.1", "a", "b"}, exitUsage, "the share must be positive"},
		{[]string{"--gate", "--gate-file", "none", "a", "b"}, exitUsage, "none"},
		{[]string{"--gate-time", "0.05", "a", "b"}, exitUsage, "add --gate"},
		{[]string{"--junit", "j.xml", "a", "b"}, exitUsage, "add --gate"},
		{[]string{"--quick", "empty.json", "empty.json"}, exitUsage, "--quick means nothing to stored results"},
		{[]string{"--threads", "2", "empty.json", "empty.json"}, exitUsage, "--threads means nothing to stored results"},
		{[]string{"--pairs", "3", "empty.json", "empty.json"}, exitUsage, "--pairs means nothing to stored results"},
		{[]string{"--threads", "2", "--", "true", "---", "true"}, exitUsage, "--threads means nothing to commands"},
		{[]string{"--", "true"}, exitUsage, "---"},
		{[]string{"--", "true", "---"}, exitUsage, "---"},
	} {
		code, _, stderr := invoke(t, append([]string{"compare"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s", c.args, code, c.code, c.want, stderr)
		}
	}
}
