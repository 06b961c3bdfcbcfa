package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline/session"
)

// stored is a real result of a Zen 4 machine.
const stored = "../../roofline/analysis/testdata/zen4.json"

func TestExplainStored(t *testing.T) {
	path, err := filepath.Abs(stored)
	if err != nil {
		t.Fatal(err)
	}
	res, err := session.ReadDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	t.Chdir(t.TempDir())
	code, out, stderr := invoke(t, "explain", path, "matmul/avx2", "--what-if", "L2.bytes=/2,threads=2")
	if code != exitDone {
		t.Fatal(code, stderr)
	}
	for _, want := range []string{"matmul/avx2/f32 512x512x512", "compute.fma.avx2.f32", "<==", "Where the time goes", "What to do", "instrumented, 268435456 analytic", "What if L2.bytes=/2,threads=2?"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// The newest stored result that has the kernel is explained, and nothing measured.
	store, err := session.Open("roofline-out")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Append(res); err != nil {
		t.Fatal(err)
	}
	other := *res
	other.Runs = nil
	if err := store.Append(&other); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = invoke(t, "explain", "matmul/naive/f32", "--shape", "512x512x512")
	if code != exitDone || !strings.Contains(out, "[scalar-code]") || strings.Contains(stderr, "measuring") {
		t.Errorf("%d %s\n%s", code, stderr, out)
	}
	if _, err := os.Stat(filepath.Join("roofline-out", "result.json")); err == nil {
		t.Error("a stored result was measured again")
	}
}

func TestExplainRefuses(t *testing.T) {
	path, err := filepath.Abs(stored)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"explain"}, exitUsage, "takes a kernel or a result"},
		{[]string{"explain", "nosuch.json"}, exitFailed, "no such file"},
		{[]string{"explain", path, "sparse"}, exitFailed, "has no run of sparse"},
		{[]string{"explain", "matmul", "dot"}, exitUsage, "no result file"},
		{[]string{"explain", "matmull"}, exitUsage, "matmul"},
		{[]string{"explain", path, "matmul/avx2", "--what-if", "isa"}, exitUsage, "NAME=VALUE"},
		{[]string{"explain", path, "matmul/avx2", "--threads", "77"}, exitFailed, "no run of matmul/avx2 on 77 threads (it has matmul/naive/f32 512x512x512, "},
		{[]string{"explain", path, "matmul/avx2", "--isa", "go"}, exitUsage, "--isa means nothing to a result"},
		{[]string{"explain", path, "matmul/avx2", "--quick"}, exitUsage, "--quick means nothing to a result"},
		{[]string{"explain", path, "matmul/avx2", "--what-if", "L9.bytes=3"}, exitUsage, "unknown name"},
		{[]string{"explain", "dot/naive/f32", "--what-if", "fma=1,bandwidth.load.L9=1e9"}, exitUsage, "unknown name"}, // measures nothing
	} {
		if code, out, stderr := invoke(t, c.args...); code != c.code || !strings.Contains(stderr, c.want) || out != "" {
			t.Errorf("%v: %d %s, want %d %q and nothing printed:\n%s", c.args, code, stderr, c.code, c.want, out)
		}
	}
}

// A kernel without a stored result is measured first.
func TestExplainMeasures(t *testing.T) {
	storeCeilings(t)
	code, out, stderr := invoke(t, "explain", "dot/naive/f32", "--shape", "5000", "--quick", "--time-budget", "500ms", "--no-progress")
	if code != exitDone || !strings.Contains(stderr, "measuring it") || !strings.Contains(out, "dot/naive/f32 5000") {
		t.Errorf("%d %s\n%s", code, stderr, out)
	}
}
