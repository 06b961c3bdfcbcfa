package helper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/roofline-go/roofline/roofline/native"
)

// Limits are what one process may take.
type Limits struct {
	Wall   time.Duration // by the clock
	Memory int64         // address space beyond what Go itself reserves, in bytes
}

// DefaultLimits are wide enough for a kernel that is merely slow.
var DefaultLimits = Limits{Wall: 60 * time.Second, Memory: 64 << 30}

// goReserve is what the Go runtime of the helper reserves of its address space.
const goReserve = 2 << 30

// grace is how long a process that was told to end, or a pipe that it left behind, is waited for.
const grace = time.Second

// Run starts the helper for one request and returns what it measured. env are variables beside those of this process. What
// goes wrong with the object is a *Failure; any other error is of the helper itself, or that of the context.
func Run(ctx context.Context, path string, req native.Request, limits Limits, env ...string) (*native.Outcome, error) {
	req.Protocol = native.Protocol
	req.Limits = native.Limits{CPU: limits.Wall * time.Duration(max(req.Threads, 1)+1)}
	if limits.Memory > 0 {
		req.Limits.Memory = limits.Memory + goReserve
	}
	in, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	answer, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	timeout, cancel := context.WithTimeout(ctx, limits.Wall)
	defer cancel()
	p := &process{}
	cmd := exec.CommandContext(timeout, path)
	cmd.Env = append(append(os.Environ(), "GOTRACEBACK=none"), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &p.stdout, &p.stderr
	cmd.ExtraFiles = []*os.File{theirs} // file descriptor native.AnswerFD
	// A group of its own: Ctrl-C at the terminal is this program's to handle, and what the object starts ends with it. The
	// death signal comes when the thread that started the process ends, so that thread is kept.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = kill, grace
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		theirs.Close()
		return nil, fmt.Errorf("start helper: %w", err)
	}
	theirs.Close()
	read := make(chan error, 1)
	go func() {
		err := native.ReadAnswer(io.LimitReader(answer, 64<<20), p.see)
		if err != nil {
			_ = kill() // it would wait for ever to be read
		}
		read <- err
	}()
	ended := cmd.Wait()
	if errors.Is(ended, exec.ErrWaitDelay) { // it ended well, and somebody else holds its output
		ended = nil
	}
	_ = kill() // whatever it has started
	select {
	case err = <-read:
	case <-time.After(grace): // somebody else holds the pipe
		answer.Close()
		err = <-read
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return p.judge(req, err, ended, timeout.Err() != nil, limits.Wall)
}

// process is what is known of a process.
type process struct {
	mu             sync.Mutex
	stdout, stderr tail
	hello          bool
	phase          native.Phase
	loaded         native.Loaded
	operands       []native.Range
	last           native.Message
}

// see takes in a message.
func (p *process) see(m native.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hello = p.hello || m.Hello != nil
	if m.Phase != "" {
		p.phase = m.Phase
	}
	if m.Loaded != nil {
		p.loaded = *m.Loaded
	}
	if m.Operands != nil {
		p.operands = m.Operands
	}
	p.last = m
}

// judge makes a result or a failure of what became of the process. A result counts only if it ended well: what was
// computed by a process that crashed afterwards may be anything.
func (p *process) judge(req native.Request, garbled, ended error, late bool, wall time.Duration) (*native.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := &Failure{Phase: p.phase}
	switch fault := parseFault(p.stderr.String()); {
	case late:
		f.Kind, f.Text = Hung, fmt.Sprintf("no answer within %v", wall)
		f.Cure = "if it is only slow, raise --time-limit or choose a smaller size"
	case ended != nil && fault != nil && p.hello:
		f.Kind, f.Fault, f.Text = Crashed, fault, fault.describe(req.Object, p.loaded, p.operands)
		p.stderr.cutFrom(fault.Signal)
	case errors.Is(garbled, native.ErrGarbled):
		f.Kind, f.Text = Ended, garbled.Error()
	case ended != nil && bySelf(ended) != "":
		f.Kind, f.Text = Crashed, "it was ended by "+bySelf(ended)
	case p.last.Wrong != nil:
		f.Kind, f.Wrong, f.Text = Wrong, p.last.Wrong, p.last.Wrong.String()
	case p.last.Error != "":
		f.Kind, f.Text = Refused, p.last.Error
	case p.last.Result != nil && ended == nil:
		return p.accept(req)
	case !p.hello:
		return nil, fmt.Errorf("start helper: it did not answer: %w: %s", errors.Join(ended), lastLines(p.stderr.String(), 3))
	default:
		f.Kind, f.Text = Ended, fmt.Sprintf("%s before it answered (does the code call exit?)", endOf(ended))
	}
	f.Output = p.output()
	return nil, f
}

// accept takes a result. Of a run only what the process can know is believed: what was asked for is set here.
func (p *process) accept(req native.Request) (*native.Outcome, error) {
	o := p.last.Result
	s := req.Signature
	o.Run.Variant, o.Run.Shape, o.Run.Threads = req.Function, s.Shape, req.Threads
	if s.Form != native.Struct {
		o.Run.Kernel, o.Run.DType = s.Op, string(s.DType)
	}
	return o, nil
}

// bySelf names the signal that ended a process.
func bySelf(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return ""
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return ""
	}
	name := status.Signal().String()
	if status.Signal() == syscall.SIGXCPU || status.Signal() == syscall.SIGKILL {
		name += " (by the limit of CPU time, or for want of memory)"
	}
	return "signal " + name
}

func endOf(err error) string {
	if err == nil {
		return "the process ended with exit code 0"
	}
	return "the process ended with " + err.Error()
}

// outputLines is how much of what it printed is shown.
const outputLines = 8

// output is the end of what the process printed.
func (p *process) output() string {
	text := strings.TrimSpace(p.stdout.String() + "\n" + p.stderr.String())
	if text == "" {
		return ""
	}
	return lastLines(text, outputLines)
}

// tail keeps the last bytes written to it.
type tail struct{ data []byte }

const tailBytes = 64 << 10 // a report of the Go runtime has some 15 KiB, and its head matters

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.data = append(t.data, b...)
	if over := len(t.data) - tailBytes; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.data), "?") }

// cutFrom drops what the Go runtime printed about a signal.
func (t *tail) cutFrom(signal string) {
	for _, mark := range []string{"fatal error: ", "unexpected fault address", signal + ": "} {
		if at := bytes.Index(t.data, []byte(mark)); at >= 0 {
			t.data = t.data[:at]
		}
	}
}
