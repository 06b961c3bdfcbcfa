package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// header is the smallest object: an ELF header and a segment.
func header(change func(*elf.Header64, *elf.Prog64)) []byte {
	h := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	p := elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R), Filesz: 120, Memsz: 120, Align: 4096}
	change(&h, &p)
	var b bytes.Buffer
	for _, v := range []any{h, p} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*elf.Header64, *elf.Prog64)
		want   string
	}{
		"arm64":     {func(h *elf.Header64, _ *elf.Prog64) { h.Machine = uint16(elf.EM_AARCH64) }, "EM_AARCH64"},
		"program":   {func(h *elf.Header64, _ *elf.Prog64) { h.Type = uint16(elf.ET_EXEC) }, "fixed addresses"},
		"compiled":  {func(h *elf.Header64, _ *elf.Prog64) { h.Type = uint16(elf.ET_REL) }, "cc -shared"},
		"w and x":   {func(_ *elf.Header64, p *elf.Prog64) { p.Flags = uint32(elf.PF_W | elf.PF_X) }, "writable and executable"},
		"larger":    {func(_ *elf.Header64, p *elf.Prog64) { p.Filesz = 200 }, "damaged"},
		"far":       {func(_ *elf.Header64, p *elf.Prog64) { p.Vaddr = 1 << 60 }, "damaged"},
		"empty":     {func(_ *elf.Header64, p *elf.Prog64) { p.Type = uint32(elf.PT_NOTE) }, "nothing in it"},
		"not ELF":   {func(h *elf.Header64, _ *elf.Prog64) { h.Ident[0] = 0 }, "no shared object"},
		"all right": {func(*elf.Header64, *elf.Prog64) {}, ""},
	} {
		_, err := parse("k.so", bytes.NewReader(header(c.change)))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A packed table of relative relocations: an address, and a bitmap of the words behind it.
func TestRELR(t *testing.T) {
	im, err := parse("k.so", bytes.NewReader(header(func(*elf.Header64, *elf.Prog64) {})))
	if err != nil {
		t.Fatal(err)
	}
	var table []byte
	for _, w := range []uint64{0x1000, 1 | 1<<1 | 1<<63, 1 | 1<<2, 0x8000} {
		table = binary.LittleEndian.AppendUint64(table, w)
	}
	var got []uint64
	for _, r := range im.relative(table) {
		got = append(got, r.offset)
	}
	want := []uint64{0x1000, 0x1008, 0x1008 + 8*62, 0x1008 + 8*63 + 8, 0x8000}
	if len(got) != len(want) {
		t.Fatalf("%#x, want %#x", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("relocation %d at %#x, want %#x", i, got[i], want[i])
		}
	}
}

// No file, however damaged, makes the reader panic or need more than the limit of address space.
func FuzzParse(f *testing.F) {
	f.Add(header(func(*elf.Header64, *elf.Prog64) {}))
	f.Add(header(func(_ *elf.Header64, p *elf.Prog64) { p.Flags = uint32(elf.PF_X) }))
	f.Add([]byte("\x7fELF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := parse("k.so", bytes.NewReader(data))
		if err != nil {
			return
		}
		im.findFunctions()
		if list, err := im.relocations(); err == nil {
			for _, r := range list {
				_, _ = im.symbolOf(r)
			}
		}
		for _, s := range im.functions {
			if s.Addr >= im.size || s.Size > im.size {
				t.Errorf("function %+v outside of the image of %#x bytes", s, im.size)
			}
		}
	})
}
