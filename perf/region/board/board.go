package board

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Board is the tool's side: it makes the memory and reads it.
type Board struct {
	layout   Layout
	mem      []byte
	fd       int
	dev, ino uint64
}

// lowestFD keeps the inherited descriptor away from the numbers that shells and programs count on.
const lowestFD = 100

// Create makes an empty board that asks marked threads for these events. The descriptor is inherited by every process
// started from now on, until Close.
func Create(events []Event) (_ *Board, err error) {
	l, err := NewLayout(events)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("create region board: %w", err)
		}
	}()
	made, err := unix.MemfdCreate("roofline-regions", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	defer unix.Close(made)
	if err := unix.Ftruncate(made, int64(l.Size())); err != nil {
		return nil, err
	}
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(made), unix.F_ADD_SEALS, seals); err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(made, &st); err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(uintptr(made), unix.F_DUPFD, lowestFD) // without close-on-exec
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EMFILE) { // a low limit on descriptors
		fd, err = unix.FcntlInt(uintptr(made), unix.F_DUPFD, 3)
	}
	if err != nil {
		return nil, err
	}
	b := &Board{layout: l, fd: fd, dev: uint64(st.Dev), ino: st.Ino}
	if b.mem, err = unix.Mmap(fd, 0, l.Size(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	b.writeHeader(events)
	return b, nil
}

func (b *Board) writeHeader(events []Event) {
	copy(b.mem[offMagic:], Magic)
	put32(b.mem, offVersion, Version)
	put32(b.mem, offHeader, headerSize)
	put64(b.mem, offSize, uint64(b.layout.Size()))
	put32(b.mem, offSlotSize, uint32(b.layout.SlotSize))
	put32(b.mem, offSlots, uint32(b.layout.Slots))
	put32(b.mem, offGroups, uint32(len(b.layout.Groups)))
	put32(b.mem, offEvents, uint32(b.layout.Events))
	for i, e := range events {
		at := offEventList + i*eventSize
		put32(b.mem, at, e.Type)
		put32(b.mem, at+4, uint32(e.Group))
		put64(b.mem, at+8, e.Config)
		put64(b.mem, at+16, e.Config1)
		put64(b.mem, at+24, e.Config2)
		put64(b.mem, at+32, e.Bits)
	}
}

// Environ is the entry for the command's environment.
func (b *Board) Environ() string {
	return fmt.Sprintf("%s=%d:%d:%d:%d:%d", Env, Version, b.fd, b.dev, b.ino, os.Getpid())
}

// Read returns what is on the board now. Processes may go on writing meanwhile.
func (b *Board) Read() Snapshot { return b.layout.read(b.mem) }

// Close gives the board back. Processes that still have it mapped keep it.
func (b *Board) Close() error {
	err := errors.Join(unix.Munmap(b.mem), unix.Close(b.fd))
	b.mem = nil
	if err != nil {
		return fmt.Errorf("close region board: %w", err)
	}
	return nil
}

func put32(mem []byte, at int, v uint32) { atomic.StoreUint32((*uint32)(unsafe.Pointer(&mem[at])), v) }
func put64(mem []byte, at int, v uint64) { atomic.StoreUint64((*uint64)(unsafe.Pointer(&mem[at])), v) }
func get32(mem []byte, at int) uint32    { return atomic.LoadUint32((*uint32)(unsafe.Pointer(&mem[at]))) }
func get64(mem []byte, at int) uint64    { return atomic.LoadUint64((*uint64)(unsafe.Pointer(&mem[at]))) }
