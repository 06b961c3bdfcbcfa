package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"
)

// TestArchive reads an archive back, entry by entry, as the kernel does.
func TestArchive(t *testing.T) {
	var b bytes.Buffer
	a := newArchive(&b)
	a.file("/bin/x", []byte("hello"))
	a.file("bin/sub/y", nil)
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for data := b.Bytes(); len(data) > 0; {
		field := func(i int) int {
			n, err := strconv.ParseUint(string(data[6+8*i:14+8*i]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
		if string(data[:6]) != "070701" {
			t.Fatalf("no header after %q", names)
		}
		size, name := field(6), field(11)
		at := (110 + name + 3) &^ 3
		names = append(names, fmt.Sprintf("%s %o %s", data[110:110+name-1], field(1), data[at:at+size]))
		data = data[(at+size+3)&^3:]
	}
	want := []string{"bin 40755 ", "bin/x 100755 hello", "bin/sub 40755 ", "bin/sub/y 100755 ", "TRAILER!!! 0 "}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		t.Errorf("entries %q, want %q", names, want)
	}
}

func TestLoop(t *testing.T) {
	f, err := elf.NewFile(bytes.NewReader(loop(0x12345678)))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Progs[0]
	code := make([]byte, 28)
	if _, err := p.ReadAt(code, int64(f.Entry-p.Vaddr)); err != nil {
		t.Fatal(err)
	}
	count := uint32(0)
	for i := range 2 { // movz and movk have 16 bits each at 5
		count |= binary.LittleEndian.Uint32(code[4*i:]) >> 5 & 0xffff << (16 * i)
	}
	if f.Machine != elf.EM_AARCH64 || count != 0x12345678 {
		t.Errorf("machine %v, %#x turns", f.Machine, count)
	}
}
