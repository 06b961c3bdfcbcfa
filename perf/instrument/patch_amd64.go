package instrument

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// patchBytes is the size of the jump that leads to a gate.
const patchBytes = 5

// Patch makes calls of the program's functions go to their copies, until the function that it returns is called. The
// functions must not be running, and may be called on bound threads only (see Thread.Run).
func (p *Program) Patch() (undo func() error, err error) {
	undo = func() error {
		var errs []error
		for _, f := range p.functions {
			errs = append(errs, p.unpatch(f))
		}
		return errors.Join(errs...)
	}
	for _, f := range p.functions {
		if f.Size < patchBytes {
			continue // nothing that could matter: it runs as it is
		}
		jump := [patchBytes]byte{0xe9}
		binary.LittleEndian.PutUint32(jump[1:], uint32(int32(int64(f.gate)-int64(f.Entry)-patchBytes)))
		if err := overwrite(f.Entry, jump[:]); err != nil {
			return nil, errors.Join(err, undo())
		}
	}
	return undo, nil
}

func (p *Program) unpatch(f *function) error {
	if f.Size < patchBytes {
		return nil
	}
	return overwrite(f.Entry, f.original[:patchBytes])
}

// overwrite changes code of this process. /proc/self/mem writes without making the page writable for anyone; where that is
// forbidden the page is made writable for the moment.
func overwrite(addr uintptr, code []byte) error {
	if mem, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0); err == nil {
		_, err = mem.WriteAt(code, int64(addr))
		mem.Close()
		if err == nil {
			return nil
		}
	}
	first := addr &^ (page - 1)
	pages := view(first, int(addr+uintptr(len(code))-first+page-1)&^(page-1))
	if err := unix.Mprotect(pages, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC); err != nil {
		return fmt.Errorf("patch code at %#x: %w (the system forbids changing code)", addr, err)
	}
	copy(view(addr, len(code)), code)
	return unix.Mprotect(pages, unix.PROT_READ|unix.PROT_EXEC)
}
