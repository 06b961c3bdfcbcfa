package cache

import (
	"reflect"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
)

// key is a leaf and a subleaf.
type key struct{ leaf, sub uint32 }

// answers makes up a processor; what is not in it is 0.
func answers(m map[key]cpu.Regs) func(leaf, sub uint32) (cpu.Regs, bool) {
	return func(leaf, sub uint32) (cpu.Regs, bool) { return m[key{leaf, sub}], true }
}

// params packs a cache as the manuals lay it out.
func params(kind, level, line, partitions, ways, sets uint32) cpu.Regs {
	return cpu.Regs{EAX: kind | level<<5, EBX: line - 1 | (partitions-1)<<12 | (ways-1)<<22, ECX: sets - 1}
}

func TestFromCPUID(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cpuid func(leaf, sub uint32) (cpu.Regs, bool)
		want  []Level
	}{
		{"Intel", answers(map[key]cpu.Regs{{0, 0}: {EAX: 0x20}, {0x80000000, 0}: {EAX: 0x80000008},
			{4, 0}: {EAX: 0x1c004121, EBX: 0x02c0003f, ECX: 0x3f}, // 12 ways of 64 sets
			{4, 1}: {EAX: 0x1c004122, EBX: 0x01c0003f, ECX: 0x3f}, // instructions
			{4, 2}: {EAX: 0x1c004143, EBX: 0x03c0003f, ECX: 0x7ff},
			{4, 3}: params(3, 3, 64, 1, 15, 524288)}),
			[]Level{{1, "data", 48 << 10, 12, 64, "", ""}, {2, "unified", 2 << 20, 16, 64, "", ""}, {3, "unified", 480 << 20, 15, 64, "", ""}}},
		{"AMD", answers(map[key]cpu.Regs{{0, 0}: {EAX: 0x10}, {0x80000000, 0}: {EAX: 0x80000028}, {0x80000001, 0}: {ECX: 1 << 22},
			{0x8000001d, 0}: params(1, 1, 64, 1, 8, 64), {0x8000001d, 1}: params(2, 1, 64, 1, 8, 64),
			{0x8000001d, 2}: params(3, 2, 64, 1, 8, 2048), {0x8000001d, 3}: params(3, 3, 64, 1, 16, 32768)}),
			[]Level{{1, "data", 32 << 10, 8, 64, "", ""}, {2, "unified", 1 << 20, 8, 64, "", ""}, {3, "unified", 32 << 20, 16, 64, "", ""}}},
		{"AMD without topology extensions", answers(map[key]cpu.Regs{{0, 0}: {EAX: 1}, {0x80000000, 0}: {EAX: 0x80000028},
			{0x8000001d, 0}: params(1, 1, 64, 1, 8, 64)}), nil},
		{"AMD with the old leaves only, as on a Zen 5 under bhyve", answers(map[key]cpu.Regs{{0, 0}: {EAX: 0xd}, {0x80000000, 0}: {EAX: 0x80000021},
			{0x80000001, 0}: {ECX: 0x440001f1}, {0x80000005, 0}: {ECX: 0x300c0140, EDX: 0x20080140}, {0x80000006, 0}: {ECX: 0x04006140, EDX: 0x0fe09140}}),
			[]Level{{1, "data", 48 << 10, 12, 64, "", ""}, {2, "unified", 1 << 20, 8, 64, "", ""}}},
		{"AMD with the old leaves, all ways, L2 of a code of no ways", answers(map[key]cpu.Regs{{0x80000000, 0}: {EAX: 0x80000008},
			{0x80000005, 0}: {ECX: 0x20ff0140}, {0x80000006, 0}: {ECX: 0x02009140}}),
			[]Level{{1, "data", 32 << 10, 512, 64, "", ""}, {2, "unified", 512 << 10, 0, 64, "", ""}}},
		{"AMD with the old leaves, L2 off", answers(map[key]cpu.Regs{{0x80000000, 0}: {EAX: 0x80000008},
			{0x80000005, 0}: {ECX: 0x20080140}, {0x80000006, 0}: {ECX: 0x02000140}}),
			[]Level{{1, "data", 32 << 10, 8, 64, "", ""}}},
		{"Intel that masks leaf 4, and describes L2 where AMD does", answers(map[key]cpu.Regs{{0, 0}: {EAX: 3}, {0x80000000, 0}: {EAX: 0x80000008},
			{0x80000006, 0}: {ECX: 0x08007040}}), nil},
		{"leaf 4 above the highest", answers(map[key]cpu.Regs{{0, 0}: {EAX: 2}, {4, 0}: params(1, 1, 64, 1, 8, 64)}), nil},
		{"a hypervisor that repeats itself", func(leaf, _ uint32) (cpu.Regs, bool) {
			return map[uint32]cpu.Regs{0: {EAX: 0x20}, 4: params(1, 1, 64, 1, 8, 64)}[leaf], true
		}, []Level{{1, "data", 32 << 10, 8, 64, "", ""}}},
		{"no CPUID", func(uint32, uint32) (cpu.Regs, bool) { return cpu.Regs{}, false }, nil},
	} {
		if got := fromCPUID(tt.cpuid); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// The ways of L2 by AMD's code for them, as its manual lists them: AMD64 APM vol. 3, table E-4.
func TestOldWays(t *testing.T) {
	for code, want := range map[uint32]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 0, 8: 16, 9: 0, 10: 32, 11: 48, 12: 64, 13: 96, 14: 128, 15: 6144} {
		levels := fromCPUID(answers(map[key]cpu.Regs{{0x80000000, 0}: {EAX: 0x80000008},
			{0x80000005, 0}: {ECX: 0x20080140}, {0x80000006, 0}: {ECX: 384<<16 | code<<12 | 0x140}}))
		if len(levels) != 2 || levels[1] != (Level{2, "unified", 384 << 10, want, 64, "", ""}) {
			t.Errorf("code %d: %+v, want %d ways", code, levels, want)
		}
	}
}

func TestOwnProcessorIsSane(t *testing.T) {
	for _, l := range fromCPUID(cpu.CPUID) {
		if l.Bytes < 4<<10 || l.Bytes%int64(l.Line) != 0 || l.Ways < 1 {
			t.Errorf("%+v", l)
		}
	}
}
