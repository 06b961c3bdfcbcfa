package decode

// form is one row of the tables, ready for matching: the conditions an encoding must meet, and what it then means.
type form struct {
	// Conditions, as sets of the values allowed.
	pp, w, l, reg, rm, mod, b uint8
	modrm                     bool // has a ModRM byte
	ignoreMod                 bool // ModRM always means registers

	names     [3]Mnemonic // by operand size 2, 4, 8, or the first two by W, or one
	nameBy    uint8       // byNothing, byW, byOpSize
	nargs     uint8
	args      [5]arg
	opSize    uint8 // how OpSize is found: osNone, osByte, osV, osY, osU
	control   Control
	implicit  implicit
	impSize   uint8 // 1: bytes; 0: by operand size
	attr      Attr
	lockable  bool
	refuse    bool
	no66      bool // 16-bit operand size is refused
	noAddress bool // the memory operand is not even computed

	flags                      flagEffect
	gprRead, gprWrite, gprPart uint32 // part: written by operand size

	elem, bcast uint8  // bytes of a lane, of a broadcast element; 0 = none
	laneBase    uint16 // bytes that hold the lanes: 0 = the vector length, 1 = scalar: one lane, 16, 32
	distinct    bool   // no register may be named twice
	half        bool   // lanes of half the vector, but elements of the whole index
	noFault     bool   // memory is read whole whatever the mask says
	maskable    bool
	er, sae     bool
	vector      uint8 // 0 no vector operand, 1 scalar or fixed width, 2 sized by the vector length
}

const (
	byNothing = iota
	byW
	byOpSize
)

const (
	osNone = iota
	osByte
	osV // 2, 4, 8
	osY // 4, 8
	osU // 8, or 2 with a 66 prefix: the stack
	osNear
)

// flagEffect is what a form does with the flags; special names the cases that depend on operands.
type flagEffect struct {
	read, kill, may Flags
	special         uint8
}

const (
	noSpecial = iota
	shift     // nothing changes when the count is 0
	rotate    // CF and OF only
	rotateC   // CF and OF, and CF is read
	condition // read by the low four bits of the opcode
)

// kind says where an operand is encoded.
type kind uint8

const (
	kNone   kind = iota
	kReg         // ModRM.reg: GPR
	kRM          // ModRM.rm: GPR or memory
	kMem         // ModRM.rm: memory
	kGPR         // ModRM.rm: GPR
	kVvvvG       // VEX.vvvv: GPR
	kOp          // low three bits of the opcode: GPR
	kFixed       // GPR number arg.fixed
	kV           // ModRM.reg: vector
	kVM          // ModRM.rm: vector or memory
	kVU          // ModRM.rm: vector
	kVH          // VEX.vvvv: vector
	kVL          // high half of the immediate: vector
	kVFixed      // XMM0
	kP           // ModRM.reg: MMX
	kPM          // ModRM.rm: MMX or memory
	kPU          // ModRM.rm: MMX
	kK           // ModRM.reg: mask
	kKPair       // ModRM.reg: a pair of masks
	kKM          // ModRM.rm: mask or memory
	kKU          // ModRM.rm: mask
	kKH          // VEX.vvvv: mask
	kT           // ModRM.reg: tile
	kTU          // ModRM.rm: tile
	kTH          // VEX.vvvv: tile
	kST          // ST(0)
	kSTi         // ModRM.rm: ST(i)
	kSeg         // ModRM.reg: segment register
	kSegFixed
	kCR
	kDR
	kVSIB
	kMoffs
	kImmB  // one byte, zero-extended
	kImmS  // one byte, sign-extended
	kImmW  // two bytes
	kImmZ  // two or four bytes, sign-extended
	kImmV  // two, four or eight bytes
	kOne   // the constant 1, not encoded
	kRelB  // branch offset, one byte
	kRelZ  // branch offset, four bytes
	kIndex // one past the last
)

// arg is one operand of a form: where it is encoded, its size as a register and as memory, what is done with it.
type arg struct {
	kind      kind
	access    Access
	fixed     uint8
	size, mem uint16 // bytes, or one of the symbolic sizes
}

// Symbolic sizes.
const (
	szV    = 1000 + iota // operand size: 2, 4, 8
	szY                  // 4, 8
	szZ                  // 2, 4
	szU                  // 8, or 2 with a 66 prefix
	szX                  // vector length
	szH                  // half of it
	szQ                  // a quarter
	szO                  // an eighth
	szPair               // 8, 16 by W
	szIO                 // 2, 4
)
