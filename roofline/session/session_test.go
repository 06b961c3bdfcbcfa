package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

func noted(text string) *Record {
	r := NewRecord(Note)
	r.Note = text
	return r
}

func TestSession(t *testing.T) {
	dir := t.TempDir()
	if _, err := Current(dir); !errors.Is(err, ErrNone) {
		t.Errorf("before the first: %v", err)
	}
	s, isNew, err := Begin(dir, "tune-1", NewRecord(Start))
	if err != nil || !isNew {
		t.Fatal(isNew, err)
	}
	if err := s.Append(noted("a\nb")); err != nil {
		t.Fatal(err)
	}
	if _, isNew, err := Begin(dir, "tune-1", NewRecord(Start)); err != nil || isNew {
		t.Errorf("going on: %t, %v", isNew, err)
	}
	now, err := Current(dir)
	if err != nil || now.Name != "tune-1" {
		t.Fatalf("%+v, %v", now, err)
	}
	records, skipped, err := now.Records()
	if err != nil || len(skipped) != 0 || len(records) != 2 || records[0].Kind != Start || records[1].Note != "a\nb" {
		t.Errorf("%+v, %v, %v", records, skipped, err)
	}
	if err := End(dir); err != nil {
		t.Error(err)
	}
	if err := End(dir); !errors.Is(err, ErrNone) {
		t.Errorf("ended twice: %v", err)
	}
	if _, err := Find(dir, "tune-2"); err == nil || !strings.Contains(err.Error(), "tune-1") {
		t.Errorf("an unknown session: %v, want the ones there are", err)
	}
	for _, bad := range []string{"", "../x", "a/b", ".hidden", "current", "a b", strings.Repeat("x", 200)} {
		if _, _, err := Begin(dir, bad, NewRecord(Start)); err == nil {
			t.Errorf("%q was taken as a name", bad)
		}
	}
}

// The lines of version 1 were results alone: a session reads them as measurements.
func TestMigratesVersion1(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Begin(dir, "old", NewRecord(Start))
	if err != nil {
		t.Fatal(err)
	}
	old, err := json.Marshal(record("abc"))
	if err != nil {
		t.Fatal(err)
	}
	future := `{"schema":"roofline/session/v99","time":"2026-01-02T03:04:05Z"}`
	if err := os.WriteFile(s.Path(), []byte(string(old)+"\n"+future+"\n{\"schema\":"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(noted("new")); err != nil {
		t.Fatal(err)
	}
	records, skipped, err := s.Records()
	if err != nil || len(records) != 2 || len(skipped) != 2 {
		t.Fatalf("%d records, skipped %v, %v", len(records), skipped, err)
	}
	r := records[0]
	if r.Kind != Measure || r.Machine != "abc" || r.Schema != RecordSchema || r.Result == nil || r.Ceilings == "" || r.Time != r.Result.Time {
		t.Errorf("migrated: %+v", r)
	}
	if !strings.Contains(skipped[0].Error(), "newer roofline") {
		t.Errorf("a record of the future: %v", skipped[0])
	}
}

// Several processes append while others are killed: no whole record may be lost.
func TestKilledWriters(t *testing.T) {
	if os.Getenv("SESSION_WRITER") != "" {
		s := &Session{Name: "x", path: os.Getenv("SESSION_WRITER")}
		for i := 0; ; i++ {
			if err := s.Append(noted(fmt.Sprintf("%d %s", i, strings.Repeat("x", 5000)))); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			fmt.Println(i)
		}
	}
	testkit.NeedSelf(t)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	var wg sync.WaitGroup
	var acknowledged [4]int
	for w := range acknowledged {
		wg.Go(func() {
			for range 5 {
				cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriters$")
				cmd.Env = append(os.Environ(), "SESSION_WRITER="+path)
				out, err := cmd.StdoutPipe()
				if err != nil || cmd.Start() != nil {
					t.Error("start writer", err)
					return
				}
				buf := make([]byte, 1)
				for lines := 0; lines < 3; { // killed at any instant after the third
					if _, err := out.Read(buf); err != nil {
						t.Error("writer:", err)
						break
					}
					if buf[0] == '\n' {
						lines++
						acknowledged[w]++
					}
				}
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
		})
	}
	wg.Wait()
	records, _, err := (&Session{path: path}).Records()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range acknowledged {
		sum += n
	}
	if len(records) < sum {
		t.Errorf("%d records, but %d were acknowledged", len(records), sum)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	line, err := json.Marshal(noted("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add([]byte(`{"schema":"roofline/session/v2","time":"2026-01-02T03:04:05Z","kind":"measure","result":{"schema":"roofline/result/v1","time":"2026-01-02T03:04:05Z"}}`))
	f.Add([]byte(`{"schema":"roofline/result/v1","time":"2026-01-02T03:04:05Z","runs":[]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := decodeRecord(line)
		if err != nil {
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := decodeRecord(again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func TestCodeAt(t *testing.T) {
	testkit.PlainGit(t)
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir)) // the folder of the tests may lie in somebody's repository
	if c := CodeAt(t.Context(), dir); c != nil {
		t.Errorf("outside a work tree: %+v", c)
	}
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "trunk")
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	git("add", "f")
	git("commit", "-q", "-m", "x")
	c := CodeAt(t.Context(), dir)
	if c == nil || len(c.Commit) != 40 || c.Branch != "trunk" || c.Dirty || c.Short() != c.Commit[:8] {
		t.Fatalf("clean: %+v", c)
	}
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c := CodeAt(t.Context(), dir); !c.Dirty || !strings.HasSuffix(c.Short(), "+") {
		t.Errorf("changed: %+v", c)
	}
}
