package loop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// BuildError is a build that failed, with the end of what it said.
type BuildError struct {
	Command string
	Err     error
	Output  string
}

// Error is the failure in one line.
func (e *BuildError) Error() string { return fmt.Sprintf("build failed: %s: %v", e.Command, e.Err) }

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Err }

// Block is the failure as a short block of lines.
func (e *BuildError) Block() string {
	block := e.Error()
	if e.Output == "" {
		return block
	}
	return block + "\n    " + strings.ReplaceAll(e.Output, "\n", "\n    ")
}

// outputLines is how much of what a build says is shown: errors come first, the last lines say little.
const outputLines = 12

// Command runs a build command in a process group of its own, so that an interruption ends all of it and Ctrl-C at the
// terminal reaches this program first. dir "" is the current directory. What it says is only shown when it fails.
func Command(ctx context.Context, dir, name string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	shown := strings.Join(append([]string{name}, args...), " ")
	if name == "sh" && len(args) == 2 {
		shown = args[1]
	}
	return &BuildError{shown, err, telling(out.String())}
}

// telling picks the lines worth showing: from the first that speaks of an error on, or the last ones.
func telling(text string) string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(text, "?")), "\n")
	from := max(0, len(lines)-outputLines)
	for i, line := range lines[:from] {
		if strings.Contains(strings.ToLower(line), "error") {
			from = i
			break
		}
	}
	return strings.Join(lines[from:min(from+outputLines, len(lines))], "\n")
}
