package testkit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// HideProgram leaves what may be installed under a name unknown to this process: the directories that have it are taken off PATH.
func HideProgram(name string) {
	list := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
	os.Setenv("PATH", strings.Join(list, string(filepath.ListSeparator)))
}

// PlainGit lets git find the repository by the working directory and read no configuration but the repository's, until the test ends.
func PlainGit(t testing.TB) {
	t.Helper()
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		t.Setenv(name, "") // puts it back in the end
		os.Unsetenv(name)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
}
