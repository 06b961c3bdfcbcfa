package tileemu

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

const (
	memoryAt  = 0x10000
	memoryLen = 1 << 16
)

// machine has registers and memory, and tiles.
type machine struct {
	State
	registers [16]uint64
	fs, gs    uint64
	memory    []byte
}

func newMachine() *machine { return &machine{memory: make([]byte, memoryLen)} }

func (m *machine) Register(n int8) uint64 { return m.registers[n] }

func (m *machine) Segment(prefix uint8) uint64 {
	return map[uint8]uint64{0x64: m.fs, 0x65: m.gs}[prefix]
}

func (m *machine) Load(rows []Row) error {
	return m.each(rows, func(memory, row []byte) { copy(row, memory) })
}

func (m *machine) Store(rows []Row) error {
	return m.each(rows, func(memory, row []byte) { copy(memory, row) })
}

func (m *machine) each(rows []Row, move func(memory, row []byte)) error {
	for _, r := range rows {
		at := r.Addr - memoryAt
		if at+uint64(len(r.Data)) > memoryLen || at > memoryLen {
			return errors.New("no memory")
		}
		move(m.memory[at:], r.Data)
	}
	return nil
}

// at is the memory at an address.
func (m *machine) at(addr uint64) []byte { return m.memory[addr-memoryAt:] }

// run executes one instruction, given as the bytes that GNU as makes of it.
func (m *machine) run(t *testing.T, code string) error {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	in, err := decode.Decode(b, memoryAt)
	if err != nil || in.Attr&decode.AMX == 0 || int(in.Len) != len(b) {
		t.Fatalf("%s: %v, %v", code, in.Mnemonic, err)
	}
	return m.Execute(&in, m)
}

func (m *machine) must(t *testing.T, codes ...string) {
	t.Helper()
	for _, c := range codes {
		if err := m.run(t, c); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
	}
}

// config is a configuration of palette 1 with tiles of rows and bytes in a row.
func config(shapes ...[2]int) []byte {
	c := make([]byte, configLen)
	c[0] = 1
	for i, s := range shapes {
		c[48+i] = byte(s[0])
		binary.LittleEndian.PutUint16(c[16+2*i:], uint16(s[1]))
	}
	return c
}

// The registers of the instructions below.
const (
	rdx = 2
	rsi = 6
	rdi = 7
)

// Instructions, as GNU as encodes them.
const (
	ldtilecfg   = "c4e2784907"   // (%rdi)
	sttilecfg   = "c4e2794907"   // (%rdi)
	tilerelease = "c4e27849c0"   //
	tilezero0   = "c4e27b49c0"   // %tmm0
	load0       = "c4e27b4b0416" // (%rsi,%rdx,1),%tmm0
	load1       = "c4e27b4b0c16"
	load2       = "c4e27b4b1416"
	store0      = "c4e27a4b0416" // %tmm0,(%rsi,%rdx,1)
	tdpbf16ps   = "c4e26a5cc1"   // %tmm2,%tmm1,%tmm0
	tdpbssd     = "c4e26b5ec1"
	tdpbsud     = "c4e26a5ec1"
	tdpbusd     = "c4e2695ec1"
	tdpbuud     = "c4e2685ec1"
)

// configure loads a configuration.
func (m *machine) configure(t *testing.T, c []byte) error {
	t.Helper()
	m.registers[rdi] = memoryAt
	copy(m.at(memoryAt), c)
	return m.run(t, ldtilecfg)
}

// put loads a tile from rows of 64 bytes; code loads it.
func (m *machine) put(t *testing.T, code string, tile []byte) {
	t.Helper()
	m.registers[rsi], m.registers[rdx] = memoryAt+0x1000, 64
	copy(m.at(memoryAt+0x1000), tile)
	m.must(t, code)
}

// get stores tile 0 over zeros.
func (m *machine) get(t *testing.T) []byte {
	t.Helper()
	m.registers[rsi], m.registers[rdx] = memoryAt+0x2000, 64
	clear(m.at(memoryAt + 0x2000)[:1024])
	m.must(t, store0)
	return m.at(memoryAt + 0x2000)[:1024]
}
