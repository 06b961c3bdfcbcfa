// Package vec names the vector instructions of one instruction set and element type, so that a generator is written
// once for AVX2 and AVX-512, float32 and float64.
package vec

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

// emit appends one instruction; the destination comes last, as in Go assembly.
type emit func(ops ...operand.Op)

// Set is one instruction set and element type.
type Set struct {
	Name  string // as in function names: AVX2, AVX512
	Type  string // F32, F64
	Go    string // float32, float64
	Bytes int    // of a vector
	Elem  int    // of an element

	Mov, Add, Mul, FMA     emit // of vectors; FMA(b, a, acc) is acc += a·b
	MovPast                emit // store of a vector past the caches, to an aligned address
	MovOne, AddOne, FMAOne emit // of the lowest element of an XMM register
	Broadcast              emit // one element of memory to every lane
	FMABroadcast           emit // FMA(a, b, acc) with one element of memory as a in every lane; AVX-512 only
	Permute2               emit // Permute2(high, low, index): each lane of index becomes the element of low, then high, that it names; AVX-512 only
	Permute                emit // Permute(from, index, to): each lane of to becomes the element of from that its lane of index names; AVX-512 only
	BroadcastQuarter       emit // 16 bytes of memory to each 16 bytes of a vector; AVX-512 only
	SubInt                 emit // of integers as long as elements: SubInt(b, a, to) is a − b
	maskMov                func(a, b, c operand.Op)
	movZ                   func(from, k, to operand.Op) // lanes that are off become 0
	laneMask               func(v, k operand.Op)
	horizontal             func(a, b, c operand.Op)
	opmask                 bool // lanes are chosen by opmasks, not by vectors of sign bits
	regs                   []reg.VecPhysical
}

// Sets lists every combination.
var Sets = []Set{avx2F32(), avx2F64(), avx512F32(), avx512F64()}

func f32(s Set) Set {
	s.Type, s.Go, s.Elem = "F32", "float32", 4
	s.Mov, s.Add, s.Mul, s.FMA = build.VMOVUPS, build.VADDPS, build.VMULPS, build.VFMADD231PS
	s.MovPast = func(ops ...operand.Op) { build.VMOVNTPS(ops[0], ops[1]) }
	s.MovOne, s.AddOne, s.FMAOne, s.Broadcast = build.VMOVSS, build.VADDSS, build.VFMADD231SS, build.VBROADCASTSS
	s.FMABroadcast = func(ops ...operand.Op) { build.VFMADD231PS_BCST(ops[0], ops[1], ops[2]) }
	s.Permute, s.Permute2, s.SubInt = build.VPERMPS, build.VPERMI2PS, build.VPSUBD
	s.maskMov, s.movZ, s.laneMask, s.horizontal = build.VMASKMOVPS, build.VMOVUPS_Z, build.VPMOVD2M, build.VHADDPS
	s.BroadcastQuarter = build.VBROADCASTF32X4
	return s
}

func f64(s Set) Set {
	s.Type, s.Go, s.Elem = "F64", "float64", 8
	s.Mov, s.Add, s.Mul, s.FMA = build.VMOVUPD, build.VADDPD, build.VMULPD, build.VFMADD231PD
	s.MovPast = func(ops ...operand.Op) { build.VMOVNTPD(ops[0], ops[1]) }
	s.MovOne, s.AddOne, s.FMAOne, s.Broadcast = build.VMOVSD, build.VADDSD, build.VFMADD231SD, build.VBROADCASTSD
	s.FMABroadcast = func(ops ...operand.Op) { build.VFMADD231PD_BCST(ops[0], ops[1], ops[2]) }
	s.Permute, s.Permute2, s.SubInt = build.VPERMPD, build.VPERMI2PD, build.VPSUBQ
	s.maskMov, s.movZ, s.laneMask, s.horizontal = build.VMASKMOVPD, build.VMOVUPD_Z, build.VPMOVQ2M, build.VHADDPD
	s.BroadcastQuarter = build.VBROADCASTF64X2
	return s
}

func avx2F32() Set   { return f32(Set{Name: "AVX2", Bytes: 32, regs: YMM}) }
func avx2F64() Set   { return f64(Set{Name: "AVX2", Bytes: 32, regs: YMM}) }
func avx512F32() Set { return f32(Set{Name: "AVX512", Bytes: 64, regs: ZMM, opmask: true}) }
func avx512F64() Set { return f64(Set{Name: "AVX512", Bytes: 64, regs: ZMM, opmask: true}) }

// Half is a set of AVX-512 on the lower halves of half of its registers.
func (s Set) Half() Set {
	s.Bytes, s.regs = 32, YMM
	return s
}

// Sets of 512 bits that multiply narrow elements and sum up in wider ones. Elem is what one step takes of a row of A: two
// bfloat16 or binary16, or four int8; Add is for the type of sums in memory.

// BF16 multiplies pairs of bfloat16 and sums up in float32.
func BF16() Set {
	s := avx512F32()
	s.Name, s.Type = "AVX512BF16", ""
	s.FMA = func(ops ...operand.Op) { enc.Emit(enc.VDPBF16PS(physical(ops[0]), physical(ops[1]), physical(ops[2]))) }
	s.FMABroadcast = func(ops ...operand.Op) {
		enc.Emit(enc.VDPBF16PSBroadcast(address(ops[0]), physical(ops[1]), physical(ops[2])))
	}
	return s
}

