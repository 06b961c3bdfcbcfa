package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// opcodeForms are the rows of one opcode byte, and whether a ModRM byte follows it.
type opcodeForms struct {
	first, n uint16
	modrm    bool
}

type tables struct {
	forms []form
	index [3][7][256]opcodeForms // by encoding, map, opcode
}

var loadTables = sync.OnceValue(func() *tables {
	p := parser{ids: map[string]Mnemonic{}}
	for _, text := range []string{baseTable, x87Table, systemTable, vectorTable1, vectorTable2, vectorTable3, fp16Table} {
		p.parse(text)
	}
	mnemonics = p.names
	return p.build()
})

// parser collects the rows by opcode.
type parser struct {
	names []string
	ids   map[string]Mnemonic
	rows  [3][7][256][]form

	mapNo  int
	vector bool
	x87    bool
}

// parse reads a table. A line "map N" or "vector N" says which opcode map follows; other lines are rows:
//
//	OPCODE[-OPCODE][.CONDITION…] [SETS] NAME [OPERAND…] [TAG…]
//
// Conditions: np 66 f3 f2 (mandatory prefix), m r (ModRM is memory, is a register), /n (ModRM.reg), =xx (the whole ModRM byte),
// rm0 rm4 (ModRM.rm), w0 w1 (REX.W), xb0 xb1 (REX.B). SETS, in vector tables only: l legacy, x the MMX twin of a row, v VEX, e EVEX, each with an
// optional W bit and, after a colon, the vector lengths allowed (0, 1, 2 = 128, 256, 512 bits). Names of VEX and EVEX get a v
// in front unless they start with an exclamation mark; the legacy form of a row loses its H operand and reads its first.
//
// Operands: an access (= written, + read and written, ~ not accessed, - or nothing: read; the first is written where nothing
// is said in vector tables), a letter as in kind (E G R M B Z fixed GPRs; V W U H L vectors; P Q N MMX; K masks; T tiles;
// Y vector-indexed memory), and a size (b w d q v y z u for integers; x h q o = all, half, quarter, eighth of the vector; or bytes).
func (p *parser) parse(text string) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "map" || f[0] == "vector":
			p.mapNo, p.vector, p.x87 = int(f[1][0]-'0'), f[0] == "vector", len(f) > 2
		case f[0][0] == '$':
			for _, row := range expand(f) {
				p.row(strings.Fields(row))
			}
		default:
			p.row(f)
		}
	}
}

func (p *parser) row(f []string) {
	key := strings.Split(f[0], ".")
	lo, hi, isRange := strings.Cut(key[0], "-")
	if !isRange {
		hi = lo
	}
	base := form{pp: 0, w: 3, l: 7, reg: 0, rm: 0xff, mod: 3, b: 3}
	for _, c := range key[1:] {
		base.condition(c)
	}
	if base.pp == 0 {
		base.pp = 15
	}
	if base.reg == 0 {
		base.reg = 0xff
	} else {
		base.modrm = true
	}
	if base.mod != 3 || base.rm != 0xff {
		base.modrm = true
	}
	sets := []string{"l"}
	f = f[1:]
	if p.vector {
		sets, f = strings.Split(f[0], ","), f[1:]
	}
	for _, set := range sets {
		for op := number(lo, 16); op <= number(hi, 16); op++ {
			p.add(base, set, op, f)
		}
	}
}

func (f *form) condition(c string) {
	switch c {
	case "np":
		f.pp |= 1 << PPNone
	case "66":
		f.pp |= 1 << PP66
	case "f3":
		f.pp |= 1 << PPF3
	case "f2":
		f.pp |= 1 << PPF2
	case "m":
		f.mod = 1
	case "r":
		f.mod = 2
	case "w0":
		f.w = 1
	case "w1":
		f.w = 2
	case "xb0":
		f.b = 1
	case "xb1":
		f.b = 2
	default:
		switch {
		case c[0] == '/':
			f.reg |= 1 << (c[1] - '0')
		case c[0] == '=':
			m := number(c[1:], 16)
			f.mod, f.reg, f.rm = 2, 1<<(m>>3&7), 1<<(m&7)
		case strings.HasPrefix(c, "rm"):
			f.rm = 1 << (c[2] - '0')
		default:
			panic("condition " + c)
		}
	}
}

