//go:build linux && amd64

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// product builds the unmodified command once, in the directory that TestMain removes, and returns its path.
var product = sync.OnceValues(func() (string, error) {
	path := filepath.Join(productDir(), "roofline")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/roofline-go/roofline/cmd/roofline").CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

// session is one machine with the product on it.
type session struct {
	t     *testing.T
	uarch *scenario.Uarch
	dir   string // of the scenario
	path  string // of the product: where it is probed a copy of its own, so that probes in it see nobody else
	trace string
	known string // a directory that sessions share: what the product has measured of this machine's memory
}

// newSession makes a scenario's machine.
func newSession(t *testing.T, uarch string, o scenario.Options, files map[string]string) *session {
	t.Helper()
	needFakepmu(t)
	ref, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	built, err := product()
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	s := &session{t: t, uarch: ref[uarch], dir: filepath.Join(top, "scenario"), path: filepath.Join(top, "roofline"), trace: filepath.Join(top, "trace"), known: filepath.Join(filepath.Dir(built), "known")}
	if _, err := scenario.Make(s.uarch, s.dir, o); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(s.dir, overlay, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.PerCall) == 0 && os.Link(built, s.path) == nil {
		return s
	}
	content, err := os.ReadFile(built)
	if err == nil {
		syscall.ForkLock.RLock() // a process that another session starts meanwhile would keep the file open: nobody may execute it then
		err = os.WriteFile(s.path, content, 0o755)
		syscall.ForkLock.RUnlock()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shareLatencies hands on how fast this machine's memory answers: to measure that takes every session half a second where the kernel
// does not describe caches. Without the file the product measures it.
func shareLatencies(from, to string) {
	_ = os.MkdirAll(to, 0o755)
	files, _ := filepath.Glob(filepath.Join(from, "latencies-*"))
	for _, f := range files {
		_ = os.Link(f, filepath.Join(to, filepath.Base(f)))
	}
}

// run runs the product with arguments; its caches hold nothing at first but latencies.
func (s *session) run(args ...string) (output string, code int) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	c := exec.Command(self, append([]string{"-s", s.dir, "-trace", s.trace, "--", s.path}, args...)...)
	c.Dir = filepath.Dir(s.path)
	cache := filepath.Join(c.Dir, "cache")
	c.Env = append(os.Environ(), asFakepmu+"=1", "ROOFLINE_CACHE="+cache, "HOME="+c.Dir, "NO_COLOR=1")
	shareLatencies(s.known, cache)
	b, err := c.CombinedOutput()
	shareLatencies(cache, s.known)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(b), exit.ExitCode()
	} else if err != nil {
		s.t.Fatal(err)
	}
	return string(b), 0
}
