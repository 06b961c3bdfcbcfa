package rewrite

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Detached is the words that detached copies share between all threads; the addresses are the owner's to choose.
type Detached struct {
	Next     uint64 // number of threads that came so far
	Process  uint64 // word with a number of the process, set by its first thread; a child process that forks off finds 0
	Overflow uint64 // calls of threads for which there was no context: they ran natively and were not counted
	Refused  uint64 // calls of threads for which the kernel would not set GS: as above, until there is no context left
	Nested   uint64 // calls by a signal handler amid the copy's own code: they ran natively and were not counted
	Lost     uint64 // indirect jumps that left the copy for code of which there is none: what followed was not counted
	Contexts uint64 // address of the first thread's context
	Stride   int32  // from context to context
	Threads  int32  // contexts there are
	Segments Segments
	Tiles    bool // the copy uses tiles: their configuration is looked at in every call, for a caller may have loaded it
}

// Segments is how a thread tells itself from others by FS, and sets GS.
type Segments uint8

// The ways.
const (
	Itself  Segments = iota // by instructions: FSGSBASE
	Pointed                 // FS points to its own address, as the ABI of x86-64 has it where a libc has begun; the kernel sets GS
	Kernel                  // the kernel tells the thread's number at every call, and sets GS
)

// ThreadGate emits the way into a detached copy from the patched function: a thread that comes for the first time takes a
// context, by an atomic addition, and has GS point to it. GS must point to memory that is laid out like a context of no
// thread when the program begins. New threads and forked processes inherit GS of the thread that made them, so a context
// also names its process, and its thread by the thread pointer (FS) or its number. A thread for which there is no context
// goes on at native; so does a call by a signal handler that has interrupted the copy, whose registers are in the context.
// The counter counts calls.
func (r *Rewriter) ThreadGate(f *Func, d Detached, native uint64) (gate uint64, calls int) {
	a := &r.a
	calls = r.counters
	r.counters++
	var isNew []int // places of short jumps there
	ifNew := func(op byte) {
		a.b(op, 0)
		isNew = append(isNew, len(a.buf))
	}
	entry := f.Entry
	if d.Tiles {
		entry = a.pc()
		a.noteTileConfig(false)
		a.jump(f.Entry)
	}
	gate = a.pc()
	a.b(0x50)       // push rax
	a.b(0x48, 0x8b) // mov rax, [process]
	a.rip(decode.RAX, d.Process)
	a.opGS(0x3b, decode.RAX, OffProcess) // cmp
	ifNew(0x75)                          // jne
	a.thread(d.Segments)
	a.opGS(0x3b, decode.RAX, OffThread) // cmp
	ifNew(0x75)                         // jne
	a.b(0x65, 0x83)                     // cmp dword [inside], 0
	a.gs(7, OffInside)
	a.b(0)
	a.b(0x75, 0) // jne
	nested := len(a.buf)
	enter := func() {
		a.b(0x58) // pop rax
		a.storeImm(OffInside, 1)
		a.increment(counterSlot(calls))
		a.jump(entry)
	}
	enter()
	a.buf[nested-1] = byte(len(a.buf) - nested)
	a.b(0xf0, 0x48, 0xff) // lock inc [nested]
	a.rip(0, d.Nested)
	a.b(0x58) // pop rax
	a.jump(native)
	for _, at := range isNew {
		a.buf[at-1] = byte(len(a.buf) - at)
	}
	a.b(0x51)                   // push rcx
	a.b(0xb8, 1, 0, 0, 0)       // mov eax, 1
	a.b(0xf0, 0x48, 0x0f, 0xc1) // lock xadd [next], rax
	a.rip(decode.RAX, d.Next)
	a.b(0x48, 0x3d) // cmp rax, threads
	a.i32(d.Threads)
	a.b(0x0f, 0x83) // jae: no context left
	full := len(a.buf)
	a.i32(0)
	a.b(0x52)                   // push rdx
	a.b(0x48, 0x8d, 0x48, 0x01) // lea rcx, [rax+1]: a number for the process, should it have none
	a.b(0x48, 0x69, 0xc0)       // imul rax, rax, stride
	a.i32(d.Stride)
	a.leaRIP(decode.RDX, d.Contexts)
	a.b(0x48, 0x01, 0xd0) // add rax, rdx
	failed := a.setGS(d.Segments)
	a.b(0x5a)                   // pop rdx
	a.b(0x31, 0xc0)             // xor eax, eax
	a.b(0xf0, 0x48, 0x0f, 0xb1) // lock cmpxchg [process], rcx
	a.rip(decode.RCX, d.Process)
	a.b(0x48, 0x8b) // mov rax, [process]
	a.rip(decode.RAX, d.Process)
	a.store(OffProcess, decode.RAX)
	a.thread(d.Segments)
	a.store(OffThread, decode.RAX)
	a.b(0x59) // pop rcx
	enter()
	uncounted := func(word uint64) {
		a.b(0xf0, 0x48, 0xff) // lock inc [word]
		a.rip(0, word)
		a.b(0x59, 0x58) // pop rcx; pop rax
		a.jump(native)
	}
	a.patch32(full, len(a.buf))
	uncounted(d.Overflow)
	if failed > 0 {
		a.patch32(failed, len(a.buf))
		a.b(0x5a) // pop rdx
		uncounted(d.Refused)
	}
	return gate, calls
}

