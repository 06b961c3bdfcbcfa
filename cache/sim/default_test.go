package sim

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
)

func TestFromTopology(t *testing.T) {
	skylake := []cache.Level{
		{Level: 1, Type: "data", Bytes: 32 << 10, Ways: 8, Line: 64, Shared: "0,4"},
		{Level: 2, Type: "unified", Bytes: 256 << 10, Ways: 4, Line: 64, Shared: "0,4"},
		{Level: 3, Type: "unified", Bytes: 8 << 20, Ways: 16, Line: 64, Shared: "0-7"},
	}
	c, notes := FromTopology(skylake, Traits{"GenuineIntel", map[int]bool{1: false, 2: false, 3: true}}, []int{0, 1, 2, 3})
	wantConfig := Config{Line: 64, Cores: 4, Levels: []Level{
		{Level: 1, Bytes: 32 << 10, Ways: 8, Cores: 1, Policy: TreePLRU},
		{Level: 2, Bytes: 256 << 10, Ways: 4, Cores: 1, Policy: QLRUH00M1R0U1},
		{Level: 3, Bytes: 8 << 20, Ways: 16, Cores: 4, Policy: QLRUH11M1R0U0, Fill: Inclusive, Index: Hashed},
	}}
	if !reflect.DeepEqual(c, wantConfig) || len(notes) > 0 {
		t.Errorf("Skylake: %+v %q", c, notes)
	}
	// Both hardware threads of core 0: they share L1.
	c, _ = FromTopology(skylake, Traits{}, []int{0, 4})
	if c.Levels[0].Cores != 2 || c.Levels[2].Cores != 2 {
		t.Errorf("siblings: %+v", c)
	}

	zen4 := []cache.Level{
		{Level: 1, Bytes: 32 << 10, Ways: 8, Line: 64, Shared: "0"},
		{Level: 2, Bytes: 1 << 20, Ways: 8, Line: 64, Shared: "0"},
		{Level: 3, Bytes: 32 << 20, Ways: 16, Line: 64, Shared: "0-7"},
	}
	c, notes = FromTopology(zen4, Traits{"AuthenticAMD", map[int]bool{1: false, 2: true, 3: false}}, []int{0, 1, 8})
	wantConfig = Config{Line: 64, Cores: 3, Levels: []Level{
		{Level: 1, Bytes: 32 << 10, Ways: 8, Cores: 1},
		{Level: 2, Bytes: 1 << 20, Ways: 8, Cores: 1, Fill: Inclusive},
		{Level: 3, Bytes: 32 << 20, Ways: 16, Cores: 2, Fill: Victim, Index: Hashed},
	}}
	if !reflect.DeepEqual(c, wantConfig) || len(notes) > 0 {
		t.Errorf("Zen 4: %+v %q", c, notes)
	}

	// A last level that nobody describes, with what its neighbours leave of it.
	levels := append(slices.Clone(zen4[:2]), cache.Level{Level: 3, Bytes: 3 << 20, Line: 64, Shared: "0-1", Source: cache.Measured})
	c, notes = FromTopology(levels, Traits{"AuthenticAMD", map[int]bool{1: false, 2: true, 3: false}}, []int{0, 1})
	if len(c.Levels) != 3 || c.Levels[2].Ways != 16 || c.Levels[2].Cores != 2 || len(notes) != 2 || !strings.Contains(notes[0], "3 MiB") {
		t.Errorf("measured: %+v %q", c, notes)
	}

	// A virtual machine that tells little.
	c, notes = FromTopology([]cache.Level{{Level: 1, Bytes: 32 << 10, Line: 64}, {Level: 2, Bytes: 4 << 20, Line: 128}}, Traits{}, []int{0})
	if c.Levels[0].Ways != 8 || c.Levels[1].Ways != 16 || c.Levels[1].Fill != NonInclusive || len(notes) != 4 {
		t.Errorf("unknown: %+v %q", c, notes)
	}
}

// TestGeometries simulates shapes of real last levels whose sets are no power of two.
func TestGeometries(t *testing.T) {
	for _, l := range []Level{
		{Bytes: 48 << 10, Ways: 12, Policy: TreePLRU},
		{Bytes: 480 << 20, Ways: 16, Index: Hashed, Policy: QLRUH00M1R0U1},
		{Bytes: 480 << 20, Ways: 15, Index: Modulo},
		{Bytes: 35 << 20, Ways: 20, Index: Hashed},
		{Bytes: 36 << 20, Ways: 12, Index: Hashed},
		{Bytes: 1375 << 10 * 24, Ways: 11, Index: Hashed},
	} {
		if testing.Short() && l.Bytes > 100<<20 {
			continue
		}
		// A contiguous array of the size of the cache fills each set exactly: read again, every line hits.
		s := machine(t, Config{Levels: []Level{l}})
		lines := uint64(l.Bytes / 64)
		walk(s.Core(0), 1<<40, lines)
		s.ResetCounts()
		walk(s.Core(0), 1<<40, lines)
		if c := s.Summary().Levels[0].Total; c.Misses != 0 || c.Hits != lines {
			t.Errorf("%v: %d misses of %d lines that fit", s.Config().Levels[0], c.Misses, lines)
		}
	}
}

func TestReadTraits(t *testing.T) {
	answers := map[[2]uint32]cpu.Regs{
		{0, 0}: {EAX: 4, EBX: 0x756e6547, EDX: 0x49656e69, ECX: 0x6c65746e},
		{4, 0}: {EAX: 1 | 1<<5},         // L1 data
		{4, 1}: {EAX: 2 | 1<<5, EDX: 2}, // L1 instructions
		{4, 2}: {EAX: 3 | 2<<5},         // L2
		{4, 3}: {EAX: 3 | 3<<5, EDX: 2}, // L3, inclusive
	}
	got := ReadTraits(func(leaf, sub uint32) (cpu.Regs, bool) { return answers[[2]uint32{leaf, sub}], true })
	if want := (Traits{"GenuineIntel", map[int]bool{1: false, 2: false, 3: true}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := ReadTraits(func(uint32, uint32) (cpu.Regs, bool) { return cpu.Regs{}, false }); got.Vendor != "" {
		t.Errorf("no CPUID: %+v", got)
	}
}

func TestMachine(t *testing.T) {
	levels, err := cache.Topology()
	if err != nil {
		t.Skip(err)
	}
	c, notes, err := Machine(1)
	if err != nil {
		t.Fatal(err, notes)
	}
	if len(c.Levels) != len(levels) {
		t.Errorf("%d levels of %d", len(c.Levels), len(levels))
	}
	s := machine(t, c)
	walk(s.Core(0), 0, 3)
	l := s.Summary().Levels
	want(t, "DRAM bytes", l[len(l)-1].Total.Bytes, uint64(3*s.Config().Line))
	t.Log(s.Config().Levels, notes)
}
