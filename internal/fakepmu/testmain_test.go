//go:build linux && (amd64 || arm64)

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/fakepmu/model"
	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
	"github.com/roofline-go/roofline/internal/testkit"
)

const asFakepmu = "ROOFLINE_TEST_AS_FAKEPMU" // makes the test binary the command

// TestMain lets the test binary be the command, and the program that runs in a scenario.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == clientWord:
		os.Exit(client(os.Args[2:]))
	case os.Getenv(asFakepmu) != "":
		main()
	}
	os.Unsetenv("REF") // of the one who runs the tests
	code := m.Run()
	if madeDir != "" {
		_ = os.RemoveAll(madeDir)
	}
	os.Exit(code)
}

// madeDir is where the product is built; "" until then.
var madeDir string

// productDir makes a directory beside those of the tests, so that files in it can be linked into them.
func productDir() string {
	dir, err := os.MkdirTemp("", "roofline")
	if err != nil {
		return os.TempDir()
	}
	madeDir = dir
	return dir
}

// unsupportedHere says that this machine cannot play scenarios, or not all of what they can have.
type unsupportedHere struct{ feature, reason string }

func (u *unsupportedHere) Error() string { return u.feature + ": " + u.reason }

// Unsupported names the feature for ROOFLINE_MUST_RUN.
func (u *unsupportedHere) Unsupported() string { return u.feature }

// works runs the smallest scenario once.
var works = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "fakepmu")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "scenario.json"), []byte(`{"vendor":"intel"}`), 0o644); err != nil {
		return err
	}
	out, code := play(dir, "", "true")
	switch {
	case code == 0:
		return nil
	case code == 125 || strings.Contains(out, "seccomp"):
		return &unsupportedHere{"fakepmu", strings.TrimSpace(out)}
	}
	return fmt.Errorf("fakepmu -- true: exit code %d: %s", code, out)
})

func needFakepmu(t *testing.T) {
	t.Helper()
	testkit.SkipUnsupported(t, works())
}

// needCores skips the test of a hybrid processor where this process may run on CPUs of one type of core only: the pretended kernel
// counts by the CPUs that a thread may really run on, and a single one cannot be of both types.
func needCores(t *testing.T, dir string) {
	t.Helper()
	allowed, err := cpu.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	for _, pmu := range []string{"cpu_core", "cpu_atom"} {
		text, err := os.ReadFile(filepath.Join(dir, "sysfs/bus/event_source/devices", pmu, "cpus"))
		if errors.Is(err, os.ErrNotExist) { // not a hybrid
			continue
		}
		cpus, parseErr := model.ParseCPUs(string(text))
		if err := errors.Join(err, parseErr); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(allowed, func(c int) bool { return slices.Contains(cpus, c) }) {
			testkit.SkipUnsupported(t, &unsupportedHere{"cpus", fmt.Sprintf("of CPUs %v none is one of %s", allowed, pmu)})
		}
	}
}

// play runs a program in a scenario and returns its output and exit code.
func play(dir, trace string, argv ...string) (output string, code int) {
	args := []string{"-s", dir}
	if trace != "" {
		args = append(args, "-trace", trace)
	}
	self, err := os.Executable()
	if err != nil {
		return err.Error(), -1
	}
	c := exec.Command(self, append(append(args, "--"), argv...)...)
	c.Env = append(os.Environ(), asFakepmu+"=1", "LC_ALL=C")
	b, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(b), exit.ExitCode()
	} else if err != nil {
		return err.Error(), -1
	}
	return string(b), 0
}

// reference reads the reference tables of the repository.
var reference = sync.OnceValues(func() (scenario.Reference, error) {
	dir, err := scenario.FindReference()
	if err != nil {
		return nil, err
	}
	return scenario.ReadReference(os.DirFS(dir))
})

// makeDir writes a scenario by the command line of fakepmu make.
func makeDir(t *testing.T, line string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "scenario")
	words := strings.Fields(line)
	if err := runMake(io.Discard, append([]string{words[0], dir}, words[1:]...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// readTrace returns the lines of a trace.
func readTrace(t *testing.T, path string) (lines []record) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("trace: %v in %q", err, line)
		}
		lines = append(lines, r)
	}
	return lines
}
