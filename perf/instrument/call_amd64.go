package instrument

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Call runs the copy of the program's function at entry, on a stack of its own with a guard page below, and counts it.
// Pointers among the arguments must not point into Go's stack, and must be kept alive. Within Run a call costs some 14 ns
// more than a native one; alone it binds the thread first.
func (t *Thread) Call(entry uintptr, args *Arguments) (res Result, err error) {
	if !t.bound {
		runErr := t.Run(func() { res, err = t.Call(entry, args) })
		return res, errors.Join(err, runErr)
	}
	f := t.called
	if f == nil || f.Entry != entry {
		if f, err = t.p.function(entry); err != nil {
			return res, err
		}
		t.called = f
	}
	if err := t.pushArguments(args); err != nil {
		return res, fmt.Errorf("call %s: %w", f.Name, err)
	}
	aside := *t.word(rewrite.OffAside)
	*t.word(rewrite.OffAside) = 0
	enter(uintptr(f.copy.OwnEntry))
	*t.word(rewrite.OffAside) = aside
	if t.p.opt.ABI == blocks.GoABI0 {
		for i := range args.Ints {
			args.Ints[i] = *t.word(argumentsAt + 8*i)
		}
		return res, nil
	}
	res.RAX, res.RDX = *t.word(rewrite.OffResultRAX), *t.word(rewrite.OffResultRDX)
	for i := range 2 {
		res.XMM0[i], res.XMM1[i] = *t.word(rewrite.OffResultX0 + 8*i), *t.word(rewrite.OffResultX1 + 8*i)
	}
	return res, nil
}

// function finds a function of the program, with its copy.
func (p *Program) function(entry uintptr) (*function, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.byEntry[entry]
	if f == nil {
		return nil, fmt.Errorf("call code at %#x: no function of the program begins there", entry)
	}
	return f, p.translate(f)
}

// Arguments on the private stack: most words, from where the stack pointer is a multiple of 16, as C wants it before a call.
const (
	mostOnStack = 256
	argumentsAt = stackAt + stackBytes - 8*mostOnStack
)

// pushArguments puts arguments where the function expects them.
func (t *Thread) pushArguments(args *Arguments) error {
	onStack := args.Ints
	if t.p.opt.ABI != blocks.GoABI0 {
		if len(args.Floats) > 8 {
			return fmt.Errorf("%d floating-point arguments (want at most 8)", len(args.Floats))
		}
		for i, v := range args.Floats {
			*t.word(rewrite.OffFloatArgs + 8*i) = v
		}
		inRegisters := min(len(args.Ints), 6)
		for i, v := range args.Ints[:inRegisters] {
			*t.word(rewrite.OffArgs + 8*i) = v
		}
		onStack = args.Ints[inRegisters:]
	}
	if len(onStack) > mostOnStack {
		return fmt.Errorf("%d arguments on the stack (want at most %d)", len(onStack), mostOnStack)
	}
	for i, v := range onStack {
		*t.word(argumentsAt + 8*i) = v
	}
	return nil
}
