package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
)

// What kernels believe of other processors than this one.
func TestCachesOf(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	level := func(n, bytes, ways int, from cache.Source) cache.Level {
		return cache.Level{Level: n, Bytes: int64(bytes), Ways: ways, Line: 64, Source: from}
	}
	for _, tt := range []struct {
		name   string
		levels []cache.Level
		pipes  int
		fp16   bool
		want   caches
		two    bool
	}{
		{"Sapphire Rapids", []cache.Level{level(1, 48*kib, 12, cache.Sysfs), level(2, 2*mib, 16, cache.Sysfs), level(3, 105*mib, 15, cache.Sysfs)}, 0, true,
			caches{l1: 48 * kib, l1Ways: 12, l2: 2 * mib, last: 105 * mib, far: true}, true},
		{"Alder Lake", []cache.Level{level(1, 48*kib, 12, cache.Sysfs), level(2, 1280*kib, 10, cache.Sysfs), level(3, 30*mib, 12, cache.Sysfs)}, 0, false,
			caches{l1: 48 * kib, l1Ways: 12, l2: 1280 * kib, last: 30 * mib}, true},
		{"Zen 4", []cache.Level{level(1, 32*kib, 8, cache.Sysfs), level(2, 1*mib, 8, cache.Sysfs), level(3, 32*mib, 16, cache.Sysfs)}, 256, false,
			caches{l1: 32 * kib, l1Ways: 8, l2: 1 * mib, last: 32 * mib, halves: true}, false},
		{"mobile Zen 5", []cache.Level{level(1, 48*kib, 12, cache.Sysfs), level(2, 1*mib, 16, cache.Sysfs), level(3, 16*mib, 16, cache.Sysfs)}, 256, false,
			caches{l1: 48 * kib, l1Ways: 12, l2: 1 * mib, last: 16 * mib, halves: true}, false},
		{"Zen 5, L3 not found", []cache.Level{level(1, 48*kib, 12, cache.CPUID), level(2, 1*mib, 8, cache.CPUID)}, 512, false,
			caches{l1: 48 * kib, l1Ways: 12, l2: 1 * mib, last: 1 * mib, streams: true}, true},
		{"Zen 5, L3 measured", []cache.Level{level(1, 48*kib, 12, cache.CPUID), level(2, 1*mib, 8, cache.CPUID), level(3, 4*mib, 0, cache.Measured)}, 512, true, // as later ones may have it
			caches{l1: 48 * kib, l1Ways: 12, l2: 1 * mib, last: 4 * mib, streams: true}, true},
		{"measured, no L3 found", []cache.Level{level(1, 48*kib, 0, cache.Measured), level(2, 2*mib, 0, cache.Measured)}, 0, false,
			caches{l1: 32 * kib, l1Ways: 8, l2: 2 * mib, last: math.MaxInt}, false},
		{"unknown", nil, 0, false, caches{l1: 32 * kib, l1Ways: 8, l2: 256 * kib, last: math.MaxInt}, false},
	} {
		got := cachesOf(tt.levels, tt.pipes, tt.fp16)
		if got != tt.want || got.multipliesTwo() != tt.two {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if far := tt.want.far; got.farLast() != far || got.farStreams() != (far || tt.want.streams) || got.piecesFarLast(8*mib) != far {
			t.Errorf("%s: a far last cache: %v, streams far apart: %v, pieces from far: %v", tt.name, got.farLast(), got.farStreams(), got.piecesFarLast(8*mib))
		}
	}
}

// Where QEMU made up L1 and L2, they are those that the instructions speak of; L3 is as told, or endless.
func TestLeastCaches(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	made := []cache.Level{{Level: 1, Bytes: 32 * kib, Ways: 8}, {Level: 2, Bytes: 4 * mib, Ways: 16}}
	l3 := append(made[:2:2], cache.Level{Level: 3, Bytes: 16 * mib, Ways: 16})
	avx2 := []cpu.ISA{cpu.Go, cpu.SSE, cpu.AVX2}
	avx512 := append(avx2[:3:3], cpu.AVX512, cpu.AVX512BF16, cpu.AVX512VNNI)
	for _, tt := range []struct {
		levels []cache.Level
		pipes  int
		isas   []cpu.ISA
		want   caches
	}{
		{l3, 0, avx2, caches{l1: 32 * kib, l1Ways: 8, l2: 256 * kib, last: 16 * mib}},
		{made, 0, avx512, caches{l1: 32 * kib, l1Ways: 8, l2: 1 * mib, last: math.MaxInt}},
		{made, 0, append(avx512[:6:6], cpu.AVX512FP16), caches{l1: 48 * kib, l1Ways: 12, l2: 2 * mib, last: math.MaxInt, far: true}},
		{l3, 256, avx512, caches{l1: 32 * kib, l1Ways: 8, l2: 1 * mib, last: 16 * mib, halves: true}},
		{l3, 512, avx512, caches{l1: 48 * kib, l1Ways: 12, l2: 1 * mib, last: 16 * mib, streams: true}},
	} {
		if got := leastCaches(tt.levels, tt.pipes, tt.isas); got != tt.want {
			t.Errorf("pipes of %d bits, %v: %+v, want %+v", tt.pipes, tt.isas, got, tt.want)
		}
	}
}

// B comes from memory from 38 % of the last cache on; never where that is not known.
func TestFromMemory(t *testing.T) {
	for _, c := range []struct {
		last, bytes int
		want        bool
	}{
		{100e6, 37e6, false},
		{100e6, 39e6, true},
		{math.MaxInt, 1 << 40, false},
	} {
		if got := (caches{last: c.last}).fromMemory(c.bytes); got != c.want {
			t.Errorf("%d bytes, last cache of %d bytes: from memory %v", c.bytes, c.last, got)
		}
	}
}
