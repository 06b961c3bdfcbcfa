package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The functions of two objects are compared by a signature that roofline knows, or by a described one, and what does not fit is refused.
func TestCompareObjects(t *testing.T) {
	useHelper(t)
	source, err := filepath.Abs("testdata/tune/naive.c")
	if err != nil {
		t.Fatal(err)
	}
	storeCeilings(t)
	for out, flag := range map[string]string{"old.so": "-O0", "new.so": "-O2"} {
		if text, err := exec.Command("gcc", flag, "-shared", "-fPIC", "-o", out, source).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	args := []string{"compare", "old.so", "new.so", "--function", "my_sgemm", "--as", "sgemm:48x48x48", "--pairs", "6", "--time-budget", "30ms", "--no-progress"}
	code, stdout, stderr := invoke(t, args...)
	if code != exitDone || !strings.Contains(stdout, "faster") || !strings.Contains(stdout, "same:  flops") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	described := append(slices.Replace(slices.Clone(args), 5, 7, "--signature", prototype), "--source", "instrumented,simulated")
	code, stdout, stderr = invoke(t, described...)
	if code != exitDone || !strings.Contains(stdout, "faster") || !strings.Contains(stdout, "was not checked") || strings.Contains(stdout, "not counted:") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"compare", "old.so", "new.so"}, exitUsage, "--function"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--as", "dot:8", "--signature", ""}, exitUsage, "use one of them"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--signature", "i64"}, exitUsage, "needs its value"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--signature", "i64=1", "--threads", "2"}, exitUsage, "one thread"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--signature", "i64=1", "--no-progress"}, exitFailed, "find function f"},
		{[]string{"compare", "matmul/naive/f32", "matmul/blocked/f32", "--signature", ""}, exitUsage, "--signature means nothing"},
		{[]string{"tune", "--once", "--bench", ".BenchmarkX", "--signature", ""}, exitUsage, "--signature means nothing"},
		{[]string{"compare", "old.so", "new.so", "--function", "f"}, exitUsage, "--as"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--as", "sgemm"}, exitUsage, "512x512x512"},
		{[]string{"compare", "old.so", "matmul/naive/f32", "--function", "f", "--as", "sgemm:4x4x4"}, exitUsage, "two of a kind"},
		{[]string{"compare", "old.so", "none.so", "--function", "f", "--as", "sgemm:4x4x4"}, exitFailed, "none.so"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--as", "sgemm:4x4x4", "--no-progress"}, exitFailed, "declare it as"},
		{[]string{"compare", "old.so", "new.so", "--function", "f", "--as", "sgemm:4x4x4", "--threads", "2"}, exitUsage, "struct"},
		{[]string{"tune", "--object", "old.so"}, exitUsage, "--function"},
		{[]string{"tune", "--object", "none.so", "--function", "f", "--as", "dot:8"}, exitUsage, "--build"},
		{[]string{"tune", "--object", "old.so", "--bench", "x.BenchmarkX"}, exitUsage, "not both"},
		{[]string{"tune", "--object", "old.so", "--build", "make", "--function", "f", "--as", "dot:8"}, exitUsage, "--watch"},
		{[]string{"tune", "--object", "old.so", "--watch", "none.c", "--function", "f", "--as", "dot:8"}, exitUsage, "none.c"},
		{[]string{"tune", "matmul", "--object", "old.so"}, exitUsage, "either"},
		{[]string{"tune", "--bench", "nothing"}, exitUsage, "BenchmarkX"},
	} {
		code, _, stderr := invoke(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s", c.args, code, c.code, c.want, stderr)
		}
	}
}
