package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/gobench"
	"github.com/roofline-go/roofline/roofline/loop"
)

// objectSubject is a function of a shared object.
type objectSubject struct {
	t      *tuner
	call   objectCall
	latest objectRunner
}

func newObjectSubject(ctx context.Context, t *tuner) (*objectSubject, error) {
	if err := t.o.native.check(t.o.options); err != nil {
		return nil, err
	}
	if t.o.build == "" {
		if _, err := os.Stat(t.o.object); err != nil {
			return nil, usagef("--object: %w (build it, or say how: --build make)", err)
		}
	}
	if t.o.build != "" && len(t.o.watch) == 0 && t.o.iterations != 1 {
		return nil, usagef("--watch: name the sources to rebuild from, e.g. --watch k.c (or build once: --once)")
	}
	call, err := t.o.native.call(ctx, t.o.options, t.report.note)
	if err != nil {
		return nil, err
	}
	return &objectSubject{t: t, call: call}, nil
}

// Build implements loop.Subject.
func (s *objectSubject) Build(ctx context.Context) error {
	if s.t.o.build == "" {
		return nil
	}
	return loop.Command(ctx, "", "sh", "-c", s.t.o.build)
}

// Product implements loop.Subject.
func (s *objectSubject) Product() string { return s.t.o.object }

// Runner implements loop.Subject.
func (s *objectSubject) Runner(file, label string) compare.Runner {
	o := s.t.o
	s.latest = s.call.runner(label, file, o.object, o.native.function, o.options, o.perProcess(), s.t.host, s.t.roofs)
	return s.latest
}

func (s *objectSubject) name() string { return s.t.o.native.function }

func (s *objectSubject) key() string {
	key := fmt.Sprintf("%s of %s as %s", s.t.o.native.function, filepath.Base(s.t.o.object), s.call)
	if s.t.o.threads > 1 {
		key += fmt.Sprintf(" on %d threads", s.t.o.threads)
	}
	return key
}

func (s *objectSubject) watched() []string { return []string{s.t.o.object} }

func (s *objectSubject) warnings() []string {
	if s.latest == nil {
		return nil
	}
	return s.latest.Warned()
}

// benchSubject is a Go benchmark.
type benchSubject struct {
	t      *tuner
	target gobench.Target
	dir    string // of the package
	binary string // that is built
}

func newBenchSubject(ctx context.Context, t *tuner) (*benchSubject, error) {
	if t.o.threads != 1 {
		return nil, usagef("--threads: a benchmark chooses its own")
	}
	target, err := gobench.Parse(t.o.bench)
	if err != nil {
		return nil, usageError{fmt.Errorf("--bench: %w", err)}
	}
	dir, err := gobench.DirOf(ctx, target.Package)
	if err != nil {
		return nil, usageError{fmt.Errorf("--bench: %w", err)}
	}
	binary, err := filepath.Abs(filepath.Join(t.o.out, "tune", "built.test"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return nil, fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
	}
	return &benchSubject{t: t, target: target, dir: dir, binary: binary}, nil
}

// Build implements loop.Subject.
func (s *benchSubject) Build(ctx context.Context) error {
	return gobench.Build(ctx, s.target, s.binary, loop.Command)
}

// Product implements loop.Subject.
func (s *benchSubject) Product() string { return s.binary }

// Runner implements loop.Subject.
func (s *benchSubject) Runner(file, label string) compare.Runner {
	if abs, err := filepath.Abs(file); err == nil { // it runs in the package's directory
		file = abs
	}
	return &gobench.Runner{Name: label, Binary: file, Dir: s.dir, Target: s.target,
		Time: max(s.t.o.perProcess(), time.Millisecond), Limit: s.t.o.native.limits.Wall}
}

func (s *benchSubject) name() string       { return s.target.Name }
func (s *benchSubject) key() string        { return s.target.String() }
func (s *benchSubject) watched() []string  { return []string{s.dir} }
func (s *benchSubject) warnings() []string { return nil }
