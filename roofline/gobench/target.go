// Package gobench runs a Go benchmark as one side of a comparison: its test binary is built once, kept, and started anew for
// every sample.
package gobench

import (
	"fmt"
	"regexp"
	"strings"
)

// Target is a benchmark of a package.
type Target struct {
	Package string // as the go command takes it
	Name    string // BenchmarkX, or BenchmarkX/sub
}

var goodName = regexp.MustCompile(`^Benchmark[\pL\pN_]*(/[^\s/]+)*$`)

// Parse reads PKG.BenchmarkX[/SUB]; without PKG it is the package of the current directory. The error names the cure.
func Parse(text string) (Target, error) {
	t := Target{Package: ".", Name: text}
	if at := strings.LastIndex(text, ".Benchmark"); at >= 0 {
		t.Package, t.Name = text[:at], text[at+1:]
		if t.Package == "" {
			t.Package = "."
		}
	}
	if !goodName.MatchString(t.Name) {
		return Target{}, fmt.Errorf("parse benchmark %q: it names no benchmark; write PKG.BenchmarkX or PKG.BenchmarkX/SUB, e.g. ./linalg.BenchmarkDot", text)
	}
	return t, nil
}

// String is the target as Parse reads it.
func (t Target) String() string {
	if t.Package == "." {
		return t.Name
	}
	return t.Package + "." + t.Name
}

// pattern is the regular expression that matches this benchmark alone, as -test.bench takes it: one part a slash.
func (t Target) pattern() string {
	parts := strings.Split(t.Name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