// INT8 multiplies unsigned by signed bytes, four at a time, and sums up in int32: FMA(b, a, acc) takes b as unsigned.
func INT8() Set {
	s := avx512F32()
	s.Name, s.Type = "AVX512VNNI", ""
	s.Add, s.Broadcast = build.VPADDD, build.VPBROADCASTD
	s.FMA = func(ops ...operand.Op) { build.VPDPBUSD(ops[1], ops[0], ops[2]) }
	return s
}

// F16 multiplies pairs of binary16 and sums up each element's products by itself; sums in memory are float32.
func F16() Set {
	s := avx512F32()
	s.Name, s.Type = "AVX512FP16", ""
	s.FMA = func(ops ...operand.Op) {
		enc.Emit(enc.VFMADD231PH(physical(ops[0]), physical(ops[1]), physical(ops[2])))
	}
	return s
}

// address is a memory operand of registers that were chosen.
func address(op operand.Op) enc.Mem {
	m := op.(operand.Mem)
	index, _ := m.Index.(reg.GPPhysical)
	scale := int(m.Scale)
	if index == nil {
		scale = 0
	}
	return enc.Mem{Base: m.Base.(reg.GPPhysical), Index: index, Scale: scale, Disp: int32(m.Disp)}
}

func physical(op operand.Op) reg.VecPhysical { return op.(reg.VecPhysical) }

// SpreadInQuarters copies element q of each 16 bytes of a vector to all elements of these 16 bytes.
func (s Set) SpreadInQuarters(q int, from, to reg.VecPhysical) {
	if s.Elem == 4 {
		build.VPERMILPS(operand.Imm(uint64(q*0x55)), from, to)
	} else {
		build.VPERMILPD(operand.Imm(uint64(q*0xff)), from, to)
	}
}

// Lanes is the number of elements in a vector.
func (s Set) Lanes() int { return s.Bytes / s.Elem }

// Regs is the number of architectural vector registers.
func (s Set) Regs() int { return len(s.regs) }

// V is vector register i.
func (s Set) V(i int) reg.VecPhysical { return s.regs[i] }

// Zero clears a register.
func (s Set) Zero(v reg.VecPhysical) {
	if s.Bytes == 64 {
		build.VPXORD(v, v, v)
	} else {
		build.VXORPS(v, v, v)
	}
}

// Mask selects the first lanes of a vector: an opmask in AVX-512, a vector of sign bits in AVX2.
type Mask struct {
	set Set
	op  operand.Op
}

// LoadMask makes a mask of the sign bits of one vector of memory. In AVX2 it stays in v; in AVX-512 it only passes
// through v.
func (s Set) LoadMask(m operand.Mem, v reg.VecPhysical) Mask {
	s.Mov(m, v)
	if !s.opmask {
		return Mask{s, v}
	}
	k := build.K()
	s.laneMask(v, k)
	return Mask{s, k}
}

// Store writes the selected lanes of v and touches no other memory.
func (m Mask) Store(v reg.VecPhysical, to operand.Mem) {
	if !m.set.opmask {
		m.set.maskMov(v, m.op, to)
	} else {
		m.set.Mov(v, m.op, to)
	}
}

// Load reads the selected lanes of memory, touching no other memory; the others become 0.
func (m Mask) Load(from operand.Mem, v reg.VecPhysical) {
	if !m.set.opmask {
		m.set.maskMov(from, m.op, v)
	} else {
		m.set.movZ(from, m.op, v)
	}
}

// LoadLanes reads the lanes of memory that are on in opmask k, touching no other memory; the others become 0. AVX-512 only.
func (s Set) LoadLanes(from operand.Mem, k, v operand.Op) { s.movZ(from, k, v) }

// AddFrom adds the selected lanes of memory to v, touching no other memory; AVX2 passes them through tmp.
func (m Mask) AddFrom(from operand.Mem, v, tmp reg.VecPhysical) {
	if !m.set.opmask {
		m.set.maskMov(from, m.op, tmp)
		m.set.Add(tmp, v, v)
	} else {
		m.set.Add(from, v, m.op, v)
	}
}

// Sum adds all lanes of v into its lowest element, using tmp.
func (s Set) Sum(v, tmp reg.VecPhysical) {
	y, x := v.AsY(), v.AsX()
	if s.Bytes == 64 {
		build.VEXTRACTF64X4(operand.Imm(1), v, tmp.AsY())
		s.Add(tmp.AsY(), y, y)
	}
	build.VEXTRACTF128(operand.Imm(1), y, tmp.AsX())
	s.Add(tmp.AsX(), x, x)
	for n := 16 / s.Elem; n > 1; n /= 2 {
		s.horizontal(x, x, x)
	}
}

// Align starts the next instruction on a fetch line of 64 bytes. It must not follow a label that is jumped to: Go 1.26's assembler
// would not end.
func Align() {
	build.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(64)}})
}

// YMM are the registers of 256 bits that AVX2 has.
var YMM = []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
}

// ZMM are those of 512 bits.
var ZMM = []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}
