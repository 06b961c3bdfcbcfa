package inject

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/roofline-go/roofline/perf/instrument"
)

// Command is the program to be run.
type Command struct {
	Path   string   // of the file
	Args   []string // with the name that the program sees as its first
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// Result is what was counted.
type Result struct {
	Function string
	Object   string // file that the function is in
	Calls    uint64
	Threads  []uint64            // calls by each thread that was counted
	Native   uint64              // calls that were not counted, for want of room for more threads
	Refused  uint64              // calls that were not counted: the program forbids the system call by which its threads are told apart here
	Nested   uint64              // calls that were not counted, by signal handlers while the function was running in the same thread
	Lost     uint64              // jumps that left the copy: what followed was not counted
	Tiles    uint64              // blocks executed with tiles of a size that is not known: a thread has configured several, or none that was seen
	Away     uint64              // calls by a pointer of other functions of the same file: they are not part of it
	AwayTo   string              // the last of these functions, as far as its name is known
	Clones   []string            // functions that were made of it, which are not counted
	Profile  *instrument.Profile // at the addresses of the file
	Wall     time.Duration       // of the program; instrumented, so no measurement
	Exit     int                 // exit code; 128 + the number of a signal that ended it
}

// Exact says whether every call was counted completely.
func (r *Result) Exact() bool {
	return r.Native == 0 && r.Refused == 0 && r.Nested == 0 && r.Lost == 0 && r.Tiles == 0
}

// All is how often the function was called, counted or not.
func (r *Result) All() uint64 { return r.Calls + r.Native + r.Refused + r.Nested }

// UnknownError says that there is no function of that name, or that there are several.
type UnknownError struct {
	Function string
	Files    []string // where it was looked for
	Stripped bool     // the program has no symbol table
	Similar  []string
	Clones   []string
	Several  []string // functions that the name may mean, by names that mean one of them each
}

func (e *UnknownError) Error() string {
	hint := ""
	switch {
	case len(e.Several) > 0:
		return fmt.Sprintf("find function %s: there are several in %s (name one of %s)", e.Function, strings.Join(e.Files, ", "), strings.Join(e.Several, ", "))
	case len(e.Clones) > 0:
		hint = fmt.Sprintf(" (the compiler made %s of it: name one of them)", strings.Join(e.Clones, ", "))
	case e.Stripped:
		hint = " (the program is stripped: build it with its symbols; where it starts the one that you mean, as a shell does, give that one)"
	case len(e.Similar) > 0:
		hint = fmt.Sprintf(" (did you mean %s?)", strings.Join(e.Similar[:min(len(e.Similar), 8)], ", "))
	default:
		hint = " (a function that was inlined everywhere does not exist: mark it noinline)"
	}
	return fmt.Sprintf("find function %s: it is not in %s%s", e.Function, strings.Join(e.Files, ", "), hint)
}

// ErrPermission says that the program cannot be traced.
var ErrPermission = errors.New("tracing is not permitted here (in a container: --cap-add SYS_PTRACE; else see kernel.yama.ptrace_scope)")
