package kernels

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// TestFetchAhead runs the driver on blocks that only fetch, as the assembly does, and looks for elements that are used without having
// been fetched: only those of the very first group may be.
func TestFetchAhead(t *testing.T) {
	for _, s := range []shape.Shape{
		{H: 3, Q: 512, KV: 512, D: 64}, {H: 3, Q: 512, KV: 512, D: 128, Causal: true}, {H: 2, Q: 1500, KV: 1777, D: 96, Causal: true},
		{H: 1, Q: 1000, KV: 2000, D: 64},
	} {
		t.Run(s.String(), func(t *testing.T) {
			p := newAttentionProblem(s, 0)
			fetched := map[uintptr]bool{}
			k := *attentionAVX512
			k.load = func(*byte, int, int, *byte, int, int, int, *float32) {}
			k.store, k.fetching = k.load, [laneVectors]laneBlock{}
			for nv := range k.block {
				k.block[nv] = func(a *asm.AttentionBlocks) {
					columns := 8
					if nv == 0 {
						columns = 16
					}
					for left := a.Keys; left > 0; left -= a.Block {
						for range p.d / columns {
							r := a.Fetch
							for range min(left, a.Block) {
								if r.Turns&1 == 1 {
									fetched[r.From/64] = true
									r.From += 64
									r.Left -= 64
								}
								r.Turns = bits.RotateLeft64(r.Turns, -1)
							}
							if r.Left <= 0 && r.Turns != 0 {
								a.Fetch = (*asm.FetchRange)(unsafe.Add(unsafe.Pointer(r), unsafe.Sizeof(*r)))
							}
						}
					}
				}
			}
			part, err := k.prepare(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			part(0)
			// Where there are few keys to a group, less is fetched than would be good.
			missed := func(name string, x []float32, from int, most float64) {
				t.Helper()
				lines, out := 0, 0
				for i := from; i < len(x); i += 16 {
					lines++
					if !fetched[uintptr(unsafe.Pointer(&x[i]))/64] {
						out++
					}
				}
				if float64(out) > most*float64(lines) {
					t.Errorf("%s: %d of %d lines were not fetched", name, out, lines)
				}
			}
			_, call := k.cut(p.d, p.nkv)
			missed("keys", p.k.f32, call*p.d, 0.02)
			missed("values", p.v.f32, call*p.d, 0.02)
			missed("queries", p.q.f32, k.group*k.queries()*p.d, 0.15)
			missed("output", p.o, 0, 0.15)
		})
	}
}

// Blocks that fetch into L1 make the same bits as those that do not.
func TestFetchingKeepsBits(t *testing.T) {
	for _, of := range []*laneKernels{attentionAVX2, attentionAVX512} {
		t.Run(of.variant, func(t *testing.T) {
			if err := cpu.Usable(of.isa); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			for _, s := range []shape.Shape{
				{H: 2, Q: 64, KV: 300, D: 64}, {H: 2, Q: 80, KV: 131, D: 72, Causal: true}, {H: 1, Q: 16, KV: 45, D: 128}, {H: 1, Q: 32, KV: 45, D: 16},
			} {
				output := func(block [laneVectors]laneBlock) []float32 {
					k := *of
					k.block, k.fetching = block, block
					p := newAttentionProblem(s, 0)
					part, err := k.prepare(p, 1)
					if err != nil {
						t.Fatal(err)
					}
					part(0)
					return p.o
				}
				if !slices.Equal(output(of.block), output(of.fetching)) {
					t.Errorf("%s: other bits", s)
				}
			}
		})
	}
}

// TestFetches compares where the assembly goes on fetching with what the keys and columns of one call make.
func TestFetches(t *testing.T) {
	for _, k := range []*laneKernels{attentionAVX2, attentionAVX512, attentionBF16} {
		for nv := range k.vectors {
			t.Run(fmt.Sprintf("%s/%s/%d", k.variant, k.dtype, nv+1), func(t *testing.T) {
				if err := cpu.Usable(k.isa); err != nil {
					testkit.SkipUnsupported(t, err)
				}
				const keys, d, turns = 40, 64, 0x9249_2492_4924_9249
				p := newAttentionProblem(shape.Shape{H: 1, Q: (nv + 1) * k.lanes, KV: keys, D: d}, 0)
				p.narrow("attention", k.dtype)
				w := k.newWorker(d, keys)
				if k.values != nil {
					k.packValues(p, w, 0)
				}
				slots := keys
				if k.dtype == BF16 {
					slots /= 2
				}
				memory := make([]byte, 1<<16)
				tiles := 2 * d / k.lanes
				if nv == 0 {
					tiles = d / k.lanes
				}
				bytes := func(tiles int) (sum int) { // that so many tiles fetch
					for i := range slots * tiles {
						sum += 64 * int(uint64(turns)>>(i%64)&1)
					}
					return sum
				}
				ranges := [3]asm.FetchRange{
					{From: address(&memory[0]), Left: bytes(tiles-1) - 1, Turns: turns}, // all tiles but one
					{From: address(&memory[1<<15]), Left: 1 << 14, Turns: turns},
					{From: address(&memory[0])},
				}
				w.args.Fetch = &ranges[0]
				k.update(p, w, k.keysOf(p, w, 0), k.valuesOf(p, w, 0), &w.blocks[0], span{0, p.nq}, 0, keys, keys)
				for i, want := range []int{bytes(tiles - 1), bytes(1)} {
					if got := ranges[i].From - address(&memory[i<<15]); int(got) != want {
						t.Errorf("range %d: fetched %d bytes, want %d", i, got, want)
					}
				}
				if w.args.Fetch != &ranges[1] {
					t.Error("does not go on with the second range")
				}
			})
		}
	}
}
