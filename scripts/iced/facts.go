package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// facts are iced's statements about an instruction, in the notation of the stored sample: fields by semicolons:
//
//	length; flags read, modified, certainly modified (undefined included) as letters c p a z s o d;
//	GPRs read, written, certainly written as hex sets; vector registers the same; mask registers the same;
//	memory accesses as base+index:access, sorted; size and element size of the memory operand in bytes
type facts struct {
	length                               int
	flagsRead, flagsModified             uint64
	gprRead, gprWritten, gprKilled       uint64
	vecRead, vecWritten, kRead, kWritten uint64
	memory                               []string
	size, element                        uint64
}

// iced's numbers of flags, registers and accesses.
const (
	regAL, regSPL, regAX, regEAX, regRAX, regEIP = 1, 9, 21, 37, 53, 69
	regXMM0, regK0, regBND0                      = 77, 173, 181

	accessRead, accessCondRead, accessWrite, accessCondWrite, accessReadWrite, accessReadCondWrite, accessNone = 1, 2, 3, 4, 5, 6, 7
)

var flagLetters = []struct {
	bit    uint64
	letter byte
}{{16, 'c'}, {32, 'p'}, {8, 'a'}, {4, 'z'}, {2, 's'}, {1, 'o'}, {64, 'd'}}

func flagText(set uint64) string {
	var b strings.Builder
	for _, f := range flagLetters {
		if set&f.bit != 0 {
			b.WriteByte(f.letter)
		}
	}
	return b.String()
}

func (f *facts) String() string {
	return fmt.Sprintf("%d;%s;%s;%x;%x;%x;%x;%x;%x;%x;%s;%d;%d", f.length, flagText(f.flagsRead), flagText(f.flagsModified),
		f.gprRead, f.gprWritten, f.gprKilled, f.vecRead, f.vecWritten, f.kRead, f.kWritten, strings.Join(f.memory, ","), f.size, f.element)
}

// factsOf asks iced about the instruction it decoded last.
func (x *iced) factsOf(ctx context.Context, length int) *facts {
	f := &facts{length: length}
	f.flagsRead = x.call(ctx, "instruction_rflagsRead", x.inst)
	f.flagsModified = x.call(ctx, "instruction_rflagsModified", x.inst)
	kind := x.call(ctx, "instruction_memorySize", x.inst)
	f.size, f.element = x.call(ctx, "memorysizeext_size", kind), x.call(ctx, "memorysizeext_elementSize", kind)
	info := x.call(ctx, "instructioninfofactory_info", x.info, x.inst)
	for _, p := range x.list(ctx, "instructioninfo_usedRegisters", info) {
		f.register(x.call(ctx, "usedregister_register", p), x.call(ctx, "usedregister_access", p))
		x.call(ctx, "__wbg_usedregister_free", p)
	}
	for _, p := range x.list(ctx, "instructioninfo_usedMemory", info) {
		base, index := x.call(ctx, "usedmemory_base", p), x.call(ctx, "usedmemory_index", p)
		access := x.call(ctx, "usedmemory_access", p)
		x.call(ctx, "__wbg_usedmemory_free", p)
		if access == accessNone {
			continue
		}
		f.memory = append(f.memory, fmt.Sprintf("%s+%s:%s", addressPart(base), addressPart(index), accessText(access)))
	}
	x.call(ctx, "__wbg_instructioninfo_free", info)
	slices.Sort(f.memory)
	return f
}

// accessText: r and w; a condition (mask, comparison) makes no difference here.
func accessText(access uint64) string {
	switch access {
	case accessRead, accessCondRead:
		return "r"
	case accessWrite, accessCondWrite:
		return "w"
	}
	return "rw"
}

// addressPart names a base or index: a GPR by number, rip, a vector by number, or nothing.
func addressPart(reg uint64) string {
	switch {
	case reg == 0:
		return "-"
	case reg >= regEIP && reg < regEIP+2:
		return "rip"
	case reg >= regXMM0 && reg < regK0:
		return fmt.Sprintf("v%d", (reg-regXMM0)%32)
	}
	n, _ := gprNumber(reg)
	return fmt.Sprint(n)
}

// gprNumber is the number of a general-purpose register, and whether writing it leaves part of the old value.
func gprNumber(reg uint64) (n uint64, partial bool) {
	switch {
	case reg < regAL+4:
		return reg - regAL, true
	case reg < regSPL: // AH … BH
		return reg - regAL - 4, true
	case reg < regAX: // SPL … R15L
		return reg - regSPL + 4, true
	case reg < regEAX:
		return reg - regAX, true
	case reg < regRAX:
		return reg - regEAX, false
	}
	return reg - regRAX, false
}

func (f *facts) register(reg, access uint64) {
	reads := access != accessWrite && access != accessCondWrite && access != accessNone
	writes := access >= accessWrite && access != accessNone
	certain := access == accessWrite || access == accessReadWrite
	switch {
	case reg >= regAL && reg < regEIP:
		n, partial := gprNumber(reg)
		set(&f.gprRead, n, reads)
		set(&f.gprWritten, n, writes)
		set(&f.gprKilled, n, certain && !partial)
	case reg >= regXMM0 && reg < regK0:
		n := (reg - regXMM0) % 32
		set(&f.vecRead, n, reads)
		set(&f.vecWritten, n, writes)
	case reg >= regK0 && reg < regBND0:
		set(&f.kRead, reg-regK0, reads)
		set(&f.kWritten, reg-regK0, writes)
	}
}

func set(bits *uint64, n uint64, yes bool) {
	if yes {
		*bits |= 1 << n
	}
}
