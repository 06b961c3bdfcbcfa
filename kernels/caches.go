package kernels

import (
	"math"
	"slices"
	"sync"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
)

// caches is what blocking and the choice of stores depend on, in bytes. last is the outermost cache, whichever it is.
// streams says that L2 sends a line in every cycle if it is asked in time: of what lies together the processor itself does that. Those that do,
// from Zen 5 on, also permute where they do not multiply.
// halves says that a vector of 512 bits takes two turns of a pipe. far says that what is beyond L2 is far: see farLast.
type caches struct {
	l1, l1Ways, l2, last int
	streams, halves, far bool
}

// ownCaches reads the topology once.
var ownCaches = sync.OnceValue(func() caches {
	levels, err := cache.Topology()
	if err != nil {
		levels = nil
	}
	pipes := cpu.VectorPipes()
	if !cache.Invented(levels, cpu.Hypervisor()) {
		return cachesOf(levels, pipes, cpu.Has(cpu.AVX512FP16))
	}
	var isas []cpu.ISA
	if info, err := cpu.Detect(); err == nil {
		isas = info.ISAs
	}
	return leastCaches(levels, pipes, isas)
})

// cachesOf are those of a topology, on a processor with pipes as cpu.VectorPipes says, with AVX512-FP16 or without; a level that is
// not reported is taken as small as any processor with AVX2 has it, but the last cache as endless: what is not known to go past it does not. A chase that finds no L3 does not say that there is none.
func cachesOf(levels []cache.Level, pipes int, fp16 bool) caches {
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 256 << 10, last: math.MaxInt, streams: pipes == 512, halves: pipes == 256, far: fp16 && pipes == 0}
	for _, l := range levels {
		switch {
		case l.Level == 1 && l.Bytes > 0 && l.Ways > 0:
			c.l1, c.l1Ways = int(l.Bytes), l.Ways
		case l.Level == 2 && l.Bytes > 0:
			c.l2 = int(l.Bytes)
		}
		if l.Source != cache.Measured || l.Level >= 3 {
			c.last = int(l.Bytes) // levels come innermost first
		}
	}
	return c
}

// leastCaches are what a processor with such instructions has at least, where the hypervisor made up L1 and L2: a block of B for the L2 that it tells
// would leave the one that there is.
func leastCaches(levels []cache.Level, pipes int, isas []cpu.ISA) caches {
	var outer []cache.Level
	for _, l := range levels {
		if l.Level > 2 {
			outer = append(outer, l)
		}
	}
	c := cachesOf(outer, pipes, slices.Contains(isas, cpu.AVX512FP16))
	switch {
	case slices.Contains(isas, cpu.AVX512FP16): // Sapphire Rapids and later
		c.l1, c.l1Ways, c.l2 = 48<<10, 12, 2<<20
	case pipes == 512: // Zen 5
		c.l1, c.l1Ways, c.l2 = 48<<10, 12, 1<<20
	case slices.Contains(isas, cpu.AVX512): // servers from Skylake on, Zen 4
		c.l2 = 1 << 20
	}
	return c
}

// collide reports whether rows at a distance of stride bytes, read side by side, have more lines in one set of L1 than
// it has ways, so that a line is gone before its second element is used.
func (c caches) collide(stride, rows int) bool {
	const line = 64
	if stride%line != 0 {
		return false // rows drift through the sets
	}
	sets := c.l1 / c.l1Ways / line
	distinct := sets / gcd(sets, stride/line)
	return (rows+distinct-1)/distinct > c.l1Ways
}

// multipliesTwo guesses by L1 whether a core begins two products of 512-bit vectors in a cycle: Zen 5 and servers from Ice Lake on have more than
// 32 KiB of it, Zen 4 has not. Ice and Tiger Lake of laptops have, too, and begin one; of mobile cores of Zen 5 it is known.
func (c caches) multipliesTwo() bool { return c.l1 > 32<<10 && !c.halves }

// farLast reports whether what is beyond L2 is far, and comes at its full rate only to what the processor itself fetches: long streams, far apart. So
// it was measured on an Intel Xeon with AMX (L2 of 2 MiB, a last cache of 480 MiB that gives a core 28 GB/s), and is taken to be on Intel's servers from
// Sapphire Rapids on: they have AVX512-FP16, and cores of clients, whose L3 is near, have not. Tiles of attention wait there for lines of L2 unless these
// are fetched into L1 before; those of Zen 4 and Zen 5 do not.
func (c caches) farLast() bool { return c.far }

// farStreams reports whether few rows of A meet B best as several streams, far apart.
func (c caches) farStreams() bool { return c.streams || c.farLast() }

// largeL2 reports whether L2 is as large as that of Intel's cores from Golden Cove on, which send no line in every cycle. What was measured of
// it: of 2 MiB no more than a quarter keeps what is used again and again, beside what passes by from a slow L3.
func (c caches) largeL2() bool { return c.l2 >= 2<<20 && !c.streams && !c.halves }

// keepsProduct reports whether L2 keeps all of a product of elements of es bytes, whose sums have at least 4, so that prefetching it takes more than it saves: on an
// Intel Xeon with AMX 12 prefetches of lines of C and A took a tile 45 cycles. Elsewhere that has not been measured.
func (c caches) keepsProduct(m, n, k, es int) bool {
	return c.farLast() && (m+n)*k*es+m*n*max(es, 4) <= c.l2*3/4
}

// aheadFrom is what percentage of the last cache B takes at least to be read as from memory: others use that cache, too. On a machine with
// 32 MiB of it, which other work was running on, one row of 16 MB was 1.05 to 1.2 times as fast so, one of 8 MB was not.
const aheadFrom = 38

// fromMemory reports whether B of so many bytes, which few rows of A pass by once, is read as from memory.
func (c caches) fromMemory(bytes int) bool {
	return bytes > c.last/100*aheadFrom // in this order: the last cache may be endless
}

// largeStreams is how many times as large as L2 B is at least to be read as from memory where c.streams: it was measured from 13 MB on.
const largeStreams = 12

// farLastStreams is the same where c.farLast().
const farLastStreams = 2

// streamsFromMemory is fromMemory for streams of k rows of B, of so many bytes, and so many rows of A. Where c.streams they differ only from
// largeStreams on, whatever the last cache, and one and two rows only if rows of B are whole pages.
func (c caches) streamsFromMemory(rows, row, k int) bool {
	switch {
	case c.streams:
		return row*k > largeStreams*c.l2 && (rows > 2 || row%page == 0)
	case c.farLast():
		return row*k > farLastStreams*c.l2 && rows > 2
	}
	return c.fromMemory(row * k)
}

// piecesComeFrom is up to how many bytes of B pieces of its rows come fast enough without being prefetched far ahead.
func (c caches) piecesComeFrom() int {
	if c.streams {
		return 8 * c.l2
	}
	return c.l2 * 7 / 8
}

// piecesFarLast reports whether pieces of rows of B, of so many bytes, come from beyond L2 where that is far.
func (c caches) piecesFarLast(bytes int) bool { return c.farLast() && bytes > c.piecesComeFrom() }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
