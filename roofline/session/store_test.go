package session

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// record makes a small valid result that is told apart by its fingerprint.
func record(fingerprint string) *roofline.Result {
	res := roofline.NewResult(roofline.Machine{Fingerprint: fingerprint})
	res.Ceilings = []roofline.Ceiling{{ID: "bandwidth.load.L1", Kind: "bandwidth", Op: "load", Level: "L1", Threads: 1,
		Unit: "B/s", Value: stats.Estimate{Median: 2, Lo: 1, Hi: 3, N: 6}, Note: "a\nb"}}
	return res
}

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "new", "dir"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func appendAll(t *testing.T, s *Store, fingerprints ...string) {
	t.Helper()
	for _, f := range fingerprints {
		if err := s.Append(record(f)); err != nil {
			t.Fatal(err)
		}
	}
}

// prints lists the fingerprints of the records in the store, and how many lines were skipped.
func prints(t *testing.T, s *Store) (got []string, skipped int) {
	t.Helper()
	records, bad, err := Read(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		got = append(got, r.Machine.Fingerprint)
	}
	return got, len(bad)
}

func TestAppendAndRead(t *testing.T) {
	s := open(t)
	appendAll(t, s, "a", "b", "c")
	if got, skipped := prints(t, s); !reflect.DeepEqual(got, []string{"a", "b", "c"}) || skipped != 0 {
		t.Errorf("got %v, %d skipped", got, skipped)
	}
	data, err := os.ReadFile(s.Path())
	if err != nil || bytes.Count(data, []byte("\n")) != 3 {
		t.Errorf("%d lines, %v; want one per record", bytes.Count(data, []byte("\n")), err)
	}
}

func TestAppendRefusesWhatReadWouldSkip(t *testing.T) {
	s := open(t)
	if err := s.Append(&roofline.Result{Schema: "other/v9"}); err == nil || !strings.Contains(err.Error(), s.Path()) {
		t.Errorf("a record of another schema was appended: %v", err)
	}
	if _, err := os.Stat(s.Path()); err == nil {
		t.Error("a refused record left a file")
	}
}

// A crash may leave any prefix of the last record. Whatever it leaves, the records before it and the one after it are
// intact, and the torn one is reported unless nothing or all of it was written.
func TestCrashAtEveryByte(t *testing.T) {
	s := open(t)
	appendAll(t, s, "first")
	first, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, "torn")
	whole, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(first); cut <= len(whole); cut++ {
		if err := os.WriteFile(s.Path(), whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		want, lost := []string{"first"}, 1
		switch {
		case cut == len(first):
			lost = 0
		case cut >= len(whole)-1: // complete, or without its line end only
			want, lost = append(want, "torn"), 0
		}
		if got, skipped := prints(t, s); !reflect.DeepEqual(got, want) || skipped != lost {
			t.Fatalf("cut at byte %d: read %v, %d skipped; want %v, %d", cut, got, skipped, want, lost)
		}
		appendAll(t, s, "next")
		if got, skipped := prints(t, s); !reflect.DeepEqual(got, append(want, "next")) || skipped != lost {
			t.Fatalf("cut at byte %d, then appended: read %v, %d skipped; want %v + next, %d", cut, got, skipped, want, lost)
		}
	}
}

const (
	childDir  = "ROOFLINE_TEST_STORE" // set in a process that TestTwoProcesses started
	perWriter = 50
)

// noExec is the reason of a skip: an emulated test cannot start itself, since the kernel knows nothing of the emulator.
type noExec struct{ error }

func (noExec) Unsupported() string { return "exec" }

func TestTwoProcesses(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for i := range perWriter {
			appendAll(t, s, fmt.Sprintf("%d-%s", i, strings.Repeat("x", 9000))) // longer than a page
		}
		return
	}
	dir := t.TempDir()
	var writers []*exec.Cmd
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		if err := cmd.Start(); errors.Is(err, syscall.ENOEXEC) {
			testkit.SkipUnsupported(t, noExec{err})
		} else if err != nil {
			t.Fatal(err)
		}
		writers = append(writers, cmd)
	}
	for _, cmd := range writers {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got, skipped := prints(t, &Store{filepath.Join(dir, FileName)}); len(got) != 2*perWriter || skipped != 0 {
		t.Errorf("%d records, %d skipped; want %d, 0", len(got), skipped, 2*perWriter)
	}
}

// Two stores of one directory have files and locks of their own, as two processes have.
func TestTwoStores(t *testing.T) {
	dir := t.TempDir()
	errs := make(chan error, 2)
	for writer := range 2 {
		go func() {
			s, err := Open(dir)
			for i := 0; i < perWriter && err == nil; i++ {
				err = s.Append(record(fmt.Sprintf("%d-%d-%s", writer, i, strings.Repeat("x", 9000)))) // longer than a page
			}
			errs <- err
		}()
	}
	if err := errors.Join(<-errs, <-errs); err != nil {
		t.Fatal(err)
	}
	got, skipped := prints(t, &Store{filepath.Join(dir, FileName)})
	if len(got) != 2*perWriter || skipped != 0 {
		t.Errorf("%d records, %d skipped; want %d, 0", len(got), skipped, 2*perWriter)
	}
	next := [2]int{}
	for _, print := range got { // each writer's records in its order
		var writer, i int
		if _, err := fmt.Sscanf(print, "%d-%d-", &writer, &i); err != nil || i != next[writer] {
			t.Fatalf("%.20q: %v, want record %d of writer %d", print, err, next[writer], writer)
		}
		next[writer]++
	}
}

func TestReadReportsForeignLines(t *testing.T) {
	s := open(t)
	appendAll(t, s, "a")
	f, err := os.OpenFile(s.Path(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "{\"schema\":\"other/v1\"}\n\n\x00\x01\n")
	f.Close()
	appendAll(t, s, "b")
	records, skipped, err := Read(s.Path())
	if err != nil || len(records) != 2 || len(skipped) != 2 {
		t.Fatalf("%d records, skipped %v, %v", len(records), skipped, err)
	}
	if text := skipped[0].Error(); !strings.Contains(text, "line 2") || !strings.Contains(text, "other/v1") {
		t.Errorf("the report does not name line and schema: %q", text)
	}
	if _, _, err := Read(s.Path() + ".no"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing store: %v", err)
	}
}

func TestReadDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	if err := os.WriteFile(path, []byte(`{"schema":"roofline/res`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDocument(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("a truncated document: %v", err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("{}\n{\"schema\":\"roofline/result/v1\"}\nnull\n[1,"))
	f.Fuzz(func(t *testing.T, data []byte) {
		records, skipped, err := scan(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range bytes.Lines(data) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
		if len(records)+len(skipped) != lines {
			t.Errorf("%d records and %d skipped of %d lines: some were dropped silently", len(records), len(skipped), lines)
		}
	})
}
