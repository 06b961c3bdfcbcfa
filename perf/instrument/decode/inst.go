package decode

// Encoding is how the opcode is written.
type Encoding uint8

// The encodings.
const (
	Legacy Encoding = iota
	VEX
	EVEX
)

func (e Encoding) String() string {
	return [...]string{"legacy", "VEX", "EVEX", "?"}[min(e, 3)]
}

// The values of Inst.PP.
const (
	PPNone = iota
	PP66
	PPF3
	PPF2
)

// Prefix is a set of legacy prefixes, whether or not they are part of the opcode (PP).
type Prefix uint8

// The prefixes.
const (
	Prefix66   Prefix = 1 << iota // operand size
	Prefix67                      // address size
	PrefixF3                      // rep, or part of the opcode
	PrefixF2                      // repne, or part of the opcode
	PrefixLock                    // F0
	PrefixSeg                     // a segment override, whether or not it has effect
	PrefixREX                     // a REX that counts (directly before the opcode)
)

// Attr is a set of properties that need special treatment or interest a classifier.
type Attr uint32

// The attributes.
const (
	StringOp     Attr = 1 << iota // movs, stos, lods, scas, cmps, ins, outs; see Repeated
	Repeated                      // with a rep, repe or repne prefix that has effect: up to RCX times
	Gather                        // lanes loaded by VSIB; the mask register ends as zero
	Scatter                       // lanes stored by VSIB; the mask register ends as zero
	Compress                      // stores as many elements as mask bits are set, contiguously
	Expand                        // loads as many elements as mask bits are set, contiguously
	Prefetch                      // a hint; the access of the memory operand is NoAccess
	NonTemporal                   // movnt…, maskmov(dq|q)u, movdiri
	X87State                      // uses x87 registers
	MMXState                      // uses MMX registers
	AMX                           // uses tiles or the tile configuration
	TileMemory                    // the memory operand is a tile: rows by the tile configuration
	TileConfig                    // changes the tile configuration: ldtilecfg, tilerelease
	LaneMasked                    // only the lanes of memory whose bit in mask register Inst.Mask is set are touched
	VectorMasked                  // only the lanes of memory whose top bit in a vector register is set are touched: Args[1], of a VEX gather Args[2]
	BitString                     // bt, bts, btr, btc with a register: the memory touched depends on its value, beyond Mem
	Locked                        // atomic: lock prefix, or xchg with memory
	Privileged                    // faults in user mode, or may: in, out, wrmsr, …
	System                        // cpuid, rdtsc, xsave, fences, …: state outside what Inst describes
	Rounding                      // EVEX static rounding, see RoundMode, or suppressed exceptions
	ShadowStack                   // CET
	TSX                           // transactions
	ZeroUpper                     // vzeroupper, vzeroall: writes vector registers 0 … 15

	xchgLock      // atomic whenever it has a memory operand
	writesXMM0    // implicit destination
	zeroIdiom     // with one register twice the result does not depend on it
	internalAttrs = xchgLock | writesXMM0 | zeroIdiom
)

// Inst is one decoded instruction.
type Inst struct {
	PC       uint64 // address, as given to Decode
	Len      uint8  // bytes, 1 … 15
	Mnemonic Mnemonic

	Enc      Encoding
	Map      uint8 // 0, 1, 2, 3, 5, 6
	Op       uint8
	PP       uint8 // mandatory prefix; of legacy maps 1 … 3 the one that has effect
	W        bool  // REX.W, VEX.W, EVEX.W
	Prefixes Prefix
	HasModRM bool
	ModRM    uint8
	VL       uint8 // bytes of the vector length: 16, 32, 64; 0 where it has no meaning
	OpSize   uint8 // operand size of integer instructions in bytes: 1, 2, 4, 8; 0 elsewhere

	NArgs uint8
	Args  [5]Operand

	Mem MemOperand // valid when HasMem

	HasMem bool // an explicit memory operand (ModRM or moffs)
	Mask   uint8
	// Mask is the number of the EVEX mask register, 0 = unmasked. Gathers and scatters always have one; a VEX gather has
	// a vector as mask, see Args.
	Zeroing bool  // masked-off lanes of the destination become 0 (else they stay)
	Lanes   uint8 // number of lanes that a mask governs: bits 0 … Lanes-1 count; 0 where there are no lanes, 1 for scalars

	RoundMode uint8 // with Rounding: 0 exceptions suppressed, 1 to nearest, 2 down, 3 up, 4 to zero

	Imm  int64 // sign-extended as the instruction uses it; of two immediates the first
	Imm2 int64

	Control Control
	Target  uint64 // of direct branches

	FlagsRead    Flags // may influence the result
	FlagsWritten Flags // may change, undefined results included
	FlagsKilled  Flags // certainly overwritten or left undefined; part of FlagsWritten

	// Sets of GPRs, bit n for register n, implicit ones and address registers included. A register that is written but not
	// in GPRRead is certainly and wholly overwritten: partial and conditional writes count as reads too.
	GPRRead, GPRWritten   uint32
	VecRead, VecWritten   uint32 // vector registers, same rules (an SSE write keeps the upper part, so it reads too)
	KRead, KWritten       uint8  // mask registers
	TileRead, TileWritten uint8  // AMX tiles

	Attr Attr

	implicit     implicit // accesses of the stack and of strings
	implicitSize uint8    // bytes of each
	segment      uint8    // FS or GS prefix, 0 without

	// Where position-dependent parts stand: offset from the first byte, and size in bytes (0 = absent).
	DispOff, DispSize uint8 // displacement of the memory operand (moffs: the address)
	ImmOff, ImmSize   uint8 // immediate, or branch offset
	OpcodeOff         uint8 // opcode byte
	ModRMOff          uint8 // ModRM byte, 0 when absent
}

// Next is the address of the following instruction.
func (in *Inst) Next() uint64 { return in.PC + uint64(in.Len) }

// RegField is the reg field of ModRM (bits 5 … 3), which extends the opcode of groups.
func (in *Inst) RegField() uint8 { return in.ModRM >> 3 & 7 }

// RIPRelative reports a memory operand relative to the next instruction; its disp32 stands at DispOff.
func (in *Inst) RIPRelative() bool { return in.HasMem && in.Mem.Base == RIP }

// Address is the address of a RIP-relative or absolute memory operand; ok is false for others.
func (in *Inst) Address() (addr uint64, ok bool) {
	switch {
	case !in.HasMem || in.Mem.VSIB != 0 || in.Mem.Index != NoReg:
		return 0, false
	case in.Mem.Base == RIP:
		addr = in.Next() + uint64(in.Mem.Disp)
	case in.Mem.Base == NoReg:
		addr = uint64(in.Mem.Disp)
	default:
		return 0, false
	}
	if in.Mem.Addr32 {
		addr = uint64(uint32(addr))
	}
	return addr, true
}

// Loads reports that the instruction may read memory, implicit accesses (stack, string) included.
func (in *Inst) Loads() bool { return in.accesses(Access.Reads) }

// Stores reports that the instruction may write memory, implicit accesses (stack, string) included.
func (in *Inst) Stores() bool { return in.accesses(Access.Writes) }

func (in *Inst) accesses(kind func(Access) bool) bool {
	if in.HasMem && kind(in.Mem.Access) {
		return true
	}
	mem, n := in.Implicit()
	for _, m := range mem[:n] {
		if kind(m.Access) {
			return true
		}
	}
	return false
}
