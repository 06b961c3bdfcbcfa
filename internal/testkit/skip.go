// Package testkit has what tests of kernels share: skips that carry a reason, guarded buffers and reproducible values.
package testkit

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// unsupported is implemented by errors that say what is missing on this machine.
type unsupported interface {
	error
	Unsupported() string
}

// SkipUnsupported skips the test when err says that the machine lacks something, and fails it for any other error.
// Where ROOFLINE_MUST_RUN names what is missing (a comma-separated list, or "all"), the test fails instead of skipping, so
// that a machine which must run it cannot pass by skipping.
func SkipUnsupported(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var u unsupported
	if !errors.As(err, &u) {
		t.Fatal(err)
	}
	must := strings.FieldsFunc(os.Getenv("ROOFLINE_MUST_RUN"), func(c rune) bool { return c == ',' || c == ' ' })
	if slices.Contains(must, "all") || slices.Contains(must, u.Unsupported()) {
		t.Fatalf("ROOFLINE_MUST_RUN=%s: must run here, but %v", os.Getenv("ROOFLINE_MUST_RUN"), err)
	}
	t.Skip(err)
}

// SkipRace skips the test where the race detector watches: why says what leaves it nothing to see.
func SkipRace(t testing.TB, why string) {
	t.Helper()
	if Race {
		t.Skip("race detector: " + why)
	}
}

// MissingTool is the reason of a skip for want of a program.
type MissingTool string

// Error names the program.
func (m MissingTool) Error() string { return string(m) + " is not installed" }

// Unsupported returns the name of the program.
func (m MissingTool) Unsupported() string { return string(m) }
