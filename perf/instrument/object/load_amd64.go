package object

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pointer makes a pointer to memory that is not Go's.
//
//go:noinline
func pointer(addr uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

// view makes a slice of memory that is not Go's.
func view(addr, n uint64) []byte { return unsafe.Slice((*byte)(pointer(addr)), n) }

// Load maps an object. What it needs and cannot have shows when it is used: see Explain.
func Load(path string) (*Object, error) {
	im, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("load object: %w", err)
	}
	o := &Object{Path: path, images: []*image{im}}
	defer func() {
		for _, im := range o.images {
			im.close()
		}
	}()
	if err := o.addMath(); err != nil {
		return nil, fmt.Errorf("load object %s: %w", path, err)
	}
	if err := o.mapAll(); err != nil {
		o.Close()
		return nil, fmt.Errorf("load object %s: %w", path, err)
	}
	return o, nil
}

// Close unmaps everything. Nothing of it may be running.
func (o *Object) Close() {
	if o.high > o.low {
		_ = unix.MunmapPtr(pointer(o.low), uintptr(o.high-o.low))
	}
	o.low, o.high = 0, 0
}

// mapAll maps images, stand-ins and traps side by side: copies of their code must reach all of them.
func (o *Object) mapAll() error {
	size := uint64(0)
	for _, im := range o.images {
		size = roundUp(size, im.align) + im.size
	}
	o.findImports()
	o.standIns.size, o.zeros.size = page, page
	o.traps.size = roundUp(uint64(len(o.imports))*trapBytes, page)
	const most = 1<<31 - 1<<28 // what code can reach, with room for copies
	total := size + o.standIns.size + o.zeros.size + o.traps.size + 1<<21
	if total > most {
		return fmt.Errorf("it needs %d MiB of address space (want at most %d)", total>>20, most>>20)
	}
	at, err := unix.MmapPtr(-1, 0, nil, uintptr(total), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return fmt.Errorf("reserve address space: %w", err)
	}
	o.low = uint64(uintptr(at))
	o.high = o.low + total
	next := roundUp(o.low, 1<<21)
	for _, im := range o.images {
		im.base = roundUp(next, im.align)
		next = im.base + im.size
		if err := im.fill(); err != nil {
			return err
		}
		im.findFunctions()
	}
	o.Base, o.constructors = o.images[0].base, o.images[0].hasConstructors()
	o.standIns.at = next
	o.zeros.at = next + page
	o.traps.at = next + 2*page
	if err := o.putStandIns(); err != nil {
		return err
	}
	for _, im := range o.images {
		if err := o.relocate(im); err != nil {
			return fmt.Errorf("relocate %s: %w", im.path, err)
		}
		if err := im.protect(); err != nil {
			return err
		}
	}
	for _, im := range o.images {
		o.relocateIndirect(im)
	}
	return nil
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) &^ (to - 1) }

// fill reads the segments into place, writable for now.
func (im *image) fill() error {
	if err := unix.Mprotect(view(im.base, im.size), unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("map %s: %w", im.path, err)
	}
	for _, p := range im.file.Progs {
		if p.Type != elf.PT_LOAD || p.Filesz == 0 {
			continue
		}
		if _, err := p.ReadAt(view(im.base+p.Vaddr, p.Filesz), 0); err != nil {
			return fmt.Errorf("read %s: %w", im.path, err)
		}
	}
	return nil
}

// protect gives every page the rights of the segments on it.
func (im *image) protect() error {
	rights := make([]int, im.size/page)
	for _, p := range im.file.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		for i := p.Vaddr / page; i < (p.Vaddr+p.Memsz+page-1)/page; i++ {
			if p.Flags&elf.PF_R != 0 {
				rights[i] |= unix.PROT_READ
			}
			if p.Flags&elf.PF_W != 0 {
				rights[i] |= unix.PROT_WRITE
			}
			if p.Flags&elf.PF_X != 0 {
				rights[i] |= unix.PROT_EXEC
			}
		}
	}
	for i := 0; i < len(rights); {
		n := 1
		for i+n < len(rights) && rights[i+n] == rights[i] {
			n++
		}
		if rights[i]&(unix.PROT_WRITE|unix.PROT_EXEC) == unix.PROT_WRITE|unix.PROT_EXEC {
			return fmt.Errorf("protect %s: code and variables share a page (link it with -Wl,-z,separate-code)", im.path)
		}
		if err := unix.Mprotect(view(im.base+uint64(i)*page, uint64(n)*page), rights[i]); err != nil {
			return fmt.Errorf("protect %s: %w (does the system forbid executable memory?)", im.path, err)
		}
		i += n
	}
	return nil
}

func (o *Object) putStandIns() error {
	mem := view(o.standIns.at, page)
	if err := unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("map stand-ins: %w", err)
	}
	copy(mem, standInCode())
	if err := unix.Mprotect(mem, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		return fmt.Errorf("protect stand-ins: %w", err)
	}
	if err := unix.Mprotect(view(o.zeros.at, page), unix.PROT_READ); err != nil {
		return fmt.Errorf("map zeros: %w", err)
	}
	return nil
}

// ud2 is what instrumented code finds at a trap.
var ud2 = bytes.Repeat([]byte{0x0f, 0x0b}, trapBytes/2)

// Code gives the machine code from addr to the end of its segment; nil where there is none.
func (o *Object) Code(addr uint64) []byte {
	switch {
	case o.standIns.has(addr):
		return view(addr, o.standIns.at+o.standIns.size-addr)
	case o.traps.has(addr):
		return ud2
	}
	for _, im := range o.images {
		off := addr - im.base
		if off >= im.size {
			continue
		}
		for _, p := range im.file.Progs {
			if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && off-p.Vaddr < p.Filesz {
				return view(addr, p.Vaddr+p.Filesz-off)
			}
		}
	}
	return nil
}

// hasConstructors says whether an image wants code to be run at its start, beside what the compiler always adds.
func (im *image) hasConstructors() bool {
	const word, ofCompiler = 8, 1 // frame_dummy
	for _, s := range im.file.Sections {
		if s.Type == elf.SHT_INIT_ARRAY && s.Size/word > ofCompiler {
			return true
		}
	}
	return false
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
