package tileemu

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// tracer follows a program. All methods must be called on the OS thread that started it.
type tracer struct {
	pid     int
	log     io.Writer
	threads map[int]*State
	result  Result
}

// loop handles stops until the program's first process has ended.
func (t *tracer) loop() error {
	for {
		var ws unix.WaitStatus
		tid, err := unix.Wait4(-1, &ws, unix.WALL|unix.WNOTHREAD, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case ws.Exited() || ws.Signaled():
			delete(t.threads, tid)
			if tid != t.pid {
				continue
			}
			t.result.Exit = ws.ExitStatus()
			if ws.Signaled() {
				t.result.Exit = 128 + int(ws.Signal())
			}
			return nil
		case !ws.Stopped():
			continue
		}
		signal, err := t.stopped(tid, ws)
		if err == nil {
			err = unix.PtraceCont(tid, int(signal))
		}
		if err != nil && !errors.Is(err, unix.ESRCH) { // killed meanwhile: its end is reported
			return err
		}
	}
}

// stopped returns the signal with which the thread goes on; 0: none.
func (t *tracer) stopped(tid int, ws unix.WaitStatus) (unix.Signal, error) {
	signal := ws.StopSignal()
	state, known := t.threads[tid]
	if !known { // a new thread has no tiles, whatever its parent has
		state = &State{}
		t.threads[tid] = state
		if signal == unix.SIGSTOP { // its first stop is ptrace's
			return 0, nil
		}
	}
	switch {
	case ws.TrapCause() > 0:
		if ws.TrapCause() == unix.PTRACE_EVENT_EXEC {
			*state = State{}
		}
		return 0, nil
	case signal == unix.SIGILL:
		return t.execute(tid, state)
	}
	return signal, nil
}

// execute executes tile instructions from where a thread stands to the next other one. If the first is none, or faults, the thread gets a signal.
func (t *tracer) execute(tid int, state *State) (unix.Signal, error) {
	p := thread{tid: tid}
	if err := unix.PtraceGetRegs(tid, &p.regs); err != nil {
		return 0, err
	}
	var in decode.Inst
	for done := 0; ; done++ {
		fault := error(nil)
		isTile := decode.DecodeInto(&in, p.next(), p.regs.Rip) == nil && in.Attr&decode.AMX != 0
		if isTile {
			fault = state.Execute(&in, &p)
		}
		if isTile && fault == nil {
			t.result.Executed[in.Mnemonic.String()]++
			p.regs.Rip = in.Next()
			continue
		}
		if done > 0 { // one that faults stops the thread once more, at its own address
			return 0, unix.PtraceSetRegs(tid, &p.regs)
		}
		if !isTile {
			return unix.SIGILL, nil
		}
		return t.fault(&in, fault), nil
	}
}

// fault returns the signal for it.
func (t *tracer) fault(in *decode.Inst, err error) unix.Signal {
	t.result.Faults++
	if t.log != nil {
		fmt.Fprintf(t.log, "emulate tiles: %s at %#x: %v\n", in.Mnemonic, in.PC, err)
	}
	var f *Fault
	if errors.As(err, &f) && f.Kind != Undefined {
		return unix.SIGSEGV
	}
	return unix.SIGILL
}
