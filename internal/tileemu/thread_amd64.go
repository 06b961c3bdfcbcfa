package tileemu

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// thread is a stopped thread as its instructions see it.
type thread struct {
	tid   int
	regs  unix.PtraceRegs
	bytes [16]byte
}

// code is what stands where the thread is: at most 15 bytes, fewer before a page that cannot be read.
func (t *thread) code() []byte {
	const page = 4096
	n := 15
	if err := t.Load([]Row{{t.regs.Rip, t.bytes[:n]}}); err != nil {
		n = min(n, page-int(t.regs.Rip%page))
		if t.Load([]Row{{t.regs.Rip, t.bytes[:n]}}) != nil {
			return nil
		}
	}
	return t.bytes[:n]
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
