package tileemu

import (
	"bytes"
	"errors"
	"testing"
)

// Addresses of tiles in all forms: the index register is the distance of rows, the displacement is added once.
func TestTileAddresses(t *testing.T) {
	for _, tt := range []struct {
		text, code  string
		first, next uint64 // where rows 0 and 1 begin
	}{
		{"tileloadd (%rsi,%r8,1),%tmm4", "c4a27b4b2406", memoryAt + 0x600, 0x80},
		{"tileloadd 0x400(%r12,%rdx,4),%tmm7", "c4c27b4bbc9400040000", memoryAt + 0xc00 + 0x400, 4 * 0x20},
		{"tileloadd (%rdi,%riz,1),%tmm1", "c4e27b4b0c27", memoryAt + 0x700, 0},
		{"tileloadd 0x10100(,%rcx,1),%tmm1", "c4e27b4b0c0d00010100", memoryAt + 0x100, 0x10},
		{"tileloaddt1 0x0(%rbp,%r15,2),%tmm6", "c4a2794b747d00", memoryAt + 0x500, 2 * 0xf0},
		{"tileloadd %gs:(%rsi,%rdx,1),%tmm1", "65" + load1, memoryAt + 0x600 + 0x2000, 0x20},
		{"tileloadd (%rax,%rbx,1),%tmm1", "c4e27b4b0c18", memoryAt + 0x1000, ^uint64(0x80) + 1},
	} {
		m := newMachine()
		if err := m.configure(t, config([2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8}, [2]int{2, 8})); err != nil {
			t.Fatal(err)
		}
		m.registers = [16]uint64{0: memoryAt + 0x1000, 1: 0x10, 2: 0x20, 3: ^uint64(0x80) + 1, 5: memoryAt + 0x500, 6: memoryAt + 0x600, 7: memoryAt + 0x700, 8: 0x80, 12: memoryAt + 0xc00, 15: 0xf0}
		m.gs = 0x2000
		copy(m.at(tt.first), "row zero")
		if tt.next != 0 {
			copy(m.at(tt.first+tt.next), "row  one")
		}
		m.must(t, tt.code)
		i := map[string]int{"4": 4, "7": 7, "1": 1, "6": 6}[tt.text[len(tt.text)-1:]]
		want := [2]string{"row zero", "row  one"}
		if tt.next == 0 {
			want[1] = want[0]
		}
		for row, w := range want {
			if got := string(m.tiles[i].data[row][:8]); got != w {
				t.Errorf("%s: row %d is %q, want %q", tt.text, row, got, w)
			}
		}
	}
}

// A tile is stored by its rows and columns; what is beyond them stays in memory, and is 0 in a tile that is loaded.
func TestLoadAndStore(t *testing.T) {
	m := newMachine()
	if err := m.configure(t, config([2]int{3, 20})); err != nil {
		t.Fatal(err)
	}
	for i := range m.tiles[0].data {
		for j := range m.tiles[0].data[i] {
			m.tiles[0].data[i][j] = 0xff
		}
	}
	m.registers[rsi], m.registers[rdx] = memoryAt+0x1000, 48
	for i := range 3 * 48 {
		m.at(memoryAt + 0x1000)[i] = byte(i + 1)
	}
	m.must(t, load0)
	m.registers[rsi], m.registers[rdx] = memoryAt+0x2000, 32
	want := bytes.Repeat([]byte{7}, 16*64)
	copy(m.at(memoryAt+0x2000), want)
	m.must(t, store0)
	for row := range 3 {
		for j := range 20 {
			want[32*row+j] = byte(48*row + j + 1)
		}
	}
	if !bytes.Equal(m.at(memoryAt + 0x2000)[:len(want)], want) {
		t.Error("another memory was stored to")
	}
	for row, r := range m.tiles[0].data {
		for j, b := range r {
			if (row >= 3 || j >= 20) && b != 0 {
				t.Fatalf("byte %d of row %d is %d", j, row, b)
			}
		}
	}
	m.must(t, tilezero0)
	if m.tiles[0].data != [maxRows][maxColsb]byte{} || m.tiles[0].rows != 3 {
		t.Error("tilezero left something, or took the shape")
	}
}

