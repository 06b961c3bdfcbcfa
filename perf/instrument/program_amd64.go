package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Options of a program.
type Options struct {
	Mode     rewrite.Mode
	LogBytes int // of a thread's log, in trace mode; 0: 256 KiB
	ABI      blocks.ABI
	// Outside reports code that runs natively when it is called; nil: only what is no function of the program is.
	Outside func(addr uint64) bool
	// Code gives the bytes from addr on, for code that is not a Function of New.
	Code func(addr uint64) []byte
	// Name names functions in that code; nil: they have no names.
	Name func(addr uint64) string
	// Low and High bound that code, for the table of the targets of indirect jumps; 0: only functions are in the table.
	Low, High uintptr
}

// Program is the instrumented copies of functions, for one mode. Its methods may be called from several goroutines.
type Program struct {
	opt   Options
	code  *codeMemory
	table table

	mu        sync.Mutex
	rw        *rewrite.Rewriter
	put       int // bytes of code in place
	functions []*function
	byEntry   map[uintptr]*function
}

// function is a Function and its copy.
type function struct {
	Function
	original []byte
	copy     *rewrite.Func
	err      error // why there is no copy
	slot     uintptr
	gate     uintptr
	first    uintptr
}

// table finds the copy of the target of an indirect jump.
type table struct{ at, low, span uintptr }

// New prepares functions for counting. Each gets its copy when it is first called.
func New(functions []Function, opt Options) (*Program, error) {
	if len(functions) == 0 {
		return nil, errors.New("instrument nothing: no functions")
	}
	if 8*len(functions) > slotBytes {
		return nil, fmt.Errorf("instrument %d functions: too many", len(functions))
	}
	if opt.LogBytes == 0 {
		opt.LogBytes = 256 << 10
	}
	p := &Program{opt: opt, byEntry: map[uintptr]*function{}}
	low, high := functions[0].Entry, uintptr(0)
	for _, f := range functions {
		low, high = min(low, f.Entry), max(high, f.Entry+uintptr(f.Size))
	}
	if opt.High > 0 {
		low, high = min(low, opt.Low), max(high, opt.High)
	}
	var err error
	if p.code, err = newCodeMemory(low); err != nil {
		return nil, err
	}
	p.table = table{low: low, span: high - low}
	if p.table.at, err = mapAnon(8 * p.table.span); err != nil {
		p.code.close()
		return nil, fmt.Errorf("map table of jump targets: %w", err)
	}
	p.rw = rewrite.New(rewrite.Options{Mode: opt.Mode, Base: uint64(p.code.exec), Limit: codeBytes, AVX: cpu.Usable(cpu.AVX2) == nil, AMX: cpu.Usable(cpu.AMXBF16) == nil || cpu.Usable(cpu.AMXINT8) == nil})
	for i, f := range functions {
		fn := &function{Function: f, original: bytes.Clone(view(f.Entry, f.Size)), slot: p.code.slots + 8*uintptr(i)}
		gate, first := p.rw.Gate(uint64(f.Entry), uint64(fn.slot))
		fn.gate, fn.first = uintptr(gate), uintptr(first)
		*word(fn.slot) = first
		p.functions, p.byEntry[f.Entry] = append(p.functions, fn), fn
	}
	p.publish()
	if err := catchFaults(p); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close gives all memory back. Nothing may be patched or running.
func (p *Program) Close() {
	releaseFaults(p)
	p.code.close()
	unmap(p.table.at, 8*p.table.span)
}

// publish puts new code in place.
func (p *Program) publish() {
	code := p.rw.Code()
	p.code.put(p.put, code[p.put:])
	p.put = len(code)
}

// read gives the original code at addr: what is patched meanwhile does not show.
func (p *Program) read(addr uint64) []byte {
	for _, f := range p.functions {
		if off := addr - uint64(f.Entry); off < uint64(f.Size) {
			return f.original[off:]
		}
	}
	if p.opt.Code != nil {
		return p.opt.Code(addr)
	}
	return nil
}

// translate makes the copy of a function.
func (p *Program) translate(f *function) error {
	if f.copy != nil || f.err != nil {
		return f.err
	}
	f.err = func() error {
		g, err := blocks.Discover(uint64(f.Entry), blocks.Options{Code: p.read, Outside: p.opt.Outside, ABI: p.opt.ABI})
		if err != nil {
			return err
		}
		if refused := g.Refused(); len(refused) > 0 {
			return refused[0]
		}
		f.copy, err = p.rw.Add(g)
		return err
	}()
	if f.err != nil {
		f.err = fmt.Errorf("%s: %w", f.Name, f.err)
		return f.err
	}
	p.publish()
	return nil
}

// firstCall makes the copy of the function at entry and returns where to go on. A function that cannot be copied runs as it
// is, and the thread's run has failed.
func (p *Program) firstCall(t *Thread, entry uintptr) uintptr {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.byEntry[entry]
	if err := p.translate(f); err != nil {
		t.failed = err
		_ = p.unpatch(f)
		return f.Entry
	}
	inner := uintptr(f.copy.Inner)
	*word(f.slot) = uint64(inner)
	return inner
}

// follow finds or makes the copy of the code at target, where an indirect jump went.
func (p *Program) follow(t *Thread, target uintptr) uintptr {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.functions {
		if f.copy == nil || target-f.Entry >= uintptr(f.Size) {
			continue
		}
		return p.followIn(f, target)
	}
	if p.opt.Code != nil && len(p.opt.Code(uint64(target))) > 0 {
		for _, f := range p.functions {
			if f.copy != nil {
				return p.followIn(f, target)
			}
		}
	}
	return target // code of someone else: it runs as it is
}

// followIn finds or makes the copy of the code at target as part of a function's.
func (p *Program) followIn(f *function, target uintptr) uintptr {
	at, err := f.copy.Follow(uint64(target))
	if err != nil {
		panic(&abort{err})
	}
	p.publish()
	if off := target - p.table.low; off < p.table.span {
		*word(p.table.at + 8*off) = at
	}
	return uintptr(at)
}
