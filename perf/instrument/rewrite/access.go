package rewrite

import "github.com/roofline-go/roofline/perf/instrument/decode"

// Access is a memory access of a block, as it follows from a record of it. Words are indices into the record; what a loop
// does not change is logged once per entry of the loop and then found in a slot: index -1-slot. NoWord: there is none.
//
// The address is Base + Index × Scale + Delta, plus the FS base with FS.
type Access struct {
	Inst  int // index in the block
	Load  bool
	Store bool
	Past  bool // non-temporal
	FS    bool

	Form        Form
	Base, Index int32
	Scale       uint8
	Elem        uint8  // bytes of a lane
	Lanes       uint8  // at most
	IndexBytes  uint8  // of a gather's or scatter's index, 4 or 8
	Tile        uint8  // number of the tile
	Size        uint32 // bytes; of one repetition
	Delta       int64
	Mask        int32 // word with the mask: bits, or with Signs the vector whose lanes' signs count
	Signs       bool
	After       int32 // word with RCX after repetitions, which Mask holds before; NoWord: 0
}

// NoWord is the index of a word that does not exist.
const NoWord = int32(-1 << 31)

// Form says what of the memory at the address is accessed.
type Form uint8

// The forms.
const (
	Plain     Form = iota // Size bytes
	Masked                // the lanes whose mask bit is set
	Packed                // as many lanes as mask bits are set, one behind the other
	Indexed               // a lane at Base + Delta + index × Scale each, the index vector from word Index on
	Repeated              // Size bytes as often as RCX falls, upwards
	BitOffset             // Size bytes, as many times Size away as the signed word Mask has bits of Size bytes
	TileRows              // rows of a tile, Index × Scale apart
)

// recordWord is a word of a record, and where its value comes from.
type recordWord struct {
	at    int // first word in the record
	kind  wordKind
	reg   uint8
	bytes int // of a vector
	wide  bool
}

type wordKind uint8

const (
	gprWord wordKind = iota
	maskWord
	vectorWord
)

// versions tracks registers through a block: a word logged once serves as long as the register only moves by constants.
type versions struct {
	version [16]int
	moved   [16]int64 // since the version began
	k       [8]int
	vec     [32]int
}

// step carries the versions over an instruction.
func (v *versions) step(in *decode.Inst) {
	reg, by, moves := constantMove(in)
	for r := range v.version {
		switch {
		case in.GPRWritten>>r&1 == 0:
		case moves && r == reg:
			v.moved[r] += by
		default:
			v.version[r]++
			v.moved[r] = 0
		}
	}
	for k := range v.k {
		v.k[k] += int(in.KWritten >> k & 1)
	}
	for n := range v.vec {
		v.vec[n] += int(in.VecWritten >> n & 1)
	}
}

// constantMove recognises instructions that add a constant to a register.
func constantMove(in *decode.Inst) (reg int, by int64, ok bool) {
	if mem, n := in.Implicit(); n == 1 && mem[0].Base == decode.RSP && in.Control != decode.Return {
		if in.GPRWritten>>decode.RSP&1 != 0 && in.Attr&decode.System == 0 {
			// push and call move by their size, enter by that of its frame, too; pop by its size, unless it pops the stack pointer itself.
			by = int64(mem[0].Size)
			if mem[0].Access == decode.Write {
				if in.Enc == decode.Legacy && in.Map == 0 && in.Op == 0xc8 {
					by += in.Imm
				}
				return decode.RSP, -by, true
			}
			if in.NArgs == 1 && in.Args[0].Class == decode.GPR && in.Args[0].Reg == decode.RSP {
				return 0, 0, false
			}
			return decode.RSP, by, true
		}
	}
	if in.Enc != decode.Legacy || in.Map != 0 || in.OpSize != 8 || in.NArgs == 0 || in.Args[0].Class != decode.GPR {
		return 0, 0, false
	}
	reg = int(in.Args[0].Reg)
	switch {
	case (in.Op == 0x81 || in.Op == 0x83) && in.RegField() == 0:
		return reg, in.Imm, true
	case (in.Op == 0x81 || in.Op == 0x83) && in.RegField() == 5:
		return reg, -in.Imm, true
	case in.Op == 0x8d && in.Mem.Index == decode.NoReg && int(in.Mem.Base) == reg && !in.Mem.Addr32:
		return reg, in.Mem.Disp, true
	case in.Op == 0xff && in.RegField() == 0:
		return reg, 1, true
	case in.Op == 0xff && in.RegField() == 1:
		return reg, -1, true
	case in.Op == 0x05:
		return reg, in.Imm, true
	case in.Op == 0x2d:
		return reg, -in.Imm, true
	}
	return 0, 0, false
}
