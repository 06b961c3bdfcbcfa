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

// Two processors of two cores with two threads: the threads of a core share L1 and L2, the cores of a processor L3, whose block of IDs
// holds one more core than there is. CPUs are numbered as Linux does: first the first thread of every core.
func TestSharersByCPUID(t *testing.T) {
	shared := func(r cpu.Regs, ids uint32) cpu.Regs { r.EAX |= (ids - 1) << 14; return r }
	cpuid := answers(map[key]cpu.Regs{{0, 0}: {EAX: 0x10}, {0x80000000, 0}: {EAX: 0x80000028}, {0x80000001, 0}: {ECX: 1 << 22},
		{0x8000001d, 0}: shared(params(1, 1, 64, 1, 8, 64), 2), {0x8000001d, 1}: shared(params(2, 1, 64, 1, 8, 64), 4),
		{0x8000001d, 2}: shared(params(3, 2, 64, 1, 8, 2048), 2), {0x8000001d, 3}: shared(params(3, 3, 64, 1, 16, 32768), 6)})
	ids := map[int]uint32{0: 0, 4: 1, 1: 2, 5: 3, 2: 8, 6: 9, 3: 10, 7: 11}
	for on, want := range map[int][]string{0: {"0,4", "0,4", "0-1,4-5"}, 5: {"1,5", "1,5", "0-1,4-5"}, 7: {"3,7", "3,7", "2-3,6-7"}, 8: {"", "", ""}} {
		levels := fromCPUID(cpuid)
		nameSharers(levels, cpuid, ids, on)
		for i, l := range levels {
			if l.Shared != want[i] {
				t.Errorf("on CPU %d: L%d is shared by %q, want %q", on, l.Level, l.Shared, want[i])
			}
		}
	}
	levels := fromCPUID(cpuid)
	ids[7] = 0
	if nameSharers(levels, cpuid, ids, 0); levels[2].Shared != "" {
		t.Errorf("two CPUs of one ID: shared by %q", levels[2].Shared)
	}
	levels[2].Shared = "0-1"
	if n := Sharers(levels[2], []int{0, 1}); n != 2 {
		t.Errorf("%d of two CPUs share L3", n)
	}
}

func TestAPICID(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cpuid cpuidFunc
		id    uint32
		ok    bool
	}{
		{"leaf 0BH", answers(map[key]cpu.Regs{{0, 0}: {EAX: 0x10}, {0xb, 0}: {EBX: 2, EDX: 300}, {1, 0}: {EBX: 44 << 24}}), 300, true},
		{"leaf 0BH is empty", answers(map[key]cpu.Regs{{0, 0}: {EAX: 0x10}, {1, 0}: {EBX: 44<<24 | 0x800}}), 44, true},
		{"no leaf 0BH", answers(map[key]cpu.Regs{{0, 0}: {EAX: 4}, {0xb, 0}: {EBX: 2, EDX: 300}, {1, 0}: {EBX: 44 << 24}}), 44, true},
		{"no CPUID", func(uint32, uint32) (cpu.Regs, bool) { return cpu.Regs{}, false }, 0, false},
	} {
		if id, ok := apicID(tt.cpuid); id != tt.id || ok != tt.ok {
			t.Errorf("%s: %d, %t", tt.name, id, ok)
		}
	}
}
