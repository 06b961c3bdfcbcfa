package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/command"
)

// Command is a side that is a command: the time is from its start to its end.
type Command struct {
	Args []string
	Dir  string // "" is the current directory
}

// EnvLayout names the environment variable that moves the stack of a process: its value is padding of random length
// (Mytkowicz et al., Producing Wrong Data Without Doing Anything Obviously Wrong!, ASPLOS 2009).
const EnvLayout = "ROOFLINE_LAYOUT"

// Padding is the environment variable that moves the stack by up to a page, in the way of the seed.
func Padding(seed uint64) string {
	return EnvLayout + "=" + strings.Repeat("x", int(seed%4096))
}

// Label is the command line.
func (c Command) Label() string { return strings.Join(c.Args, " ") }

// Sample runs the command once. What it prints is dropped, but the end of its error output is part of the error when it
// fails. A command that fails is not a measurement.
func (c Command) Sample(ctx context.Context, seed uint64, _ bool) (Sample, error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), Padding(seed))
	var tail tailBuffer
	cmd.Stderr = &tail
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	floor := command.Floor()
	begin := time.Now()
	err := cmd.Start()
	var used usage
	var took time.Duration
	if err == nil {
		used = ended(cmd.Process.Pid)
		took = time.Since(begin)
		err = cmd.Wait()
	}
	if ctx.Err() != nil {
		return Sample{}, context.Cause(ctx)
	}
	switch {
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return Sample{}, fmt.Errorf("%w (name a program on PATH, or its path)", err)
	case err != nil:
		return Sample{}, errors.Join(fmt.Errorf("%w (a run that fails is not timed: try the command by itself)", err), tail.asError())
	}
	s := Sample{Seconds: took.Seconds(), CPU: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && u.Maxrss<<10 > floor { // Linux counts in KiB
		s.PeakRSS = u.Maxrss << 10
	}
	if used.known {
		s.Waited = min(used.waited.Seconds()/s.Seconds, 1)
		s.Serial = used.serial()
	}
	return s, nil
}

// tailBuffer keeps the last bytes written to it.
type tailBuffer struct{ data []byte }

const tailBytes = 1 << 10

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.data = append(b.data, p...)
	if len(b.data) > tailBytes {
		b.data = append(b.data[:0], b.data[len(b.data)-tailBytes:]...)
	}
	return len(p), nil
}

func (b *tailBuffer) asError() error {
	if text := bytes.TrimSpace(b.data); len(text) > 0 {
		return fmt.Errorf("its error output ends: %s", text)
	}
	return nil
}
