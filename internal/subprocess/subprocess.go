// Package subprocess starts a program, often this one again, that reads one request on its standard input and gives one answer on
// its standard output, both in JSON. What crashes or hangs there is an error here, and nothing more.
package subprocess

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// grace is how long a process that was asked to end is waited for; then it is killed.
const grace = 2 * time.Second

// Ask starts a program with its arguments, and with env beside this process's environment, and has it answer the request. When ctx
// ends, so does the process, and the error is the cause. It ends with this process, too: code that loops for ever does not stay.
func Ask(ctx context.Context, command, env []string, request, answer any) error {
	if len(command) == 0 {
		return errors.New("start child process: no command for it")
	}
	in, err := json.Marshal(request)
	if err != nil {
		return err
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &errs
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // that signal comes when the thread that started the process ends
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		if said := firstLines(errs.String(), 3); said != "" {
			return fmt.Errorf("child process ended (%w): %s", err, said)
		}
		return fmt.Errorf("child process ended: %w", err)
	}
	if err := json.Unmarshal(out.Bytes(), answer); err != nil {
		return fmt.Errorf("read the answer of the child process: %w", err)
	}
	return nil
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(strings.TrimSpace(s), "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "; ")
}
