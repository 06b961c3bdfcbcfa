package cachedir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	t.Setenv(Env, dir)
	path, err := File("ceilings", "../../abc")
	if err != nil || path != filepath.Join(dir, "ceilings-abc.json") {
		t.Errorf("%s, %v: a fingerprint must not lead out of the directory", path, err)
	}
	if err := WriteJSON(path, map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "{\n \"a\": 1\n}\n" {
		t.Errorf("%q, %v", data, err)
	}
	if err := Check(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("checking leaves something behind: %v, %v", left, err)
	}
	t.Setenv(Env, path) // which is a file
	if err := Check(); err == nil || !strings.Contains(err.Error(), "set "+Env+" to a directory") {
		t.Errorf("a file for a directory: %v", err)
	}
	t.Setenv(Env, "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := File("x", "y"); err == nil || !strings.Contains(err.Error(), Env) {
		t.Errorf("without a home: %v, want a hint at %s", err, Env)
	}
}
