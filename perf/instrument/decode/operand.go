package decode

// Access says what is done with an operand.
type Access uint8

// The ways to access an operand.
const (
	NoAccess  Access = iota // an address that is only computed (lea, nop), or no operand
	Read                    // load
	Write                   // store
	ReadWrite               // both; of memory: read-modify-write
)

// Reads reports that the value before the instruction is used.
func (a Access) Reads() bool { return a == Read || a == ReadWrite }

// Writes reports that the value may change.
func (a Access) Writes() bool { return a == Write || a == ReadWrite }

// Class says what an operand is.
type Class uint8

// The classes of operands.
const (
	None       Class = iota
	GPR              // general-purpose register; Size 1, 2, 4, 8 bytes; number 0 = RAX … 15 = R15
	HighByte         // AH, CH, DH, BH: number 0 … 3 of the register it is part of
	Vector           // XMM, YMM, ZMM by Size 16, 32, 64; number 0 … 31
	Mask             // K0 … K7
	MMX              // MM0 … MM7
	X87              // ST(0) … ST(7)
	Tile             // TMM0 … TMM7
	Segment          // ES CS SS DS FS GS
	ControlReg       // CR0 …
	DebugReg         // DR0 …
	Memory           // Inst.Mem
	String           // memory at RSI or RDI of a string instruction, see Inst.Implicit
	Immediate        // Inst.Imm (or Inst.Imm2 for a second one); its value stands in Reg-independent form there
	Relative         // Inst.Target
)

// Operand is one explicit operand, in the order of Intel's syntax.
type Operand struct {
	Class  Class
	Reg    uint8  // register number
	Size   uint16 // bytes used of the register or of memory; 0 where it has no meaning
	Access Access
}

// NoReg is a base or index that does not exist; RIP is the base of an address relative to the next instruction.
const (
	NoReg int8 = -1
	RIP   int8 = 16
)

// GPR numbers, as in encodings and in bit positions of Inst.GPRRead and the like.
const (
	RAX = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
)

// MemOperand is an address and what is done with it.
//
// The bytes touched are Size from the address on, except: with VSIB, Lanes elements of ElemSize bytes, each at
// Base + index lane × Scale + Disp; with Inst.LaneMasked, only the elements whose bit is set in Inst.Mask; with
// a compress or expand, as many elements as bits are set; with Broadcast, one element; a tile load or store, the rows of the
// tile configuration, Base + Disp + row × index register (Scale applies), see Inst.Attr.
type MemOperand struct {
	Access     Access
	Base       int8  // GPR number, RIP or NoReg
	Index      int8  // GPR number, vector number with VSIB, or NoReg
	Scale      uint8 // 1, 2, 4, 8
	Segment    uint8 // segment override that changes the address: 0, or the prefix byte 0x64 (FS) or 0x65 (GS)
	Addr32     bool  // address computed in 32 bits (67 prefix)
	Broadcast  bool  // one element is loaded and repeated (EVEX embedded broadcast)
	VSIB       uint8 // bytes of the index vector: 0 (none), 16, 32, 64
	IndexSize  uint8 // bytes of an index element: 4 or 8, 0 without VSIB
	Size       uint16
	ElemSize   uint8 // bytes of an element, where the operand has several (vector, gather); else equal to Size or 0
	Disp       int64 // EVEX disp8 already multiplied
	Absolute64 bool  // mov with a 64-bit absolute address (moffs): Disp is the address
}
