package testkit

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// SharedObject compiles a C file into a shared object for this architecture, or skips where no compiler does. name is that of
// the file it makes.
func SharedObject(t testing.TB, name, source string, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		SkipUnsupported(t, MissingTool("cc"))
	}
	machine, err := exec.Command(cc, "-dumpmachine").Output()
	if want := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]; err != nil || want == "" || !strings.HasPrefix(string(machine), want) {
		SkipUnsupported(t, MissingTool("cc for "+runtime.GOARCH))
	}
	out := filepath.Join(t.TempDir(), name)
	args := append([]string{"-O1", "-g", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", out, source}, flags...)
	if text, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}
