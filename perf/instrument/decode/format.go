package decode

import (
	"strconv"
	"strings"
)

var (
	gpr8   = [...]string{"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"}
	gpr16  = [...]string{"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"}
	gpr32  = [...]string{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"}
	gpr64  = [...]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
	high   = [...]string{"ah", "ch", "dh", "bh"}
	segReg = [...]string{"es", "cs", "ss", "ds", "fs", "gs", "?", "?"}
)

// GPRName is the name of a general-purpose register of size bytes.
func GPRName(n uint8, size uint16) string {
	n &= 15
	switch size {
	case 1:
		return gpr8[n]
	case 2:
		return gpr16[n]
	case 4:
		return gpr32[n]
	}
	return gpr64[n]
}

var sizeNames = map[uint16]string{1: "BYTE", 2: "WORD", 4: "DWORD", 6: "FWORD", 8: "QWORD", 10: "TBYTE", 16: "XMMWORD", 32: "YMMWORD", 64: "ZMMWORD"}

// String writes the instruction in Intel syntax, near to what objdump -M intel prints: registers, memory and immediates in the
// same notation; comparisons keep their immediate, string instructions have no operands.
func (in *Inst) String() string {
	var b strings.Builder
	b.WriteString(in.prefixText())
	b.WriteString(in.Mnemonic.String())
	for i := range in.Args[:in.NArgs] {
		if i == 0 {
			b.WriteByte(' ')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(in.Operand(i))
	}
	return b.String()
}

func (in *Inst) prefixText() (s string) {
	if in.Prefixes&PrefixLock != 0 {
		s = "lock "
	}
	if in.Attr&Repeated != 0 {
		compares := in.FlagsWritten != 0
		switch {
		case !compares:
			s += "rep "
		case in.Prefixes&PrefixF3 != 0:
			s += "repz "
		default:
			s += "repnz "
		}
	}
	return s
}

// Operand is the text of Args[i], with mask, zeroing, rounding and broadcast where they belong to it.
func (in *Inst) Operand(i int) string {
	text := in.bare(i)
	if i == 0 && in.Mask != 0 {
		text += "{k" + strconv.Itoa(int(in.Mask)) + "}"
		if in.Zeroing {
			text += "{z}"
		}
	}
	if in.Attr&Rounding != 0 && i == in.lastRegister() {
		text += [...]string{"{sae}", "{rn-sae}", "{rd-sae}", "{ru-sae}", "{rz-sae}"}[min(in.RoundMode, 4)]
	}
	return text
}

// lastRegister is the operand that carries the rounding mode in the text: the last one that is no immediate.
func (in *Inst) lastRegister() int {
	last := int(in.NArgs) - 1
	for last > 0 && in.Args[last].Class == Immediate {
		last--
	}
	return last
}

// BroadcastCount is how often the element of a broadcast is repeated in the source that the operation takes; 0 without.
func (in *Inst) BroadcastCount() int {
	switch {
	case !in.HasMem || !in.Mem.Broadcast || in.Mem.ElemSize == 0:
		return 0
	case in.Lanes == 0:
		return int(in.VL / in.Mem.ElemSize)
	}
	return int(min(in.Lanes, in.VL/in.Mem.ElemSize))
}

func (in *Inst) bare(i int) string {
	o := in.Args[i]
	n := strconv.Itoa(int(o.Reg))
	switch o.Class {
	case GPR:
		return GPRName(o.Reg, o.Size)
	case HighByte:
		return high[o.Reg&3]
	case Vector:
		switch {
		case o.Size > 32:
			return "zmm" + n
		case o.Size > 16:
			return "ymm" + n
		}
		return "xmm" + n
	case Mask:
		return "k" + n
	case MMX:
		return "mm" + n
	case X87:
		return "st(" + n + ")"
	case Tile:
		return "tmm" + n
	case Segment:
		return segReg[o.Reg&7]
	case ControlReg:
		return "cr" + n
	case DebugReg:
		return "dr" + n
	case Relative:
		return hexText(in.Target)
	case Immediate:
		return in.immediateText(i)
	case Memory:
		return in.memoryText()
	}
	return "?"
}

func (in *Inst) immediateText(i int) string {
	v := in.Imm
	if in.Args[i].Size == 0 { // the 1 of a shift
		return strconv.FormatInt(v, 10)
	}
	if i > 0 && in.Args[i-1].Class == Immediate {
		v = in.Imm2
	}
	switch in.Args[i].Size {
	case 1:
		return hexText(uint64(uint8(v)))
	case 2:
		return hexText(uint64(uint16(v)))
	case 4:
		return hexText(uint64(uint32(v)))
	}
	return hexText(uint64(v))
}

func (in *Inst) memoryText() string {
	m := &in.Mem
	var b strings.Builder
	if m.Size != 0 && m.Size != 512 {
		switch name := sizeNames[m.Size]; {
		case in.Attr&(Gather|Scatter) != 0:
			b.WriteString(sizeNames[uint16(m.ElemSize)] + " PTR ")
		case name != "" && m.Broadcast:
			b.WriteString(name + " BCST ")
		case name != "":
			b.WriteString(name + " PTR ")
		}
	}
	switch m.Segment {
	case 0x64:
		b.WriteString("fs:")
	case 0x65:
		b.WriteString("gs:")
	}
	if m.Base == NoReg && m.Index == NoReg {
		if m.Segment == 0 {
			b.WriteString("ds:")
		}
		d := uint64(m.Disp)
		if m.Addr32 {
			d = uint64(uint32(d))
		}
		b.WriteString(hexText(d))
		return b.String()
	}
	size := uint16(8)
	if m.Addr32 {
		size = 4
	}
	b.WriteByte('[')
	switch {
	case m.Base == RIP && m.Addr32:
		b.WriteString("eip")
	case m.Base == RIP:
		b.WriteString("rip")
	case m.Base >= 0:
		b.WriteString(GPRName(uint8(m.Base), size))
	}
	if m.Index >= 0 {
		if m.Base != NoReg {
			b.WriteByte('+')
		}
		b.WriteString(m.indexName(size) + "*" + strconv.Itoa(int(m.Scale)))
	}
	switch {
	case m.Disp < 0:
		b.WriteString("-" + hexText(uint64(-m.Disp)))
	case in.DispSize != 0:
		b.WriteString("+" + hexText(uint64(m.Disp)))
	}
	b.WriteByte(']')
	return b.String()
}

func (m *MemOperand) indexName(size uint16) string {
	n := strconv.Itoa(int(m.Index))
	switch m.VSIB {
	case 16:
		return "xmm" + n
	case 32:
		return "ymm" + n
	case 64:
		return "zmm" + n
	}
	return GPRName(uint8(m.Index), size)
}

func hexText(v uint64) string { return "0x" + strconv.FormatUint(v, 16) }
