package command

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is what to run.
type Command struct {
	Path  string      // from Look
	Args  []string    // the first one is the name as it was given
	Env   []string    // nil: this process's own
	Files *[3]uintptr // standard input, output and error; nil: this process's own
}

// process is a command that has been started and not waited for.
type process struct {
	pid   int
	begin time.Time
}

// start forks and executes the command with the extra environment. The thread's counters with enable_on_exec start with it.
// A file that the kernel cannot execute is given to the shell, as execvp does.
func (c Command) start(extra ...string) (process, error) {
	env := c.Env
	if env == nil {
		env = os.Environ()
	}
	attr := &syscall.ProcAttr{Env: append(env[:len(env):len(env)], extra...), Files: []uintptr{0, 1, 2}}
	if c.Files != nil {
		attr.Files = c.Files[:]
	}
	begin := time.Now()
	pid, err := syscall.ForkExec(c.Path, c.Args, attr)
	if errors.Is(err, syscall.ENOEXEC) {
		begin = time.Now()
		pid, err = syscall.ForkExec("/bin/sh", append([]string{"sh", c.Path}, c.Args[1:]...), attr)
	}
	if err != nil {
		return process{}, &StartError{c.Args[0], CodeNotExecutable, explain(err)}
	}
	return process{pid, begin}, nil
}

// explain words the errors of execve on a file that was found.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("%w (the interpreter that its first line or its header names is missing)", err)
	case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%w (not a program for this machine)", err)
	case errors.Is(err, syscall.ETXTBSY):
		return fmt.Errorf("%w (it is still being written)", err)
	}
	return err
}

// wait returns when the process has ended.
func (p process) wait() (Ending, error) {
	var status unix.WaitStatus
	var usage unix.Rusage
	for {
		pid, err := unix.Wait4(p.pid, &status, unix.WUNTRACED, &usage)
		end := time.Now()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return Ending{}, fmt.Errorf("wait for the command: %w", err)
		case pid == p.pid && status.Stopped():
			stopToo(status.StopSignal())
		case pid == p.pid && (status.Exited() || status.Signaled()):
			return Ending{Status: statusOf(status), Elapsed: end.Sub(p.begin), Usage: usageOf(&usage)}, nil
		}
	}
}
