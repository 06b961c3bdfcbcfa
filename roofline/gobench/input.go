package gobench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sources are the endings of what the go command builds a package from (go help filetype), and of its module's files.
var sources = []string{".go", ".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".s", ".S", ".sx", ".m", ".f", ".F", ".for", ".f90", ".syso", ".swig", ".swigcxx",
	".mod", ".sum", ".work"}

// Input says whether a change of a file or directory may change a benchmark: sources do, and test data. A log or a profile
// beside them does not.
func Input(path string) bool {
	if slices.Contains(sources, filepath.Ext(path)) || slices.Contains(strings.Split(filepath.ToSlash(path), "/"), "testdata") {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
