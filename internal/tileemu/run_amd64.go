package tileemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Run runs a program to its end and executes its tile instructions, and those of all threads and processes that it makes. When ctx is
// cancelled the program is killed. A program that fails is no error: see Result.Exit. Where the kernel refuses ptrace the error is
// an *UnsupportedError.
func Run(ctx context.Context, c Command) (res *Result, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: ptrace belongs to this thread, and what it still traces ends with it
		res, err = run(ctx, c)
	}()
	<-done
	return res, err
}

const options = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC

func run(ctx context.Context, c Command) (*Result, error) {
	process, err := os.StartProcess(c.Path, c.Args, &os.ProcAttr{Env: c.Env, Files: c.Files, Sys: &syscall.SysProcAttr{Ptrace: true}})
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSYS) {
		return nil, &UnsupportedError{What: "tiles", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("emulate tiles: %w", err)
	}
	pid := process.Pid
	defer process.Release()
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, unix.WALL, nil); err != nil || !ws.Stopped() {
		return nil, &UnsupportedError{What: "tiles", Err: fmt.Errorf("start %s: %v, status %#x", c.Path, err, int(ws))}
	}
	if err := unix.PtraceSetOptions(pid, options); err != nil {
		_ = unix.Kill(pid, unix.SIGKILL)
		return nil, &UnsupportedError{What: "tiles", Err: err}
	}
	stop := context.AfterFunc(ctx, func() { _ = unix.Kill(pid, unix.SIGKILL) })
	defer stop()
	t := tracer{pid: pid, log: c.Log, threads: map[int]*State{pid: {}}, result: Result{Executed: map[string]uint64{}}}
	if err := unix.PtraceCont(pid, 0); err != nil {
		return nil, fmt.Errorf("emulate tiles: start %s: %w", c.Path, err)
	}
	if err := t.loop(); err != nil {
		return nil, fmt.Errorf("emulate tiles: %w", err)
	}
	return &t.result, ctx.Err()
}
