package peercall

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// Library is a loaded shared object.
type Library interface {
	userkernel.Object
	// Repeat prepares to make calls in a row, all of them n ≥ 1 times, with as little as possible between them.
	Repeat(calls ...userkernel.Call) func(n int)
}

// Finder loads the library of a name: a path, or what the dynamic linker looks for. symbol is one that the library exports.
type Finder func(name, symbol string) (l Library, file string, at native.Loaded, err error)

// server is a library that has been loaded, with the operands of its function.
type server struct {
	problem userkernel.Verifier
	repeat  func(n int)
	waits   workers.Waits // of the thread
}

// Serve answers requests until in ends. It must run on a locked thread: the library is loaded and called on it alone, and
// inherits its CPUs. The error is of the conversation itself.
func Serve(in io.Reader, out io.Writer, find Finder) error {
	enc := json.NewEncoder(out)
	s := &server{}
	s.waits.Open()
	defer s.waits.Close()
	for dec := json.NewDecoder(in); ; {
		var req native.PeerRequest
		if err := dec.Decode(&req); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		if err := enc.Encode(s.answer(req, find)); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func (s *server) answer(req native.PeerRequest, find Finder) native.PeerAnswer {
	var a native.PeerAnswer
	var err error
	switch {
	case req.Open != nil:
		a.Opened, err = s.open(*req.Open, find)
	case s.repeat == nil:
		err = errors.New("nothing to call has been opened")
	case req.Verify:
		a.Verified, _ = s.problem.Compare()
	case req.Batch > 0:
		a.Batch = s.batch(req.Batch)
	default:
		err = errors.New("an empty request")
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// open loads a library and makes the operands.
func (s *server) open(o native.PeerOpen, find Finder) (*native.PeerOpened, error) {
	if o.Protocol != native.Protocol {
		return nil, fmt.Errorf("read request: protocol %d, this helper speaks %d (install roofline and roofline-native of the same version)", o.Protocol, native.Protocol)
	}
	calls, ok := conventions[o.Calls]
	if !ok {
		return nil, fmt.Errorf("read request: nothing is called the way of %q", o.Calls)
	}
	if err := pin(o.CPUs); err != nil {
		return nil, err
	}
	lib, file, at, err := load(o.Names, calls.symbol, find)
	if err != nil {
		return nil, err
	}
	opened := &native.PeerOpened{File: file, Loaded: at}
	opened.Version, opened.Kernel = calls.describe(lib)
	for _, f := range o.Functions {
		if _, err := lib.Symbol(f); err == nil {
			opened.Exports = append(opened.Exports, f)
		}
	}
	if o.Problem == nil {
		return opened, nil
	}
	s.problem, opened.Operands, err = userkernel.Foreign(*o.Problem, o.Use, func(operands []userkernel.Arg) (func(), error) {
		p, err := calls.bind(lib, *o.Problem, o.Use, operands)
		if err != nil {
			return nil, err
		}
		s.repeat = p.repeat
		if p.kernel != "" {
			opened.Kernel = p.kernel
		}
		return func() { p.repeat(1) }, nil
	})
	if err != nil {
		return nil, err
	}
	debug.SetGCPercent(-1) // from here on next to nothing is allocated
	return opened, nil
}

// pin lets the calling thread, and those that a library starts on it, run on the given CPUs only.
func pin(cpus []int) error {
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	if set.Count() == 0 {
		return nil
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pin to CPUs %v: %w", cpus, err)
	}
	cpu.KeepOff(cpus)
	return nil
}

// load finds the first of the names.
func load(names []string, symbol string, find Finder) (l Library, file string, at native.Loaded, err error) {
	var errs []error
	for _, name := range names {
		l, file, at, err = find(name, symbol)
		if err == nil {
			return l, file, at, nil
		}
		errs = append(errs, err)
	}
	return nil, "", at, errors.Join(errs...)
}

// batch times n calls.
func (s *server) batch(n int) *native.PeerBatch {
	var before, after unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &before)
	s.waits.Mark()
	begin := time.Now()
	s.repeat(n)
	end := time.Now()
	took := end.Sub(begin)
	waited := min(s.waits.ForOthers(begin, end), took-1)
	_ = unix.Getrusage(unix.RUSAGE_SELF, &after)
	return &native.PeerBatch{Seconds: (took - waited).Seconds(), Waited: waited.Seconds(), Involuntary: after.Nivcsw - before.Nivcsw,
		PageFaults: after.Minflt + after.Majflt - before.Minflt - before.Majflt}
}
