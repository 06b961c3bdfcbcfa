package cache

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
)

// cpuidFunc asks a processor; ok is false where it has no CPUID.
type cpuidFunc = func(leaf, subleaf uint32) (r cpu.Regs, ok bool)

// fromCPUID reads the data and unified caches that the processor itself describes, innermost first; none where it cannot.
// CPUs that share a cache are counted there, not named: Shared stays empty.
func fromCPUID(cpuid cpuidFunc) (levels []Level) {
	for _, r := range described(cpuid) {
		l, _ := decode(r)
		levels = append(levels, l)
	}
	if len(levels) == 0 {
		return fromOldCPUID(cpuid)
	}
	slices.SortFunc(levels, func(a, b Level) int { return cmp.Compare(a.Level, b.Level) })
	return levels
}

// described are the answers about data and unified caches, one of each level.
func described(cpuid cpuidFunc) (list []cpu.Regs) {
	leaf, ok := describing(cpuid)
	const most = 16 // of the caches a processor may describe; some hypervisors repeat the last one for ever
	var known [8]bool
	for sub := uint32(0); ok && sub < most; sub++ {
		r, _ := cpuid(leaf, sub)
		l, kind := decode(r)
		if kind == none {
			break
		}
		if kind != instruction && l.Level > 0 && !known[l.Level] {
			known[l.Level] = true
			list = append(list, r)
		}
	}
	return list
}

// nameSharers writes down which CPUs share each level with the CPU on which cpuid asks. ids are the APIC IDs of the CPUs: those share a
// cache whose IDs are in one block of as many as the processor says that share it, rounded up to a power of two. Intel SDM vol. 2, CPUID leaf 04H,
// EAX 25:14; AMD APM vol. 3, E.4.15. Where two CPUs have the same ID it tells nothing.
func nameSharers(levels []Level, cpuid cpuidFunc, ids map[int]uint32, on int) {
	own, ok := ids[on]
	if !ok || len(slices.Compact(slices.Sorted(maps.Values(ids)))) < len(ids) {
		return
	}
	for _, r := range described(cpuid) {
		l, _ := decode(r)
		block := bits.Len32(r.EAX >> 14 & 0xfff)
		var cpus []int
		for c, id := range ids {
			if id>>block == own>>block {
				cpus = append(cpus, c)
			}
		}
		slices.Sort(cpus)
		for i := range levels {
			if levels[i].Level == l.Level {
				levels[i].Shared = cpu.FormatList(cpus)
			}
		}
	}
}

// apicID is the number that a logical CPU has among its processor's. Intel SDM vol. 2, CPUID leaves 0BH and 01H; AMD's are alike.
func apicID(cpuid cpuidFunc) (id uint32, ok bool) {
	const extended, features = 0xb, 1
	basic, ok := cpuid(0, 0)
	if !ok || basic.EAX < features {
		return 0, false
	}
	if basic.EAX >= extended {
		if r, _ := cpuid(extended, 0); r.EBX&0xffff != 0 {
			return r.EDX, true
		}
	}
	r, _ := cpuid(features, 0)
	return r.EBX >> 24, true
}

// fromOldCPUID reads L1 and L2 where AMD described them before its topology extensions; some hypervisors fill these leaves only. What
// stands there of L3 is that of the whole package, not what a core can use, and is left out. AMD APM vol. 3, E.4.5 and E.4.6.
func fromOldCPUID(cpuid cpuidFunc) (levels []Level) {
	const highest, first, second = 0x80000000, 0x80000005, 0x80000006
	if r, ok := cpuid(highest, 0); !ok || r.EAX < second {
		return nil
	}
	if r, _ := cpuid(first, 0); r.ECX>>24 > 0 && r.ECX&0xff > 0 { // KiB, ways (all of them: 255), lines a tag, bytes a line
		l := Level{Level: 1, Type: "data", Bytes: int64(r.ECX>>24) << 10, Ways: int(r.ECX >> 16 & 0xff), Line: int(r.ECX & 0xff)}
		if l.Ways == 255 {
			l.Ways = int(l.Bytes) / l.Line
		}
		levels = append(levels, l)
	}
	if len(levels) == 0 { // Intel fills the second leaf, too
		return nil
	}
	// Codes for ways.
	const off, full = 0, 15
	if r, _ := cpuid(second, 0); r.ECX>>16 > 0 && r.ECX&0xff > 0 && r.ECX>>12&0xf != off { // KiB, a code for ways, lines a tag, bytes a line
		l := Level{Level: 2, Type: "unified", Bytes: int64(r.ECX>>16) << 10, Line: int(r.ECX & 0xff)}
		if code := r.ECX >> 12 & 0xf; code == full {
			l.Ways = int(l.Bytes) / l.Line
		} else {
			l.Ways = oldWays[code]
		}
		levels = append(levels, l)
	}
	return levels
}

// oldWays are the ways of L2 by their code. Of code 7, which is reserved, and of 9, which refers to the leaf of the topology
// extensions, they are not known. AMD APM vol. 3, table E-4.
var oldWays = [16]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 16, 10: 32, 11: 48, 12: 64, 13: 96, 14: 128}

// describing returns the leaf with the deterministic cache parameters: 0x8000001D where AMD's topology extensions are,
// else 4. Intel SDM vol. 2, CPUID leaf 04H; AMD APM vol. 3, E.4.15.
func describing(cpuid cpuidFunc) (leaf uint32, ok bool) {
	const intel, amd, extended, topology = 4, 0x8000001d, 0x80000000, 1 << 22
	basic, ok := cpuid(0, 0)
	if !ok {
		return 0, false
	}
	if r, _ := cpuid(extended, 0); r.EAX >= amd {
		if features, _ := cpuid(extended+1, 0); features.ECX&topology != 0 {
			return amd, true
		}
	}
	return intel, basic.EAX >= intel
}

// Types of caches in CPUID.
const (
	none = iota
	data
	instruction
)

// decode reads one answer of either leaf; both have the same format.
func decode(r cpu.Regs) (l Level, kind uint32) {
	kind = r.EAX & 0x1f
	line, partitions, ways, sets := int64(r.EBX&0xfff)+1, int64(r.EBX>>12&0x3ff)+1, int64(r.EBX>>22)+1, int64(r.ECX)+1
	l = Level{Level: int(r.EAX >> 5 & 7), Type: "unified", Bytes: line * partitions * ways * sets, Ways: int(ways), Line: int(line)}
	if kind == data {
		l.Type = "data"
	}
	return l, kind
}
