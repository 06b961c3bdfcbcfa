package session

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// journalEnv makes the test binary a process that keeps a journal in the directory it names, until it is killed.
const journalEnv = "ROOFLINE_TEST_JOURNAL"

func keepJournal(dir string) {
	j, err := OpenJournal(dir)
	if err != nil {
		panic(err)
	}
	for n := 1; ; n++ {
		if err := j.Save(resultOf(n)); err != nil {
			panic(err)
		}
		if n == 1 {
			os.Stdout.WriteString("saved\n")
		}
		time.Sleep(time.Millisecond)
	}
}

func resultOf(runs int) *roofline.Result {
	res := record("m")
	for i := range runs {
		res.Runs = append(res.Runs, roofline.Run{Kernel: fmt.Sprint("k", i), Threads: 1, Time: roofline.Timing{Unit: "s", Samples: []float64{1}, Batch: 1,
			Estimate: stats.Estimate{Median: 1, Lo: math.NaN(), Hi: math.NaN(), N: 1}}})
	}
	return res
}

func TestRecover(t *testing.T) {
	if dir := os.Getenv(journalEnv); dir != "" {
		keepJournal(dir)
	}
	testkit.NeedSelf(t)
	dir := t.TempDir()
	var kept []*roofline.Result
	keep := func(res *roofline.Result) error { kept = append(kept, res); return nil }

	// A process that lives keeps its own; once it is killed, whenever that is, what it saved last is found once.
	cmd := exec.Command(os.Args[0], "-test.run=^TestRecover$")
	cmd.Env = append(os.Environ(), journalEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	if n, err := Recover(dir, keep); n != 0 || err != nil {
		t.Errorf("took over the result of a process that lives: %d, %v", n, err)
	}
	time.Sleep(20 * time.Millisecond)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for want := 1; want >= 0; want-- {
		if n, err := Recover(dir, keep); n != want || err != nil {
			t.Errorf("recovered %d, want %d: %v", n, want, err)
		}
	}
	if len(kept) != 1 || len(kept[0].Runs) == 0 {
		t.Fatalf("%d results", len(kept))
	}

	// One that was finished, or killed before its first run, leaves nothing.
	j, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Save(resultOf(1)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, unfinished+"1"+lockSuffix), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if n, err := Recover(dir, keep); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A Recover may come between the making of a journal's lock and the locking, and take it for one left behind.
func TestJournalIsTakenAway(t *testing.T) {
	dir := t.TempDir()
	f, err := os.CreateTemp(dir, unfinished+"*"+lockSuffix)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Recover(dir, func(*roofline.Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if there, err := claim(f); there || err != nil {
		t.Errorf("claimed a lock that is gone: %t, %v", there, err)
	}
	g, err := os.CreateTemp(dir, unfinished+"*"+lockSuffix)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if there, err := claim(g); !there || err != nil {
		t.Errorf("%t, %v", there, err)
	}
}

func TestHas(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	res := resultOf(2)
	if s.Has(res) {
		t.Error("an empty store has it")
	}
	if err := s.Append(res); err != nil {
		t.Fatal(err)
	}
	part := *res
	part.Runs = res.Runs[:1]
	other := *res
	other.Time = "2001-02-03T04:05:06Z"
	if !s.Has(res) || !s.Has(&part) || s.Has(&other) {
		t.Errorf("%t, %t, %t", s.Has(res), s.Has(&part), s.Has(&other))
	}
}
