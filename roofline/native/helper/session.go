package helper

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/roofline-go/roofline/roofline/native"
)

// Session is a helper that answers one request after another, each a line of JSON. It is for one user at a time.
type Session struct {
	// Object is what it runs, for messages; Loaded and Operands, where known, say where a crash happened.
	Object   string
	Loaded   native.Loaded
	Operands []native.Range
	Phase    native.Phase // what it is asked to do

	cmd    *exec.Cmd
	in     io.WriteCloser
	answer *os.File
	lines  chan line
	p      *process
	ended  chan error // of the process
	failed error      // what ended the session
}

// line is what was read of an answer.
type line struct {
	data []byte
	err  error
}

// Start starts the helper with an argument. env is its whole environment.
func Start(path, arg string, env []string) (*Session, error) {
	answer, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &Session{answer: answer, lines: make(chan line, 1), p: &process{}, ended: make(chan error, 1), Phase: native.Loading}
	s.cmd = exec.Command(path, arg)
	s.cmd.Env = append(env, "GOTRACEBACK=none")
	s.cmd.Stdout, s.cmd.Stderr = &s.p.stdout, &s.p.stderr
	s.cmd.ExtraFiles = []*os.File{theirs} // file descriptor native.AnswerFD
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.cmd.WaitDelay = grace
	if s.in, err = s.cmd.StdinPipe(); err == nil {
		started := make(chan error)
		go s.watch(started)
		err = <-started
	}
	theirs.Close()
	if err != nil {
		answer.Close()
		return nil, fmt.Errorf("start helper: %w", err)
	}
	go s.read()
	return s, nil
}

// watch starts the process and waits for its end. The death signal comes when the thread that started the process ends, and
// the thread of the caller may be pinned, which the process would inherit: so it has a thread of its own.
func (s *Session) watch(started chan<- error) {
	runtime.LockOSThread()
	if err := s.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	err := s.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	s.ended <- err
	runtime.UnlockOSThread()
}

// read hands on the lines of the answers.
func (s *Session) read() {
	defer close(s.lines)
	r := bufio.NewReaderSize(io.LimitReader(s.answer, 64<<20), 64<<10)
	for {
		data, err := r.ReadSlice('\n')
		s.lines <- line{append([]byte(nil), data...), err}
		if err != nil {
			return
		}
	}
}

// Ask sends a request and reads the answer to it. A process that crashes, hangs or talks nonsense is a *Failure, and ends the
// session.
func (s *Session) Ask(request, answer any, limit time.Duration) error {
	if s.failed != nil {
		return s.failed
	}
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := s.in.Write(append(data, '\n')); err != nil {
		return s.fail(false, limit, nil)
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case l := <-s.lines:
		if l.err != nil || l.data == nil {
			return s.fail(false, limit, nil)
		}
		if err := json.Unmarshal(l.data, answer); err != nil {
			return s.fail(false, limit, fmt.Errorf("%w: %w", native.ErrGarbled, err))
		}
		return nil
	case <-late.C:
		return s.fail(true, limit, nil)
	}
}

// fail ends the session and says why.
func (s *Session) fail(late bool, limit time.Duration, garbled error) error {
	if late || garbled != nil {
		_ = s.kill()
	}
	ended := s.end()
	f := &Failure{Phase: s.Phase}
	switch fault := parseFault(s.p.stderr.String()); {
	case late:
		f.Kind, f.Text, f.Cure = Hung, fmt.Sprintf("no answer within %v", limit), "choose a smaller size"
	case garbled != nil:
		f.Kind, f.Text = Ended, garbled.Error()
	case fault != nil:
		f.Kind, f.Fault, f.Text = Crashed, fault, fault.describe(s.Object, s.Loaded, s.Operands)
		s.p.stderr.cutFrom(fault.Signal)
	case bySelf(ended) != "":
		f.Kind, f.Text = Crashed, "it was ended by "+bySelf(ended)
	default:
		f.Kind, f.Text = Ended, endOf(ended)
	}
	f.Output = s.p.output()
	s.failed = f
	return f
}

// Stop holds the process and what it started: threads of it that wait by spinning take no CPU from others. Continue lets
// them run on.
func (s *Session) Stop() { s.signal(syscall.SIGSTOP) }

// Continue lets a process that was stopped run on.
func (s *Session) Continue() { s.signal(syscall.SIGCONT) }

func (s *Session) signal(sig syscall.Signal) {
	if s.failed == nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, sig)
	}
}

func (s *Session) kill() error { return syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }

// end waits for the process to end, or ends it, and says how it ended.
func (s *Session) end() error {
	_ = s.in.Close()
	var err error
	select {
	case err = <-s.ended:
	case <-time.After(grace):
		_ = s.kill()
		err = <-s.ended
	}
	_ = s.answer.Close()
	for range s.lines { // the reader has ended when it is closed
	}
	return err
}

// Close ends the session.
func (s *Session) Close() error {
	if s.failed != nil {
		return nil
	}
	s.failed = errors.New("the session was closed")
	_ = s.kill()
	_ = s.end()
	return nil
}

// PID is the process's number, as /proc names it.
func (s *Session) PID() string { return strconv.Itoa(s.cmd.Process.Pid) }
