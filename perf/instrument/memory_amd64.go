package instrument

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pointer makes a pointer to memory that is not Go's. It is not inlined: Go 1.26.8's compiler panics where it folds such a
// pointer into a copy of fixed size.
//
//go:noinline
func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

// view makes a slice of memory that is not Go's.
func view(addr uintptr, n int) []byte { return unsafe.Slice((*byte)(pointer(addr)), n) }

func word(addr uintptr) *uint64 { return (*uint64)(pointer(addr)) }

const (
	codeBytes = 64 << 20 // reserved for copies; what is not used costs nothing
	slotBytes = 1 << 16
)

// codeMemory holds copies. It is mapped twice, to be executed here and to be written there: no address is ever both.
type codeMemory struct {
	exec  uintptr
	write uintptr
	slots uintptr // behind exec: words that copies read, writable
}

// newCodeMemory maps code memory within reach (2 GiB) of code at near.
func newCodeMemory(near uintptr) (*codeMemory, error) {
	fd, err := unix.MemfdCreate("roofline-copies", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate("roofline-copies", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, fmt.Errorf("create memory for code: memfd_create: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, codeBytes); err != nil {
		return nil, fmt.Errorf("size memory for code: %w", err)
	}
	m := &codeMemory{}
	hole, err := reserveNear(near, codeBytes+slotBytes)
	if err != nil {
		return nil, err
	}
	m.exec, m.slots = hole, hole+codeBytes
	fixed := func(addr uintptr, n uintptr, fd, prot, flags int) error {
		_, err := unix.MmapPtr(fd, 0, pointer(addr), n, prot, flags|unix.MAP_FIXED)
		return err
	}
	if err := fixed(m.exec, codeBytes, fd, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_SHARED); err != nil {
		unmap(hole, codeBytes+slotBytes)
		return nil, fmt.Errorf("map executable memory: %w (does the system forbid it?)", err)
	}
	err = fixed(m.slots, slotBytes, -1, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err == nil {
		var p unsafe.Pointer
		p, err = unix.MmapPtr(fd, 0, nil, codeBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		m.write = uintptr(p)
	}
	if err != nil {
		unmap(hole, codeBytes+slotBytes)
		return nil, fmt.Errorf("map memory for code: %w", err)
	}
	return m, nil
}

// reserveNear reserves address space so that all of it is within 2 GiB of near, with room for large programs.
func reserveNear(near uintptr, n uintptr) (uintptr, error) {
	const step, farthest = 16 << 20, 0x58000000
	for d := uintptr(0x8000000); d < farthest; d += step {
		for _, at := range []uintptr{near&^0xffff + d, near&^0xffff - d} {
			if at < 1<<16 || at > 1<<47-n {
				continue
			}
			p, err := unix.MmapPtr(-1, 0, pointer(at), n, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE|unix.MAP_FIXED_NOREPLACE)
			if err == nil && uintptr(p) == at {
				return at, nil
			} else if err == nil { // a kernel that takes the address as a hint
				unmap(uintptr(p), n)
			}
		}
	}
	return 0, fmt.Errorf("reserve memory within reach of code at %#x: none is left", near)
}

// put writes code at an offset.
func (m *codeMemory) put(off int, code []byte) { copy(view(m.write+uintptr(off), len(code)), code) }

func (m *codeMemory) close() {
	unmap(m.exec, codeBytes+slotBytes)
	unmap(m.write, codeBytes)
}

// mapAnon maps zeroed memory.
func mapAnon(n uintptr) (uintptr, error) {
	p, err := unix.MmapPtr(-1, 0, nil, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	return uintptr(p), err
}

func unmap(addr, n uintptr) { _ = unix.MunmapPtr(pointer(addr), n) }
