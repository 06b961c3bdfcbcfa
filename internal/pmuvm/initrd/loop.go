package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// loop makes an arm64 program without any runtime, so that the number of its instructions is known to the last one: two
// that set the count, two for each of n turns, three that leave.
func loop(n uint32) []byte {
	const (
		base    = 0x400000
		headers = 64 + 56
	)
	code := []uint32{
		0xd2800000 | n&0xffff<<5, // movz x0, #(n & 0xffff)
		0xf2a00000 | n>>16<<5,    // movk x0, #(n >> 16), lsl 16
		0xd1000400,               // again: sub x0, x0, #1
		0xb5ffffe0,               // cbnz x0, again
		0xd2800ba8,               // movz x8, #93 (exit)
		0xd2800000,               // movz x0, #0
		0xd4000001,               // svc #0
	}
	size := uint64(headers + 4*len(code))
	head := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_AARCH64), Version: uint32(elf.EV_CURRENT), Entry: base + headers,
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	copy(head.Ident[:], elf.ELFMAG)
	head.Ident[elf.EI_CLASS], head.Ident[elf.EI_DATA], head.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	segment := elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: base, Paddr: base, Filesz: size, Memsz: size, Align: 0x1000,
	}
	var b bytes.Buffer
	for _, part := range []any{head, segment, code} {
		_ = binary.Write(&b, binary.LittleEndian, part) // into memory: cannot fail
	}
	return b.Bytes()
}
