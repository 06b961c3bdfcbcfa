package testkit

import (
	"errors"
	"runtime/debug"
	"testing"
)

func TestGuardedFindsAWriteOnEitherSide(t *testing.T) {
	for _, at := range []int{-1, 5} {
		all, check := Guarded[float32](5)
		if err := check(); err != nil || len(all) != 5 {
			t.Fatalf("untouched: %v", err)
		}
		poke(all, at, 1)
		if check() == nil {
			t.Errorf("a write to element %d of 5 was not found", at)
		}
	}
}

func TestGuardPagesFault(t *testing.T) {
	for name, try := range map[string]struct {
		s  []float64
		at int
	}{"behind the end": {GuardedPage[float64](t, 7), 7}, "before the start": {GuardedStart[float64](t, 7), -1}, "behind whole pages": {GuardedStart[float64](t, 512), 512}} {
		t.Run(name, func(t *testing.T) {
			try.s[0], try.s[len(try.s)-1] = 1, 1
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if recover() == nil {
					t.Error("a write did not fault")
				}
			}()
			poke(try.s, try.at, 1)
		})
	}
}

// fake records what a test would have done.
type fake struct {
	testing.TB
	skipped, failed bool
}

func (f *fake) Helper()               {}
func (f *fake) Skip(...any)           { f.skipped = true; panic(f) }
func (f *fake) Fatal(...any)          { f.failed = true; panic(f) }
func (f *fake) Fatalf(string, ...any) { f.failed = true; panic(f) }

func TestSkipUnsupported(t *testing.T) {
	run := func(err error) *fake {
		f := &fake{}
		defer func() { _ = recover() }()
		func() { defer func() { _ = recover() }(); SkipUnsupported(f, err) }()
		return f
	}
	t.Setenv("ROOFLINE_MUST_RUN", "")
	if f := run(MissingTool("objdump")); !f.skipped {
		t.Error("a missing tool must skip")
	}
	if f := run(errors.New("broken")); !f.failed {
		t.Error("any other error must fail")
	}
	t.Setenv("ROOFLINE_MUST_RUN", "obj,objdump2")
	if f := run(MissingTool("objdump")); !f.skipped {
		t.Error("another feature that must run turned the skip into a failure")
	}
	for _, must := range []string{"objdump", "x,objdump", "x, objdump", "all"} {
		t.Setenv("ROOFLINE_MUST_RUN", must)
		if f := run(MissingTool("objdump")); !f.failed {
			t.Errorf("ROOFLINE_MUST_RUN=%s must turn the skip into a failure", must)
		}
	}
}
