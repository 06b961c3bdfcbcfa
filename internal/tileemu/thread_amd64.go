package tileemu

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// thread is a stopped thread as its instructions see it.
type thread struct {
	tid    int
	regs   unix.PtraceRegs
	code   [64]byte // what stands at codeAt
	codeAt uint64
	known  int // bytes of it
}

// next is what stands where the thread is, the longest instruction at least unless a page follows that cannot be read.
func (t *thread) next() []byte {
	const page, longest = 4096, 15
	if at := t.regs.Rip - t.codeAt; t.known >= longest && at <= uint64(t.known-longest) {
		return t.code[at:t.known]
	}
	t.codeAt, t.known = t.regs.Rip, len(t.code)
	if t.Load([]Row{{t.codeAt, t.code[:]}}) != nil {
		t.known = min(t.known, page-int(t.codeAt%page))
		if t.Load([]Row{{t.codeAt, t.code[:t.known]}}) != nil {
			t.known = 0
		}
	}
	return t.code[:t.known]
}

// Register is a general register.
func (t *thread) Register(n int8) uint64 {
	r := &t.regs
	return *[...]*uint64{&r.Rax, &r.Rcx, &r.Rdx, &r.Rbx, &r.Rsp, &r.Rbp, &r.Rsi, &r.Rdi, &r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15}[n]
}

// Segment is where FS or GS begins.
func (t *thread) Segment(prefix uint8) uint64 {
	if prefix == 0x64 {
		return t.regs.Fs_base
	}
	return t.regs.Gs_base
}

// Load reads memory of the program.
func (t *thread) Load(rows []Row) error { return t.move(unix.ProcessVMReadv, "read", rows) }

// Store writes memory of the program. Rows before one that cannot be written are written, as a processor does it.
func (t *thread) Store(rows []Row) error { return t.move(unix.ProcessVMWritev, "write", rows) }

func (t *thread) move(call func(int, []unix.Iovec, []unix.RemoteIovec, uint) (int, error), what string, rows []Row) error {
	var localRoom [maxRows]unix.Iovec
	var remoteRoom [maxRows]unix.RemoteIovec
	local, remote, want := localRoom[:0], remoteRoom[:0], 0
	for _, r := range rows {
		v := unix.Iovec{Base: &r.Data[0]}
		v.SetLen(len(r.Data))
		local, remote = append(local, v), append(remote, unix.RemoteIovec{Base: uintptr(r.Addr), Len: len(r.Data)})
		want += len(r.Data)
	}
	n, err := call(t.tid, local, remote, 0)
	if err != nil || n != want {
		return fmt.Errorf("%s %d rows of %d bytes from %#x on: %d bytes, %v", what, len(rows), len(rows[0].Data), rows[0].Addr, n, err)
	}
	return nil
}
