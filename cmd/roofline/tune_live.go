package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/watch"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/gobench"
	"github.com/roofline-go/roofline/roofline/loop"
	"github.com/roofline-go/roofline/roofline/session"
)

// liveOptions are the flags of the tuning loop.
type liveOptions struct {
	*options
	native     nativeOptions
	object     string
	bench      string
	watch      []string
	build      string
	once       bool
	iterations int
	pairs      int
}

func (l *liveOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.object, "object", "", "tune a function of the shared object `FILE`")
	f.StringVar(&l.bench, "bench", "", "tune the Go benchmark `PKG.BenchmarkX`")
	f.StringArrayVar(&l.watch, "watch", nil, "rebuild when `PATH` changes: a file, a directory or a quoted pattern; repeatable (default: the object, or the package)")
	f.StringVar(&l.build, "build", "", "the shell `COMMAND` that builds the object (default: somebody else builds it)")
	f.BoolVar(&l.once, "once", false, "build, measure and compare once, and end")
	f.Var((*positiveInt)(&l.iterations), "iterations", "end after `N` iterations (default: never)")
	f.Var((*positiveInt)(&l.pairs), "pairs", "compare by `N` pairs of processes (default 8, 6 with --quick)")
	l.native.add(cmd)
}

// asked says whether the loop is meant rather than the sweep of a built-in kernel.
func (l *liveOptions) asked() bool { return l.object != "" || l.bench != "" }

// misplaced refuses flags of the loop for the sweep, and those of the sweep for the loop.
func (l *liveOptions) misplaced(cmd *cobra.Command) error {
	switch {
	case l.bench != "":
		return misplaced(cmd, "a benchmark", slices.Concat([]string{"reset", "function", "as", "signature", "memory-limit"}, selectFlags)...)
	case l.object != "":
		return misplaced(cmd, "a function of an object", append([]string{"reset"}, selectFlags...)...)
	}
	return misplaced(cmd, "the sweep of a built-in kernel", slices.Concat([]string{"watch", "build", "once", "iterations", "pairs"}, nativeFlags)...)
}

// Pairs of a comparison, and the time of a process in it. They are fewer and shorter than those of compare: somebody waits,
// and looks at changes that are worth an edit.
const (
	livePairs       = 8
	quickLivePairs  = 6
	liveBudget      = 150 * time.Millisecond
	quickLiveBudget = 50 * time.Millisecond
)

// check refuses flags that do not go together, before anything is built.
func (l *liveOptions) check() error {
	switch {
	case l.object != "" && l.bench != "":
		return usagef("tune either --object or --bench, not both")
	case l.bench != "" && l.build != "":
		return usagef("--build: a benchmark is built by go test")
	case l.once && l.iterations > 1:
		return usagef("--once is one iteration, not %d", l.iterations)
	}
	if l.once {
		l.iterations = 1
	}
	if l.pairs == 0 {
		l.pairs = livePairs
		if l.quick {
			l.pairs = quickLivePairs
		}
	}
	return nil
}

// perProcess is the time that one process spends on the kernel.
func (l *liveOptions) perProcess() time.Duration {
	switch {
	case l.budget > 0:
		return l.budget
	case l.quick:
		return quickLiveBudget
	}
	return liveBudget
}

// tuner is a tuning loop with what it needs of the outside.
type tuner struct {
	o       *liveOptions
	out     io.Writer
	report  *progress
	host    roofline.Machine
	roofs   []roofline.Ceiling
	subject subject
	loop    *loop.Loop
	session *session.Session
	begun   bool // by this loop
	drawn   bool
}

// subject is what is tuned: an object or a benchmark.
type subject interface {
	loop.Subject
	name() string       // of the function or benchmark
	key() string        // what is tuned how, within a session
	watched() []string  // unless --watch says otherwise
	warnings() []string // of the latest measurement
}

func runLive(ctx context.Context, stdout, stderr io.Writer, o *liveOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	t := &tuner{o: o, out: stdout, report: newProgress(stderr, o.noProgress)}
	defer t.report.close()
	if err := t.prepare(ctx); err != nil {
		return err
	}
	files, state, err := t.watch()
	if err != nil {
		return err
	}
	var failed error // a single iteration that found nothing to measure, for scripts
	for n := 1; ; n++ {
		step, err := t.loop.Iterate(ctx)
		t.report.close()
		if ctx.Err() != nil {
			break
		}
		if err := errors.Join(err, t.show(ctx, step)); err != nil {
			return err
		}
		if o.iterations > 0 && n >= o.iterations {
			if o.once && step.Failure != nil {
				first := firstLine(step.Failure)
				failed = fmt.Errorf("tune %s: #%d %s", t.subject.name(), step.N, first)
			}
			break
		}
		fmt.Fprintf(t.out, "waiting for a change of %s (Ctrl-C ends)\n", strings.Join(t.paths(), ", "))
		changed, now, err := files.Wait(ctx, state)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		state = now
		fmt.Fprintf(t.out, "\nchanged: %s\n", few(changed))
	}
	return errors.Join(t.end(), failed)
}

