package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// useHelper lets the tests find a helper, built once from source, and a C compiler.
func useHelper(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	path, err := builtHelper()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(helper.Env, path)
}

var builtHelper = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "roofline-native")
	if err != nil {
		return "", err
	}
	removeAtEnd = append(removeAtEnd, dir)
	path := filepath.Join(dir, "roofline-native")
	cmd := exec.Command("go", "build", "-o", path, "github.com/roofline-go/roofline/cmd/roofline-native")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build helper: %w\n%s", err, text)
	}
	return path, nil
})

// removeAtEnd are directories that outlive single tests.
var removeAtEnd []string
