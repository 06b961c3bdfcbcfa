package instrument

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"unsafe"

	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// FaultError is a signal that an instruction of an instrumented function got.
type FaultError struct {
	Signal   syscall.Signal
	Code     int    // si_code of the signal
	Addr     uint64 // that was accessed, of SIGSEGV and SIGBUS
	Function string
	PC       uint64 // of the original instruction; 0 when it is not known
	Bytes    []byte
	Text     string // the instruction in Intel syntax
}

func (e *FaultError) Error() string {
	what := fmt.Sprintf("%v", e.Signal)
	if e.Protection() {
		what += " at an address that the processor does not tell"
	} else if e.Signal == syscall.SIGSEGV || e.Signal == syscall.SIGBUS {
		what += fmt.Sprintf(" at address %#x", e.Addr)
	}
	if e.PC == 0 {
		return fmt.Sprintf("run %s: %s", e.Function, what)
	}
	return fmt.Sprintf("run %s: %s in %s (at %#x: % x)", e.Function, what, e.Text, e.PC, e.Bytes)
}

// faultRange is a program's code, and where a fault in it goes on. The handler reads these.
type faultRange struct{ low, high, goOn uintptr }

// Protection says whether the processor refused the access without saying which address it was of.
func (e *FaultError) Protection() bool {
	return e.Signal == syscall.SIGSEGV && e.Code == siKernel && e.Addr == 0
}

// siKernel is SI_KERNEL, the si_code of a general protection fault.
const siKernel = 0x80

var (
	faultRanges [16]faultRange
	faultOld    [32]uintptr // the handlers before, by signal
	faultMu     sync.Mutex
	faultsOnce  sync.Once
	faultsErr   error
)

//lint:ignore U1000 assembly takes its address
func faultHandler()

func faultHandlerPC() uintptr

// sigaction is the kernel's struct.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// catchFaults makes faults in p's code exits.
func catchFaults(p *Program) error {
	faultsOnce.Do(func() { faultsErr = installFaultHandler() })
	if faultsErr != nil {
		return faultsErr
	}
	faultMu.Lock()
	defer faultMu.Unlock()
	for i := range faultRanges {
		if faultRanges[i].high == 0 {
			faultRanges[i] = faultRange{p.code.exec, p.code.exec + codeBytes, uintptr(p.rw.Fault())}
			return nil
		}
	}
	return errors.New("instrument functions: too many programs at a time")
}

func releaseFaults(p *Program) {
	faultMu.Lock()
	defer faultMu.Unlock()
	for i := range faultRanges {
		if faultRanges[i].low == p.code.exec {
			faultRanges[i] = faultRange{}
		}
	}
}

func installFaultHandler() error {
	for _, sig := range []syscall.Signal{syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP} {
		var action sigaction
		if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0); errno != 0 {
			return fmt.Errorf("read handler of %v: %w", sig, errno)
		}
		faultOld[sig] = action.handler
		action.handler = faultHandlerPC()
		if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0); errno != 0 {
			return fmt.Errorf("set handler of %v: %w", sig, errno)
		}
	}
	return nil
}

// fault describes the signal that the thread's copy got.
func (t *Thread) fault() error {
	e := &FaultError{
		Signal: syscall.Signal(*t.word(rewrite.OffSignal)), Code: int(int32(*t.word(rewrite.OffSignalCode))),
		Addr: *t.word(rewrite.OffSignalAddr), Function: "copied code",
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	b, in := t.p.rw.Original(*t.word(rewrite.OffTarget))
	if b == nil {
		return e
	}
	e.Function = t.p.nameOf(b.Addr)
	for k := range b.Insts {
		if in == &b.Insts[k] {
			e.PC, e.Bytes, e.Text = in.PC, b.Bytes(k), in.String()
		}
	}
	return e
}
