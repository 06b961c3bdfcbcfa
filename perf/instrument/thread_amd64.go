package instrument

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Thread is the memory of one OS thread's runs of a program.
type Thread struct {
	p      *Program
	memory uintptr        // context, aside, private stack, log
	base   unsafe.Pointer // the same
	size   uintptr
	handle int
	bound  bool
	called *function // by Call, the last time
	failed error     // why the run that is going on cannot be counted

	tiles  []tileCounts
	slots  []uint64 // see rewrite.LoopRecord
	batch  []sim.Access
	quick  quickReplay
	fsBase uint64
	sink   Sink
}

// Sizes of a thread's memory behind the context.
const (
	page       = 4096
	stackBytes = 1 << 20
	asideAt    = (rewrite.ContextSize + page - 1) &^ (page - 1)
	guardAt    = asideAt + rewrite.AsideSize
	stackAt    = guardAt + page
	logAt      = stackAt + stackBytes + page // behind another guard page
)

// threads lists the threads by handle, for exits.
var threads struct {
	sync.Mutex
	list atomic.Pointer[[]*Thread]
}

func register(t *Thread) {
	threads.Lock()
	defer threads.Unlock()
	var list []*Thread
	if old := threads.list.Load(); old != nil {
		list = append(list, *old...)
	}
	t.handle = len(list)
	for i, o := range list {
		if o == nil {
			t.handle = i
		}
	}
	if t.handle == len(list) {
		list = append(list, t)
	}
	list[t.handle] = t
	threads.list.Store(&list)
}

func unregister(t *Thread) {
	threads.Lock()
	defer threads.Unlock()
	list := append([]*Thread(nil), *threads.list.Load()...)
	list[t.handle] = nil
	threads.list.Store(&list)
}

// NewThread maps the memory for one thread.
func (p *Program) NewThread() (*Thread, error) {
	t := &Thread{p: p, size: logAt, batch: make([]sim.Access, 0, batch)}
	if p.opt.Mode == rewrite.Trace {
		t.size += uintptr(p.opt.LogBytes) + rewrite.Slack
	}
	var err error
	if t.memory, err = mapAnon(t.size); err != nil {
		return nil, fmt.Errorf("map memory for a thread: %w", err)
	}
	for _, guard := range []uintptr{guardAt, stackAt + stackBytes} {
		if err := syscall.Mprotect(view(t.memory+guard, page), syscall.PROT_NONE); err != nil {
			unmap(t.memory, t.size)
			return nil, fmt.Errorf("protect guard page: %w", err)
		}
	}
	t.base = pointer(t.memory)
	register(t)
	for off, v := range map[int]uint64{
		rewrite.OffSelf:   uint64(t.memory),
		rewrite.OffHandle: uint64(t.handle),
		rewrite.OffExit:   uint64(exitPC()),
		rewrite.OffReturn: p.rw.Return(), rewrite.OffPrivateSP: uint64(t.memory) + argumentsAt,
		rewrite.OffMXCSR: uint64(mxcsr()),
		rewrite.OffTable: uint64(p.table.at), rewrite.OffTableLow: uint64(p.table.low), rewrite.OffTableSpan: uint64(p.table.span),
	} {
		*t.word(off) = v
	}
	t.resetLog()
	return t, nil
}

// Close gives the memory back. The thread must not be running.
func (t *Thread) Close() {
	unregister(t)
	unmap(t.memory, t.size)
}

func (t *Thread) word(off int) *uint64 { return (*uint64)(unsafe.Add(t.base, off)) }

// counters are the program's counters of this thread.
func (t *Thread) counters() []uint64 {
	return unsafe.Slice(t.word(rewrite.OffCounters), rewrite.MaxCounters)
}

func (t *Thread) resetLog() {
	*t.word(rewrite.OffLog) = uint64(t.memory + logAt)
	*t.word(rewrite.OffLogLimit) = uint64(t.memory+logAt) + uint64(t.p.opt.LogBytes)
}

// flush hands the log over and begins a new one.
func (t *Thread) flush() {
	if t.p.opt.Mode != rewrite.Trace {
		return
	}
	begin := t.memory + logAt
	n := int(uintptr(*t.word(rewrite.OffLog))-begin) / 8
	if n > 0 && t.sink != nil {
		t.sink(&Log{t, unsafe.Slice(word(begin), n)})
	}
	t.resetLog()
}

// SetSink says what is done with the log, in trace mode. Without a sink it is thrown away.
func (t *Thread) SetSink(s Sink) { t.sink = s }

// Run runs f on this goroutine, wired to its OS thread, and counts what it executes of the program's patched functions.
// Counts add up over runs. The error is for what could not be counted; f has then run nevertheless, unless its code met
// what is not understood.
func (t *Thread) Run(f func()) (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := t.bind(); err != nil {
		return err
	}
	t.bound = true
	defer func() {
		unbind()
		t.bound = false
		switch v := recover().(type) {
		case nil:
		case *abort:
			err = v.err
		default:
			panic(v)
		}
		t.flush()
		if err == nil {
			err, t.failed = t.failed, nil
		}
	}()
	*t.word(rewrite.OffAside) = uint64(t.memory + asideAt)
	onLargeStack(f)
	return nil
}

// abort is the panic that ends a run whose code cannot be followed any further.
type abort struct{ err error }

// arch_prctl(2).
const (
	archSetGS = 0x1001
	archGetGS = 0x1004
	archGetFS = 0x1003
)

func (t *Thread) bind() error {
	var now uintptr
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archGetGS, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		return fmt.Errorf("read GS base: %w", errno)
	}
	if now != 0 {
		return fmt.Errorf("bind thread: its GS base is in use (%#x)", now)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archGetFS, uintptr(unsafe.Pointer(&t.fsBase)), 0); errno != 0 {
		return fmt.Errorf("read FS base: %w", errno)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archSetGS, t.memory, 0); errno != 0 {
		return fmt.Errorf("set GS base: %w", errno)
	}
	return nil
}

func unbind() { syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archSetGS, 0, 0) }

// onLargeStack runs f with so much stack in use, and so much more of it at hand, that the stack neither grows nor shrinks
// while f runs: copies keep addresses of it. (It would shrink when less than a quarter is in use.)
func onLargeStack(f func()) { holdStack(2, f) }

type stackPiece [64 << 10]byte

//go:noinline
func holdStack(pieces int, f func()) {
	var held stackPiece
	if pieces > 1 {
		holdStack(pieces-1, f)
	} else {
		useStack(4, &held)
		f()
	}
	useStack(0, &held)
}

//go:noinline
func useStack(pieces int, last *stackPiece) {
	if pieces > 0 {
		var piece stackPiece
		useStack(pieces-1, &piece)
	}
	last[0]++
}
