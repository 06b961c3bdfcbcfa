package sim

import (
	"fmt"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/internal/workers"
)

// Traits is what the processor says beside sizes and ways.
type Traits struct {
	Vendor    string       // as CPUID gives it: GenuineIntel, AuthenticAMD; "": unknown
	Inclusive map[int]bool // by level: CPUID's "inclusive of lower levels"; levels that are not described are missing
}

// Machine describes this machine for a number of workers on the CPUs that workers.CPUs chooses. The notes say in sentences
// what had to be assumed.
func Machine(cores int) (c Config, notes []string, err error) {
	cpus, err := workers.CPUs(cores)
	if err != nil {
		return c, nil, fmt.Errorf("describe caches: %w", err)
	}
	levels, err := cache.Topology()
	if err != nil {
		return c, nil, err
	}
	c, notes = FromTopology(levels, ReadTraits(cpu.CPUID), cpus)
	if _, err := c.normal(); err != nil {
		return c, notes, err
	}
	return c, notes, nil
}

// FromTopology turns a topology into a description with these defaults:
//
//   - L1: tree-PLRU on Intel, LRU elsewhere; modulo.
//   - L2: QLRU_H00_M1_R0_U1 on Intel, LRU elsewhere; modulo; inclusive where CPUID says so, else non-inclusive.
//   - L3 and beyond: on Intel QLRU_H11_M1_R0_U0 where it is inclusive, else QLRU_H00_M1_R0_U1; LRU elsewhere; hashed;
//     inclusive where CPUID says so, a victim level where it says that it is not, non-inclusive where it says nothing.
//
// The policies of Intel are those that uops.info measured; for other vendors we know no measurement, and LRU is a
// neutral assumption. The cores are those of the given CPUs, in this order.
func FromTopology(levels []cache.Level, traits Traits, cpus []int) (c Config, notes []string) {
	c = Config{Cores: len(cpus)}
	intel := traits.Vendor == "GenuineIntel"
	inner := 1
	for _, t := range levels {
		l := Level{Level: t.Level, Bytes: t.Bytes, Ways: t.Ways, Cores: cache.Sharers(t, cpus)}
		if rest := l.Cores % inner; rest != 0 && l.Cores != len(cpus) {
			l.Cores += inner - rest
			notes = append(notes, fmt.Sprintf("%s is taken to be shared by %d cores", l.Name(), l.Cores))
		}
		inner = l.Cores
		if t.Source == cache.Measured {
			notes = append(notes, fmt.Sprintf("nothing describes %s: its size is the measured one, %s", l.Name(), units.Bytes(l.Bytes)))
		}
		if l.Ways == 0 {
			l.Ways = map[bool]int{true: 8, false: 16}[t.Level == 1]
			notes = append(notes, fmt.Sprintf("the ways of %s are unknown, %d are assumed", l.Name(), l.Ways))
		}
		if c.Line == 0 {
			c.Line = t.Line
		} else if c.Line != t.Line {
			notes = append(notes, fmt.Sprintf("%s has lines of %d B; %d B are assumed everywhere", l.Name(), t.Line, c.Line))
		}
		inclusive, known := traits.Inclusive[t.Level]
		switch {
		case t.Level == 1:
		case inclusive:
			l.Fill = Inclusive
		case known && t.Level > 2:
			l.Fill = Victim
		}
		if t.Level > 2 {
			l.Index = Hashed
		}
		if intel {
			l.Policy = intelPolicy(l)
		}
		if err := l.Policy.check(l.Ways); err != nil {
			l.Policy = LRU
			notes = append(notes, fmt.Sprintf("%s: %v; LRU is assumed", l.Name(), err))
		}
		c.Levels = append(c.Levels, l)
	}
	if !known(traits, levels) {
		notes = append(notes, "the processor does not say which levels are inclusive; all are taken as non-inclusive")
	}
	return c, notes
}

func intelPolicy(l Level) Policy {
	switch {
	case l.Level == 1:
		return TreePLRU
	case l.Level > 2 && l.Fill == Inclusive:
		return QLRUH11M1R0U0
	}
	return QLRUH00M1R0U1
}

func known(traits Traits, levels []cache.Level) bool {
	for _, l := range levels {
		if _, ok := traits.Inclusive[l.Level]; l.Level > 1 && !ok {
			return false
		}
	}
	return true
}

// ReadTraits asks the processor: the vendor, and EDX bit 1 of the deterministic cache parameters (Intel SDM vol. 2, CPUID
// leaf 04H; AMD APM vol. 3, Fn8000_001D).
func ReadTraits(cpuid func(leaf, subleaf uint32) (cpu.Regs, bool)) Traits {
	t := Traits{Inclusive: map[int]bool{}}
	id, ok := cpuid(0, 0)
	if !ok {
		return t
	}
	for _, r := range []uint32{id.EBX, id.EDX, id.ECX} {
		t.Vendor += string([]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)})
	}
	leaf := uint32(4)
	if t.Vendor == "AuthenticAMD" || t.Vendor == "HygonGenuine" {
		if leaf = 0x8000001d; !extended(cpuid, leaf) {
			return t
		}
	} else if id.EAX < leaf {
		return t
	}
	for sub := range uint32(16) {
		r, _ := cpuid(leaf, sub)
		kind, level := r.EAX&0x1f, int(r.EAX>>5&7)
		if kind == 0 {
			break
		}
		if kind != 2 { // no instruction cache
			t.Inclusive[level] = r.EDX&2 != 0
		}
	}
	return t
}

func extended(cpuid func(leaf, subleaf uint32) (cpu.Regs, bool), leaf uint32) bool {
	const topology = 1 << 22
	last, _ := cpuid(0x80000000, 0)
	features, _ := cpuid(0x80000001, 0)
	return last.EAX >= leaf && features.ECX&topology != 0
}
