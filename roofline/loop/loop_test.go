package loop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/stats"
)

// fake is a subject whose product is a file with the time that a call takes, in microseconds, or a word that says what goes
// wrong. Its times have a little noise, in a fixed sequence.
type fake struct {
	product string
	next    string // content of the next build
	calls   int
	ran     []string // files, in order
	deaf    bool     // to interruptions
}

func (f *fake) Build(context.Context) error {
	if f.next == "broken" {
		return &BuildError{"make", errors.New("exit status 2"), "k.c:1: error"}
	}
	return os.WriteFile(f.product, []byte(f.next), 0o644)
}
func (f *fake) Product() string { return f.product }
func (f *fake) Runner(file, label string) compare.Runner {
	return &fakeRunner{f, file, label}
}

type fakeRunner struct {
	f           *fake
	file, label string
}

func (r *fakeRunner) Label() string { return r.label }
func (r *fakeRunner) Sample(ctx context.Context, _ uint64, first bool) (compare.Sample, error) {
	if ctx.Err() != nil && !r.f.deaf {
		return compare.Sample{}, ctx.Err()
	}
	data, err := os.ReadFile(r.file)
	if err != nil {
		return compare.Sample{}, err
	}
	us, err := strconv.ParseFloat(strings.TrimPrefix(string(data), "later "), 64)
	if err != nil || !first && strings.HasPrefix(string(data), "later ") {
		return compare.Sample{}, fmt.Errorf("crashed: %s", data)
	}
	r.f.calls++
	r.f.ran = append(r.f.ran, filepath.Base(r.file))
	seconds := us * 1e-6 * (1 + 0.001*float64(r.f.calls%7))
	run := roofline.Run{Kernel: "k", Variant: "v", DType: "f32", Threads: 1}
	run.Time = roofline.Timing{Unit: "s", Estimate: stats.Summarize([]float64{seconds}), Samples: []float64{seconds}, Batch: 1}
	return compare.Sample{Seconds: seconds, PeakRSS: 1 << 20, Run: run}, nil
}

func newLoop(t *testing.T, dir string) (*Loop, *fake) {
	t.Helper()
	f := &fake{product: filepath.Join(dir, "k.so")}
	return &Loop{Subject: f, Dir: filepath.Join(dir, "kept"), Key: "k", Machine: "m", Pairs: 8, Floor: 0.01}, f
}

func iterate(t *testing.T, l *Loop, f *fake, content string) Step {
	t.Helper()
	f.next, f.ran = content, nil
	step, err := l.Iterate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return step
}

// The story of a tuning: what is compared with what, and what is kept, whatever fails in between.
func TestIterations(t *testing.T) {
	l, f := newLoop(t, t.TempDir())
	if why, err := l.Open(); why != nil || err != nil {
		t.Fatal(why, err)
	}
	for i, c := range []struct {
		content        string
		failure        string
		same           int
		previous, best string // base and outcome of the comparisons
		isBest         bool
		kept           string
	}{
		{content: "broken", failure: "build failed"},
		{content: "100", isBest: true, kept: "2.so"},
		{content: "50", previous: "#2 faster", isBest: true, kept: "3.so"},
		{content: "oops", failure: "crashed: oops", kept: "3.so"},
		{content: "80", previous: "#3 slower", kept: "3.so 5.so"},
		{content: "later 10", failure: "crashed", kept: "3.so 5.so"},
		{content: "60", previous: "#5 faster", best: "#3 slower", kept: "3.so 7.so"},
		{content: "60", same: 7, kept: "3.so 7.so"},
		{content: "50", same: 3, kept: "3.so 7.so"},
		{content: "50.0", previous: "#3 no difference", kept: "10.so 3.so"},
		{content: "20", previous: "#10 faster", best: "#3 faster", isBest: true, kept: "11.so"},
	} {
		s := iterate(t, l, f, c.content)
		said := func(x *compare.Comparison) string {
			if x == nil {
				return ""
			}
			return x.Base.Label + " " + string(x.Verdict.Outcome)
		}
		if s.N != i+1 || s.Same != c.same || said(s.Previous) != c.previous || said(s.Best) != c.best || s.IsBest != c.isBest {
			t.Errorf("%d (%s): same %d, previous %q, best %q, is best: %v", s.N, c.content, s.Same, said(s.Previous), said(s.Best), s.IsBest)
		}
		if (s.Failure == nil) != (c.failure == "") || s.Failure != nil && !strings.Contains(s.Failure.Error(), c.failure) {
			t.Errorf("%d (%s): failure %v, want %q", s.N, c.content, s.Failure, c.failure)
		}
		files, _ := filepath.Glob(filepath.Join(l.Dir, "*.so"))
		for j := range files {
			files[j] = filepath.Base(files[j])
		}
		if got := strings.Join(files, " "); got != c.kept {
			t.Errorf("%d (%s): kept %q, want %q", s.N, c.content, got, c.kept)
		}
	}
	if n, run := l.Best(); n != 11 || run == nil {
		t.Errorf("the best is #%d", n)
	}
}