// few names some of many files.
func few(paths []string) string {
	const most = 3
	text := strings.Join(paths[:min(most, len(paths))], ", ")
	if more := len(paths) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// prepare finds out about the machine, begins the session and opens the loop.
func (t *tuner) prepare(ctx context.Context) (err error) {
	if _, err := workers.CPUs(t.o.threads); err != nil {
		return usageError{err}
	}
	if t.subject, err = t.newSubject(ctx); err != nil {
		return err
	}
	if t.host, _, err = machine.Describe(); err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	var warnings []roofline.Warning
	t.roofs, warnings, err = ensureCeilings(ctx, t.host.Fingerprint, ceilingRequest{threads: []int{t.o.threads}, quick: true}, t.report)
	for _, text := range warningTexts(warnings) {
		lines{w: t.out}.wrap("note: ", text)
	}
	if err != nil {
		return err
	}
	if err := t.beginSession(ctx); err != nil {
		return err
	}
	var stage func(done, total int, what string)
	t.loop = &loop.Loop{
		Subject: t.subject, Dir: filepath.Join(t.o.out, "tune", t.session.Name, goodSessionName(t.subject.key())),
		Key: t.subject.key(), Machine: t.host.Fingerprint, Pairs: t.o.pairs, Floor: storedFloor(t.host.Fingerprint), Ceilings: t.roofs,
		Progress: func(done, total int, what string) {
			if done == 0 || stage == nil {
				stage = t.report.stage("compare")
			}
			stage(done, total, what)
		},
	}
	why, err := t.loop.Open()
	if why != nil {
		fmt.Fprintf(t.out, "note: %v\n", why)
	}
	return err
}

// newSubject makes the subject that the flags name.
func (t *tuner) newSubject(ctx context.Context) (subject, error) {
	if t.o.bench != "" {
		return newBenchSubject(ctx, t)
	}
	return newObjectSubject(ctx, t)
}

// beginSession goes on with the session under way, or begins one for this loop.
func (t *tuner) beginSession(ctx context.Context) error {
	s, err := session.Current(t.o.out)
	if errors.Is(err, session.ErrNone) {
		first := session.NewRecord(session.Start)
		first.Code = session.CodeAt(ctx, ".")
		name := goodSessionName(t.subject.name())
		if t.o.iterations != 1 { // a single iteration goes on where the one before it has ended
			name += time.Now().Format("-20060102-150405")
		}
		s, _, err = session.Begin(t.o.out, name, first)
		t.begun = true
	}
	if err != nil {
		return err
	}
	t.session = s
	fmt.Fprintf(t.out, "tuning %s, session %s\n", t.subject.key(), s.Name)
	return nil
}

// goodSessionName makes a part of a session's name of any name.
func goodSessionName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, name)
	clean = strings.Trim(clean, "-_")
	if len(clean) > 60 {
		clean = clean[:60]
	}
	if clean == "" {
		return "tune"
	}
	return clean
}

// paths are what is watched.
func (t *tuner) paths() []string {
	if len(t.o.watch) > 0 {
		return t.o.watch
	}
	return t.subject.watched()
}

// watch begins to watch. Without anything to wait for nothing need exist yet: the build may make it.
func (t *tuner) watch() (*watch.Set, watch.State, error) {
	if t.o.iterations == 1 {
		return nil, nil, nil
	}
	out, err := filepath.Abs(t.o.out)
	if err != nil {
		return nil, nil, err
	}
	files, err := watch.New(t.paths(), func(path string) bool {
		abs, err := filepath.Abs(path)
		ours := err == nil && (abs == out || strings.HasPrefix(abs, out+string(filepath.Separator)))
		return ours || t.o.bench != "" && len(t.o.watch) == 0 && !gobench.Input(path)
	})
	if err != nil {
		return nil, nil, usageError{err}
	}
	state, err := files.Look()
	return files, state, err
}