// System calls of the gate; they change RAX, RCX and R11.
const (
	sysArchPrctl = 158
	sysGettid    = 186
	archSetGS    = 0x1001
)

// thread loads RAX with what tells a process's threads apart.
func (a *assembler) thread(s Segments) {
	switch s {
	case Itself:
		a.b(0xf3, 0x48, 0x0f, 0xae, 0xc0) // rdfsbase rax
		return
	case Pointed:
		a.b(0x64, 0x48, 0x8b, 0x04, 0x25) // mov rax, fs:[0]
		a.i32(0)
		return
	}
	a.b(0x51, 0x41, 0x53) // push rcx; push r11
	a.b(0xb8)             // mov eax, gettid
	a.i32(sysGettid)
	a.b(0x0f, 0x05)       // syscall
	a.b(0x41, 0x5b, 0x59) // pop r11; pop rcx
}

// setGS has GS point to the address in RAX. Where the kernel is asked a jump is taken when it refuses, as it may in a
// program that forbids itself system calls: its place is returned.
func (a *assembler) setGS(s Segments) (failed int) {
	if s == Itself {
		a.b(0xf3, 0x48, 0x0f, 0xae, 0xd8) // wrgsbase rax
		return 0
	}
	a.b(0x51, 0x56, 0x57, 0x41, 0x53) // push rcx; push rsi; push rdi; push r11
	a.b(0x48, 0x89, 0xc6)             // mov rsi, rax
	a.b(0xbf)                         // mov edi, ARCH_SET_GS
	a.i32(archSetGS)
	a.b(0xb8) // mov eax, arch_prctl
	a.i32(sysArchPrctl)
	a.b(0x0f, 0x05)                   // syscall
	a.b(0x41, 0x5b, 0x5f, 0x5e, 0x59) // pop r11; pop rdi; pop rsi; pop rcx
	a.b(0x85, 0xc0)                   // test eax, eax
	a.b(0x0f, 0x85)                   // jnz
	failed = len(a.buf)
	a.i32(0)
	return failed
}

// rip emits ModRM and offset of a word near the copy, for an instruction that ends with them.
func (a *assembler) rip(reg uint8, to uint64) {
	a.b(reg&7<<3 | 5)
	a.i32(int32(int64(to) - int64(a.pc()) - 4))
}

// Native emits instructions of the original that stand elsewhere now, and a jump behind them. It says false when they
// cannot be moved.
func (r *Rewriter) Native(insts []decode.Inst, code []byte, on uint64) (at uint64, ok bool) {
	a := &r.a
	at = a.pc()
	near := func(to uint64) { a.i32(int32(int64(to) - int64(a.pc()) - 4)) }
	for i := range insts {
		in := &insts[i]
		switch in.Control {
		case decode.CondJump:
			a.b(0x0f, 0x80|in.Op&15)
			near(in.Target)
		case decode.Jump:
			a.b(0xe9)
			near(in.Target)
		case decode.Call:
			a.b(0xe8)
			near(in.Target)
		case decode.Next, decode.Return:
			begin := len(a.buf)
			a.b(code[:in.Len]...)
			if addr, ok := in.Address(); ok && in.RIPRelative() {
				d := int64(addr) - int64(a.pc())
				if d != int64(int32(d)) {
					return 0, false
				}
				binary.LittleEndian.PutUint32(a.buf[begin+int(in.DispOff):], uint32(int32(d)))
			}
		default:
			return 0, false
		}
		code = code[in.Len:]
	}
	a.jump(on)
	return at, true
}

// away counts a target in the file's own code. RAX, RDX and flags are free.
func (r *Rewriter) away() {
	a, w := &r.a, r.opt.Away
	a.load(decode.RAX, OffTarget)
	a.leaRIP(decode.RDX, w.Low)
	a.b(0x48, 0x39, 0xd0, 0x72, 0) // cmp rax, rdx; jb
	below := len(a.buf)
	a.leaRIP(decode.RDX, w.High)
	a.b(0x48, 0x39, 0xd0, 0x73, 0) // cmp rax, rdx; jae
	above := len(a.buf)
	a.b(0xf0, 0x48, 0xff) // lock inc [count]
	a.rip(0, w.Count)
	a.b(0x48, 0x89) // mov [to], rax
	a.rip(decode.RAX, w.To)
	for _, at := range []int{below, above} {
		a.buf[at-1] = byte(len(a.buf) - at)
	}
}

// unknownTarget has an indirect jump go on at its target natively; within the table's span that is code which should have
// been counted. RAX and RDX, saved before, are set for the way on.
func (r *Rewriter) unknownTarget() {
	a := &r.a
	a.load(decode.RAX, OffTarget)
	a.store(OffJump, decode.RAX)
	a.load(decode.RDX, indirectRDX)
	a.load(decode.RAX, indirectFlg)
	a.restoreFlags()
	a.load(decode.RAX, indirectRAX)
	r.inside(0)
	a.jumpGS(OffJump)
}

// inside notes that a detached copy is entered (1) or left (0). Where it is left nothing of it is in the context.
func (r *Rewriter) inside(v int32) {
	if r.opt.Detached {
		r.a.storeImm(OffInside, v)
	}
}