// The two sides run in the order ABBA, and the new one is not measured for its first sample again.
func TestSidesAreInterleaved(t *testing.T) {
	l, f := newLoop(t, t.TempDir())
	if _, err := l.Open(); err != nil {
		t.Fatal(err)
	}
	l.Pairs = 6
	iterate(t, l, f, "100")
	iterate(t, l, f, "50")
	if got := strings.Join(f.ran, " "); got != "2.so 1.so 2.so 2.so 1.so 1.so 2.so 2.so 1.so 1.so 2.so 2.so 1.so" {
		t.Errorf("ran %s", got)
	}
}

// Another process goes on where the last one ended, unless what it finds is not what it left.
func TestMemory(t *testing.T) {
	dir := t.TempDir()
	l, f := newLoop(t, dir)
	if _, err := l.Open(); err != nil {
		t.Fatal(err)
	}
	iterate(t, l, f, "100")
	again, f := newLoop(t, dir)
	if why, err := again.Open(); why != nil || err != nil {
		t.Fatal(why, err)
	}
	if s := iterate(t, again, f, "50"); s.N != 2 || s.Previous == nil || s.Previous.Verdict.Outcome != compare.Faster {
		t.Errorf("%+v", s)
	}
	kept := filepath.Join(again.Dir, "2.so")
	for name, spoil := range map[string]func(l *Loop){
		"another key":     func(l *Loop) { l.Key = "other" },
		"another machine": func(l *Loop) { l.Machine = "other" },
		"changed file":    func(*Loop) { _ = os.WriteFile(kept, []byte("1"), 0o644) },
		"missing file":    func(*Loop) { os.Remove(kept) },
		"no JSON":         func(l *Loop) { _ = os.WriteFile(filepath.Join(l.Dir, memoryFile), []byte("{"), 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join(again.Dir, memoryFile))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = os.WriteFile(kept, []byte("50"), 0o755)
				_ = os.WriteFile(filepath.Join(again.Dir, memoryFile), content, 0o644)
			})
			l, _ := newLoop(t, dir)
			spoil(l)
			why, err := l.Open()
			if err != nil || why == nil || !strings.Contains(why.Error(), "begun anew") {
				t.Errorf("%v, %v", why, err)
			}
			if n, _ := l.Best(); n != 0 {
				t.Errorf("it still remembers #%d", n)
			}
		})
	}
}

// Interrupted at its beginning or too late, an iteration leaves a memory that fits the files.
func TestInterruptedIterationKeepsTheMemory(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		l, f := newLoop(t, t.TempDir())
		if _, err := l.Open(); err != nil {
			t.Fatal(err)
		}
		iterate(t, l, f, "100")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f.next, f.deaf = "50", deaf
		if _, err := l.Iterate(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		again := &Loop{Subject: f, Dir: l.Dir, Key: "k", Machine: "m"}
		if why, err := again.Open(); why != nil || err != nil {
			t.Error(why, err)
		}
		if n, _ := again.Best(); n != 1 && !deaf || n != 2 && deaf {
			t.Errorf("deaf %v: the best is #%d", deaf, n)
		}
	}
}

// A version is known by the times of several processes, and placed with them.
func TestVersionsAreKnownByProcesses(t *testing.T) {
	l, f := newLoop(t, t.TempDir())
	if _, err := l.Open(); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"100", "50"} {
		s := iterate(t, l, f, content)
		if r := s.Run; r.Time.N != l.Pairs || len(r.Time.Independent()) != l.Pairs || !r.Time.Known() {
			t.Errorf("%s: %d times", content, r.Time.N)
		}
	}
	run := roofline.Run{Time: roofline.Timing{Estimate: stats.Estimate{Median: 2}}, Bound: &roofline.Bound{By: "x", Attainable: 10, Fraction: 0.25}}
	compare.Retime(&run, []float64{1, 1, 1, 1, 1, 1}, nil)
	if run.Bound == nil || run.Bound.Fraction != 0.5 {
		t.Errorf("half the time of a run at a quarter of its roof: %+v", run.Bound)
	}
}
