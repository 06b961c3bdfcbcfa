// Command fakepmu runs an unmodified program under a supervisor that plays the kernel's perf_event interface from a
// scenario, so that a program which counts hardware events can be tested on machines that have none.
//
//	fakepmu make UARCH DIR [role=value ...]                    write a scenario
//	fakepmu -s DIR [-trace FILE] [-nomount] -- PROGRAM [ARG...]  run a program in it
//
// docs/fakepmu.md describes scenarios, what is modelled and what is not.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	args := os.Args[1:]
	var err error
	switch {
	case len(args) > 1 && args[0] == stageTwo:
		err = becomeProgram(args[1], args[2:])
	case len(args) > 0 && args[0] == "make":
		err = runMake(os.Stdout, args[1:])
	default:
		err = runProgram(args)
	}
	os.Exit(exitCode(err))
}

// exitCode reports err and returns the command's exit code: the program's own, 2 for wrong usage, 125 where the
// supervisor failed.
func exitCode(err error) int {
	var ended *programEnded
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return ended.code
	}
	fmt.Fprintln(os.Stderr, "fakepmu:", err)
	if errors.As(err, &usage) {
		return 2
	}
	return 125
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// programEnded is the end of the program with an exit code other than 0; as a shell has it, 128+n for signal n.
type programEnded struct{ code int }

func (p *programEnded) Error() string {
	return fmt.Sprintf("the program ended with exit code %d", p.code)
}