// add makes the form of one opcode in one set and files it.
func (p *parser) add(f form, set string, op int, words []string) {
	enc := map[byte]Encoding{'l': Legacy, 'x': Legacy, 'v': VEX, 'e': EVEX}[set[0]]
	mmx := set[0] == 'x'
	set, lengths, limited := strings.Cut(set[1:], ":")
	if limited {
		f.l = 0
		for _, c := range lengths {
			f.l |= 1 << (c - '0')
		}
	}
	if set != "" {
		f.w = 1 << (set[0] - '0')
	}
	if mmx {
		f.pp = 1 << PPNone
		f.attr |= MMXState
	}
	if p.x87 {
		f.attr |= X87State
	}
	f.name(p, words[0], enc)
	destinationNext := false
	for _, w := range words[1:] {
		a, isArg := parseArg(w)
		if !isArg {
			f.tag(w)
			continue
		}
		if enc == Legacy && a.kind == kVH { // the legacy form reads its destination instead
			destinationNext = f.nargs == 0
			f.args[0].access = ReadWrite
			continue
		}
		if destinationNext {
			a.access, destinationNext = ReadWrite, false
		}
		if mmx {
			a = a.toMMX()
		}
		f.args[f.nargs] = a
		f.nargs++
	}
	f.derive(enc)
	rows := &p.rows[enc][p.mapNo][op]
	*rows = append(*rows, f)
}

func (f *form) name(p *parser, word string, enc Encoding) {
	prefix := ""
	if plain, no := strings.CutPrefix(word, "!"); no {
		word = plain
	} else if enc != Legacy {
		prefix = "v"
	}
	variants := strings.Split(word, "|")
	f.nameBy = uint8(len(variants) - 1) // byNothing, byW, byOpSize
	for i, v := range variants {
		v = prefix + v
		id, known := p.ids[v]
		if !known {
			id = Mnemonic(len(p.names))
			p.ids[v] = id
			p.names = append(p.names, v)
		}
		f.names[i] = id
	}
}

// derive fills what follows from the operands.
func (f *form) derive(enc Encoding) {
	for _, a := range f.args[:f.nargs] {
		switch a.kind {
		case kReg, kRM, kV, kVM, kP, kPM, kK, kKPair, kKM, kT, kSeg, kSTi:
			f.modrm = true
		case kMem, kVSIB:
			f.modrm = true
			f.mod &= 1
		case kGPR, kVU, kPU, kKU, kTU:
			f.modrm = true
			f.mod &= 2
		case kCR, kDR:
			f.modrm, f.ignoreMod = true, true
		}
		switch a.kind {
		case kV, kVM, kVU, kVH, kVFixed:
			f.vector = max(f.vector, 1)
		}
		if s := a.size; s >= szX && s <= szO || a.mem >= szX && a.mem <= szO {
			f.vector = 2
		}
		if f.opSize == osNone && a.kind != kImmB && a.kind != kVL {
			f.opSize = map[uint16]uint8{1: osByte, szV: osV, szZ: osV, szY: osY, szU: osU, szIO: osV}[a.size]
		}
	}
	if f.ignoreMod {
		f.mod = 3
	}
	if f.nameBy == byOpSize && f.opSize == osNone {
		f.opSize = osV
	}
	if f.vector == 0 && f.attr&ZeroUpper != 0 {
		f.vector = 2
	}
	if enc != Legacy && f.vector != 0 {
		f.opSize = osNone
	}
	f.maskable = enc == EVEX && f.elem != 0
	if enc != EVEX {
		f.bcast, f.er, f.sae = 0, false, false
	}
}

func (p *parser) build() *tables {
	t := &tables{}
	for e := range p.rows {
		for m := range p.rows[e] {
			for op, rows := range p.rows[e][m] {
				t.index[e][m][op] = opcodeForms{first: uint16(len(t.forms)), n: uint16(len(rows)),
					modrm: slices.ContainsFunc(rows, func(f form) bool { return f.modrm })}
				t.forms = append(t.forms, rows...)
			}
		}
	}
	return t
}

func number(s string, base int) int {
	n, err := strconv.ParseUint(s, base, 16)
	if err != nil {
		panic(fmt.Sprintf("decode tables: %v", err))
	}
	return int(n)
}