func TestConfigurationIsKept(t *testing.T) {
	m := newMachine()
	stored := func() []byte {
		copy(m.at(memoryAt), bytes.Repeat([]byte{9}, configLen))
		m.registers[rdi] = memoryAt
		m.must(t, sttilecfg)
		return m.at(memoryAt)[:configLen]
	}
	zero := make([]byte, configLen)
	if !bytes.Equal(stored(), zero) {
		t.Error("a configuration before the first")
	}
	c := config([2]int{16, 64}, [2]int{1, 4}, [2]int{}, [2]int{5, 13})
	if err := m.configure(t, c); err != nil || !bytes.Equal(stored(), c) {
		t.Errorf("another configuration: %v", err)
	}
	m.put(t, load0, bytes.Repeat([]byte{3}, 1024))
	if err := m.configure(t, c); err != nil || m.tiles[0].data != [maxRows][maxColsb]byte{} {
		t.Errorf("a new configuration leaves tiles as they are: %v", err)
	}
	m.must(t, tilerelease)
	if !bytes.Equal(stored(), zero) {
		t.Error("a configuration after tilerelease")
	}
	if err := m.configure(t, c); err != nil {
		t.Fatal(err)
	}
	c[0] = 0
	if err := m.configure(t, c); err != nil || !bytes.Equal(stored(), zero) {
		t.Errorf("a configuration after palette 0: %v", err)
	}
}

// What a processor refuses, and how.
func TestFaults(t *testing.T) {
	full := [2]int{16, 64}
	with := func(at int, v byte) []byte { c := config(full, full, full); c[at] = v; return c }
	for _, tt := range []struct {
		what   string
		config []byte // nil: none
		code   string // of what faults; empty: the configuration
		kind   Kind
	}{
		{"palette 2", with(0, 2), "", Protection},
		{"a reserved byte", with(2, 1), "", Protection},
		{"a reserved byte", with(15, 1), "", Protection},
		{"tile 8", with(32, 1), "", Protection},
		{"tile 15", with(47, 1), "", Protection},
		{"rows of tile 8", with(56, 1), "", Protection},
		{"rows of tile 15", with(63, 1), "", Protection},
		{"17 rows", config([2]int{17, 64}), "", Protection},
		{"65 bytes", config([2]int{16, 65}), "", Protection},
		{"256 bytes", config([2]int{16, 256}), "", Protection},
		{"rows without columns", config([2]int{16, 0}), "", Protection},
		{"columns without rows", config([2]int{0, 64}), "", Protection},
		{"a start row", with(1, 1), "", Undefined},
		{"zero without configuration", nil, tilezero0, Undefined},
		{"load without configuration", nil, load0, Undefined},
		{"store without configuration", nil, store0, Undefined},
		{"product without configuration", nil, tdpbssd, Undefined},
		{"zero of no tile", config([2]int{}, full), tilezero0, Undefined},
		{"load of no tile", config([2]int{}, full), load0, Undefined},
		{"store of no tile", config([2]int{}, full), store0, Undefined},
		{"product without a sum", config([2]int{}, full, full), tdpbf16ps, Undefined},
		{"product without a", config(full, [2]int{}, full), tdpbf16ps, Undefined},
		{"product without b", config(full, full), tdpbuud, Undefined},
		{"rows of the sum", config([2]int{15, 64}, full, full), tdpbssd, Undefined},
		{"columns of the sum", config([2]int{16, 60}, full, full), tdpbsud, Undefined},
		{"columns of a", config(full, [2]int{16, 60}, full), tdpbusd, Undefined},
		{"rows of b", config(full, full, [2]int{15, 64}), tdpbf16ps, Undefined},
		{"no whole columns", config([2]int{16, 62}, full, [2]int{16, 62}), tdpbssd, Undefined},
		{"no whole groups", config(full, [2]int{16, 62}, [2]int{15, 64}), tdpbssd, Undefined},
		{"load from nowhere", config(full), load0, Access},
		{"store to nowhere", config(full), store0, Access},
		{"configuration from nowhere", nil, ldtilecfg, Access},
		{"what is not emulated", config(full, full, full), "c4e26b5cc1", Undefined}, // tdpfp16ps %tmm2,%tmm1,%tmm0
		{"an address of 32 bits", config(full, full), "67c4e27b4b0c18", Undefined},  // tileloadd (%eax,%ebx,1),%tmm1
	} {
		m := newMachine()
		var err error
		if tt.config != nil {
			err = m.configure(t, tt.config)
		}
		if tt.code != "" {
			if err != nil {
				t.Fatalf("%s: %v", tt.what, err)
			}
			m.registers[rdi] = 0
			before := m.State
			if err = m.run(t, tt.code); m.State != before {
				t.Errorf("%s: tiles have changed", tt.what)
			}
		}
		var f *Fault
		if !errors.As(err, &f) || f.Kind != tt.kind {
			t.Errorf("%s: %v, want %v", tt.what, err, tt.kind)
		}
	}
}
