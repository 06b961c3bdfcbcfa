package decode

// implicit names the memory accesses that no operand byte describes.
type implicit uint8

const (
	noImplicit  implicit = iota
	pushes               // store below the stack pointer
	pops                 // load at the stack pointer
	leaves               // load at RBP
	enters               // store below the stack pointer (RBP)
	movsString           // load at RSI, store at RDI
	stosString           // store at RDI
	lodsString           // load at RSI
	scasString           // load at RDI
	cmpsString           // load at RSI and at RDI
	insString            // store at RDI
	outsString           // load at RSI
	xlatTable            // load one byte at RBX + AL
	maskedStore          // maskmovq, maskmovdqu: store at RDI, bytes by mask
)

// Implicit gives the memory accesses that are not in Mem: of the stack (push, pop, call, ret, leave) and of string
// instructions (one repetition; RCX of them with Repeated, in the direction of DF). Addresses hold with the register
// values before the instruction. Two entries at most, n of them valid. An xlat has Base RBX and Index RAX, of which
// only the low byte counts.
func (in *Inst) Implicit() (mem [2]MemOperand, n int) {
	size := uint16(in.implicitSize)
	at := func(a Access, base int8, disp int64) {
		mem[n] = MemOperand{Access: a, Base: base, Index: NoReg, Scale: 1, Size: size, ElemSize: in.implicitSize, Disp: disp}
		if in.Attr&StringOp != 0 || in.implicit >= xlatTable {
			mem[n].Addr32 = in.Prefixes&Prefix67 != 0
			if base != RDI || in.implicit == maskedStore { // the destination of a string instruction is always in ES
				mem[n].Segment = in.segment
			}
		}
		n++
	}
	switch in.implicit {
	case pushes, enters:
		at(Write, RSP, -int64(size))
	case pops:
		at(Read, RSP, 0)
	case leaves:
		at(Read, RBP, 0)
	case movsString:
		at(Read, RSI, 0)
		at(Write, RDI, 0)
	case stosString, insString, maskedStore:
		at(Write, RDI, 0)
	case lodsString, outsString:
		at(Read, RSI, 0)
	case scasString:
		at(Read, RDI, 0)
	case cmpsString:
		at(Read, RSI, 0)
		at(Read, RDI, 0)
	case xlatTable:
		at(Read, RBX, 0)
		mem[0].Index = RAX
	}
	return mem, n
}
