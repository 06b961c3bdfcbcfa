// Package helper finds and starts roofline-native, the process that runs a user's function, and turns what becomes of it
// into a result or a Failure that says what went wrong where.
package helper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/internal/cachedir"
)

const (
	program = "roofline-native"
	module  = "github.com/roofline-go/roofline"

	// Env names the environment variable that says which helper to use.
	Env = "ROOFLINE_NATIVE"
)

// Find returns the path of the helper: $ROOFLINE_NATIVE, or beside this program, or on PATH. Where there is none it is
// built with the go command into the cache directory: from this program's own source where that is on this machine, else
// by go install at this program's version. note hears of the build, which takes seconds the first time.
func Find(ctx context.Context, note func(string)) (string, error) {
	if path := os.Getenv(Env); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("find helper: %w (%s names it; unset it, or build one: go build -o %s %s/cmd/%s)", err, Env, path, module, program)
		}
		return path, nil
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), program)
		if st, err := os.Stat(beside); err == nil && st.Mode().IsRegular() {
			return beside, nil
		}
	}
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return build(ctx, note)
}

// recipe is how to build the helper.
type recipe struct {
	key  string // names the directory that it is built into
	dir  string // to run the go command in
	args func(out string) []string
}

// choose finds the way to build the helper of this very version.
func choose() (recipe, error) {
	if root := source(); root != "" {
		sum := sha256.Sum256([]byte(root + runtime.Version()))
		return recipe{"source-" + hex.EncodeToString(sum[:6]), root, func(out string) []string {
			return []string{"build", "-o", out, "./cmd/" + program}
		}}, nil
	}
	info, ok := debug.ReadBuildInfo()
	version := ""
	if ok {
		version = info.Main.Version
	}
	if version == "" || version == "(devel)" || strings.Contains(version, "+dirty") {
		return recipe{}, fmt.Errorf("this program is of no released version and its source is not here")
	}
	return recipe{version, "", func(string) []string { return []string{"install", module + "/cmd/" + program + "@" + version} }}, nil
}

// source is the root of the module that this program was built from, "" when it is not on this machine.
func source() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	root := filepath.Join(filepath.Dir(file), "../../..")
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil || !bytes.HasPrefix(mod, []byte("module "+module+"\n")) {
		return ""
	}
	return root
}

// build builds the helper into the cache directory. From source the go command itself decides whether anything is to do.
func build(ctx context.Context, note func(string)) (string, error) {
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("find helper %s: it is neither beside this program nor on PATH, and could not be built: %w (install it: go install %s/cmd/%s@latest, or set %s)",
			program, err, module, program, Env)
	}
	how, err := choose()
	if err != nil {
		return fail(err)
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return fail(err)
	}
	base, err := cachedir.Dir()
	if err != nil {
		return fail(err)
	}
	dir := filepath.Join(base, "native", how.key)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fail(err)
	}
	out := filepath.Join(dir, program)
	_, missing := os.Stat(out)
	if missing == nil && how.dir == "" {
		return out, nil // of a version: it never changes
	}
	if missing != nil {
		note("building the helper " + program + " (once)")
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fail(err)
	}
	defer lock.Close()
	if err := atomicfile.Lock(lock, unix.LOCK_EX); err != nil {
		return fail(err)
	}
	cmd := exec.CommandContext(ctx, compiler, how.args(out)...)
	cmd.Dir = how.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+dir, "GOFLAGS=-buildvcs=false", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fail(fmt.Errorf("go %s: %w: %s", cmd.Args[1], err, lastLines(string(text), 5)))
	}
	return out, nil
}

// lastLines are the last n lines of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
