package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The exit codes of shells for commands that cannot be run.
const (
	CodeNotExecutable = 126
	CodeNotFound      = 127
)

// StartError says that a command could not be started.
type StartError struct {
	Name string
	Code int // as a shell would exit: CodeNotFound or CodeNotExecutable
	Err  error
}

func (e *StartError) Error() string { return fmt.Sprintf("start %q: %v", e.Name, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

// Look finds the program of a command as a shell does: a name without a slash in the directories of PATH, an empty one of
// which means the current directory. The error is a *StartError.
func Look(name string) (path string, err error) {
	fail := func(code int, err error) (string, error) { return "", &StartError{name, code, err} }
	if name == "" {
		return fail(CodeNotFound, errors.New("the command has no name"))
	}
	if strings.Contains(name, "/") {
		if err := executable(name); err != nil {
			return fail(codeOf(err), err)
		}
		return name, nil
	}
	var found error // something of this name that cannot be executed
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir == "" {
			dir = "."
		}
		path := dir + "/" + name
		err := executable(path)
		if err == nil {
			return path, nil
		}
		if found == nil && codeOf(err) == CodeNotExecutable && !errors.Is(err, errDirectory) {
			found = fmt.Errorf("%s: %w", path, err)
		}
	}
	if found != nil {
		return fail(CodeNotExecutable, found)
	}
	return fail(CodeNotFound, errors.New("command not found"))
}

var errDirectory = errors.New("is a directory")

func executable(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return plain(err)
	}
	if st.IsDir() {
		return errDirectory
	}
	if err := unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	if st.Mode()&0o111 == 0 { // root may pass the check above
		return syscall.EACCES
	}
	return nil
}

// plain takes the path off an error that will be shown with it.
func plain(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// codeOf is a shell's exit code for what kept a command from starting.
func codeOf(err error) int {
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return CodeNotFound
	}
	return CodeNotExecutable
}
