package instrument

import (
	"math"
	"reflect"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
)

// hasSteps reports whether decode has functions of its own for rows of d elements, in AMX and AVX-512.
func hasSteps(k *kernels.Kernel, d int) bool {
	return d == 64 || d == 128 || d == 96 && k.DType == kernels.BF16
}

// decodeVariant is the variant whose code computes a shape. AMX has functions for some d, and leaves to dot or vnni rows of other lengths and heads of
// fewer than 128 keys or 32 KiB of keys and values; those of int8 that L2 does not hold, too, but none here is as large. Where a dot product takes as long as four
// FMA, dot has the functions of avx512 for these d.
func decodeVariant(k *kernels.Kernel, s shape.Shape) string {
	variant, tiled := k.Variant, hasSteps(k, s.D)
	if variant == "amx" {
		instead, bytes := "dot", 2
		if k.DType == kernels.INT8 {
			instead, bytes = "vnni", 1
		}
		if !tiled || s.KV < 128 || 2*s.KV*s.D*bytes < 32<<10 {
			variant = instead
		}
	}
	if variant == "dot" && tiled && cpu.VectorPipes() == 0 {
		variant = "avx512"
	}
	return variant
}

// tileDecodeOperations are the operations of decode in AMX on tiles, and its fused multiply-adds; there are no dot products of vectors.
// On tiles, of 16 keys at a time, where the last ones, if fewer, take a call of their own with others before them once more:
//   - scores: 16 keys, d elements each, meet one column of the query in bf16, and in int8 two, of high and of low digits; with d = 64 four, as two steps fill
//     one tile, each its own columns and zeros.
//   - output: the 4 bytes of a row of values are 2 columns or 4, and weights have two digits: so 4 or 8 rows of weights, zeros included, meet all elements.
//
// Fused multiply-adds:
//   - a weight: 6 of the exponential's polynomial; in int8 4, and one that makes the score relative to the reference.
//   - a call: one for each column, which says whether it is finite in bf16, and unites the digits in int8; in int8 one more for each element of the query, to see
//     whether that is finite.
//   - a move of the reference, with the first keys, beyond whose scores others of these operands do not go far enough for one more: a vector of factors, 6 of the
//     polynomial; in int8 three of 4, since the weights are made to find the new reference, and once more with it, and one for each column, to unite the digits.
func tileDecodeOperations(k *kernels.Kernel, s shape.Shape) (fma, tiles int) {
	keys, calls := (s.KV+15)/16*16, 1+min(s.KV%16, 1)
	columns, rows := 1, 2*2 // of the query, of weights
	weight, call, move := 6, s.D, 16*6
	if k.DType == kernels.INT8 {
		columns, rows = 2, 4*2
		weight, call, move = 1+4, 2*s.D, 16*3*4+s.D
		if s.D == 64 {
			columns = 2 * 2
		}
	}
	return 2 * s.H * (keys*weight + calls*call + move), 2 * s.H * keys * s.D * (columns + rows)
}

// decodeOperations are the fused multiply-adds of decode, at least and at most, and its dot products of 512 and 256 bits, where pipes are as wide, and those of
// tiles. At d of hasSteps, for f32 in AVX-512 and dot up to 256, variants have functions that take keys by the step of 16, the last of them in a call of its own if
// they are fewer; dot products take rows of 32, 64, 96, 128, 192 or 256 elements, FMAs those that there are. See decodeVariant and, for AMX, tileDecodeOperations.
func decodeOperations(k *kernels.Kernel, s shape.Shape, lanes int) (least, most, dots, halves, tiles int) {
	variant, stepped := decodeVariant(k, s), hasSteps(k, s.D)
	if variant == "amx" {
		fma, tiles := tileDecodeOperations(k, s)
		return fma, fma, 0, 0, tiles
	}
	stepped = stepped || s.D <= 256 && (k.DType == kernels.F32 || variant == "dot")
	row := (s.D + 31) / 32 * 32
	if s.D > 128 {
		row = (s.D + 63) / 64 * 64
	}
	keys, calls := (s.KV+15)/16*16, 1+min(s.KV%16, 1)
	moves := 1 + s.KV/100
	switch {
	case stepped && variant == "avx512" && k.DType == kernels.F32: // the first of the products of a key is no FMA
		least = s.H * keys * (2*(s.D-16) + 2*s.D + 12)
	case stepped && variant == "avx512" && k.DType == kernels.BF16:
		least = s.H * keys * (4*s.D + 12)
	case stepped && variant == "dot": // of values two, for both digits of a weight
		dots = 6 * s.H * keys * row
		least = 12 * s.H * keys
	case stepped && k.DType == kernels.INT8 && variant != "avx512" && variant != "avx2":
		dots, halves = 4*s.H*keys*s.D, 4*s.H*keys*s.D // of both digits
		if variant == "vnni8" {
			halves /= 2
		}
		if cpu.VectorPipes() != 256 { // products of keys, too, are of 512 bits
			dots, halves = dots+halves, 0
		}
		least = s.H * (10*keys + 4*s.D*calls) // five for a weight; what looks at the query, and unites digits, as each move does
		most = s.H * moves * (12*lanes + 2*s.D)
	case variant == "dot":
		dots = 8 * s.H * s.KV * s.D
		least = 12 * s.H * s.KV
	case variant == "vnni" || variant == "vnni8": // and the sums of the digits of the query
		dots = 8*s.H*s.KV*s.D + 4*s.H*s.D
		least = 12 * s.H * s.KV
		// and what looks at the query and the weights, and unites the digits
		most = 2 * s.H * (s.D + s.KV + 64 + 2*s.D*(2+s.KV/512+s.KV/100))
	default:
		least = s.H * s.KV * (4*s.D + 12)
	}
	return least, most + least + 12*lanes*s.H*moves, dots, halves, 0
}

// The fused multiply-adds of each kernel, from its algorithm:
//
//	dot, gemv, triad  one per element (triad and the elements of a partial vector under masks, the rest of which is off)
//	attention         per vector of queries and per key one for each of d products of scores and d of values, and 6 of the
//	                  exponential's polynomial; 6 more for the first maximum. In AVX-512 2 of the exponential by table, of 2 keys
//	                  behind each block of 96 or 128, too. Of bf16, the products are dot products of pairs, with keys in
//	                  groups of 8; scores have one to be scaled, and the polynomial has 3, of 4 keys behind each block too. In AMX see
//	                  tileAttentionOperations
//	decode            per key d products and d sums of values, and 6 per vector of weights for the exponential; 6 more
//	                  for each new maximum. Where dot products take them, it is two for the digits of the other operand; see
//	                  decodeOperations. In AMX those for the exponential are left, see tileDecodeOperations
func TestKernelsExecuteTheirWork(t *testing.T) {
	for _, op := range []string{"dot", "gemv", "triad", "copy", "attention", "decode"} {
		sizes := map[string][]string{
			"dot": {"1", "7", "1001"}, "gemv": {"1x1", "13x1001"}, "triad": {"1", "1001", "70001"}, "copy": {"1001"},
			"matmul.pack": {"3x70x19", "37x130x321"}, "matmul.tiles": {"13x9x11", "37x130x321"},
			"attention": {"h=2,q=56,kv=70,d=64", "h=1,q=48,kv=97,d=96", "h=3,q=9,kv=400,d=32"}, "decode": {"h=1,q=1,kv=64,d=64", "h=2,q=1,kv=1000,d=128", "h=1,q=1,kv=304,d=96", "h=1,q=1,kv=192,d=192", "h=1,q=1,kv=96,d=33", "h=2,q=1,kv=48,d=130",
				"h=1,q=1,kv=512,d=64", "h=2,q=1,kv=300,d=64", "h=1,q=1,kv=128,d=64", "h=1,q=1,kv=127,d=128"},
		}
		found, err := kernels.Find(op)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range found {
			if k.ISA == cpu.Go {
				continue
			}
			for _, size := range sizes[op] {
				if s, err := shape.Parse(op, size); err == nil && k.Fits != nil && k.Fits(s) != nil {
					continue // not every kernel is made for every length of rows
				}
				t.Run(k.ID()+" "+size, func(t *testing.T) {
					_, s, in := build(t, k.ID(), size, 1)
					total := countCall(t, in, 1)
					lanes := map[cpu.ISA]int{cpu.AVX2: 8, cpu.AVX512: 16, cpu.AVX512BF16: 16, cpu.AVX512VNNI: 16, cpu.AMXBF16: 16, cpu.AMXINT8: 16}[k.ISA]
					vectors := func(n int) int { return (n + lanes - 1) / lanes }
					least, most := 0, 0
					switch op {
					case "dot", "triad":
						least = 2 * s.N
					case "gemv":
						least = 2 * s.M * s.N
					case "attention":
						queries, keys := s.H*vectors(s.Q), s.KV
						least = 2 * lanes * queries * (keys*(2*s.D+6) + 6)
						if k.ISA == cpu.AVX512 {
							blocks := func(of int) int { return 2 * lanes * queries * (keys*(2*s.D+2) + (s.KV+of-1)/of*2*2 + 6) }
							least, most = blocks(128), blocks(96) // the size depends on caches
						}
						if k.ISA == cpu.AMXBF16 { // the scores of these operands differ by less than what has a block weighed again
							least = tileAttentionOperations(s, 0).check(t, total)
						} else if k.DType == kernels.BF16 {
							keys = (s.KV + 7) / 8 * 8
							dots := 4 * lanes * queries * keys * s.D
							if n := int(total.Operations[Kind{"bf16", perf.Bits512, false}]); n != dots {
								t.Errorf("%d operations of dot products, want %d", n, dots)
							}
							blocks := (s.KV/8*8+127)/128 + keys/8 - s.KV/8 // the last keys, padded, are one
							least = 2 * lanes * queries * (keys + (keys+4*blocks)*3 + 3)
						}
					case "decode":
						var dots, halves, tiles int
						if least, most, dots, halves, tiles = decodeOperations(k, s, lanes); k.DType != kernels.F32 {
							for width, want := range map[perf.Width]int{perf.Bits512: dots, perf.Bits256: halves, perf.Tile: tiles} {
								of := Kind{string(k.DType), width, k.DType == kernels.INT8}
								if n := int(total.Operations[of]); n != want {
									t.Errorf("%d operations of dot products, %v, want %d", n, width, want)
								}
							}
						}
					}
					most = max(least, most)
					if n := int(total.FMA); n < least || n > most {
						t.Errorf("%d operations of fused multiply-adds, want %d to %d", n, least, most)
					}
					if op == "triad" && total.FLOPs() != uint64(2*s.N) || op == "copy" && total.FLOPs() != 0 {
						t.Errorf("%d operations", total.FLOPs())
					}
					if work := k.Work(s); op == "copy" && (total.BytesStored != uint64(work.StoreBytes) || total.BytesLoaded < uint64(work.LoadBytes)) {
						t.Errorf("%d bytes loaded, %d stored; the work is %g, %g", total.BytesLoaded, total.BytesStored, work.LoadBytes, work.StoreBytes)
					}
				})
			}
		}
	}
}

// tileOperations are operations of attention in AMX on tiles, of fused multiply-adds, of dot products, and all others, maxima, additions and products, of which
// there may be more.
type tileOperations struct{ tiles, fma, dots, others, more int }

// tileAttentionOperations are those for keys that every query attends: for each 32 queries and each key, in groups of 32, two products of d
// elements; for its weight one fused multiply-add, and half of a dot product of pairs that sums it. The largest scores of the first keys, one block
// of 64, or of 96 where none but its last 32 are left, are found in four parts. They are scaled, looked at once more, and made the reference maximum, in 12 additions and
// products, and there is a factor, 3 of the polynomial, and a fused multiply-add to look at them. The output of each vector of queries is divided by the sums. Each block of 64 keys
// that is weighed again does all that a first one does, with the largest found in two parts, and for each key a product and a maximum more, and rescales the output. At most twice
// for each block, and for two stages that have none, the reference is taken anew, in 5 additions and products.
func tileAttentionOperations(s shape.Shape, again int) tileOperations {
	queries, keys, first := (s.Q+31)/32, (s.KV+31)/32*32, max(s.KV/32*32, 32)
	if first > 64+32 {
		first = 64
	}
	return tileOperations{
		tiles:  s.H * queries * 2 * 2 * 32 * keys * s.D,
		fma:    2 * 32 * (s.H*queries*(keys+1+3) + again*(64+1+3)),
		dots:   2 * 32 * (s.H*queries*keys + again*64),
		others: 32*(s.H*queries*(first+3+12)+again*(64*3+1+12+s.D)) + s.H*((s.Q+15)/16*16)*s.D,
		more:   32 * 2 * 5 * (s.H*queries*((keys+63)/64+2) + again),
	}
}

// check compares the operations on tiles, dot products, and those that are neither these nor fused multiply-adds, and returns the latter.
func (want tileOperations) check(t *testing.T, total *Totals) (fma int) {
	t.Helper()
	tiles, dots := int(total.Operations[Kind{"bf16", perf.Tile, false}]), int(total.Operations[Kind{"bf16", perf.Bits512, false}])
	if tiles != want.tiles || dots != want.dots {
		t.Errorf("%d operations of tiles, %d of dot products, want %d, %d", tiles, dots, want.tiles, want.dots)
	}
	if n := int(total.FLOPs()-total.FMA) - tiles - dots; n < want.others || n > want.others+want.more {
		t.Errorf("%d other operations, want %d to %d: %v", n, want.others, want.others+want.more, total.Operations)
	}
	return want.fma
}

// In AMX a block of keys is weighed again where a score exceeds the largest of those that the reference was last taken from by 8 or more. Here scores
// of a block of 64 keys are the same, and those of the next one more by step/(ln 2·√d)·d = 11.5·step: keys have a multiple of step in each element.
func TestAttentionWeighsBlocksAgain(t *testing.T) {
	for _, tt := range []struct {
		step  float32
		again int // of 5 blocks behind the first
	}{
		{0, 0},
		{1. / 8, 0}, // 1.4 each, 7.2 in all
		{1. / 4, 1}, // after three 8.7, after two more 5.8
		{1. / 2, 2}, // after two
		{1, 5},
	} {
		k, s, in := build(t, "attention/amx/bf16", "h=2,q=64,kv=384,d=64", 1)
		operand := func(name string) []uint16 {
			v := reflect.ValueOf(in).Elem().FieldByName("problem").Elem().FieldByName(name).FieldByName("bf16")
			return unsafe.Slice((*uint16)(v.UnsafePointer()), v.Len())
		}
		for i := range operand("q") {
			operand("q")[i] = uint16(math.Float32bits(1) >> 16)
		}
		for i := range operand("k") {
			key := i / s.D % s.KV
			operand("k")[i] = uint16(math.Float32bits(float32(key/64)*tt.step) >> 16)
		}
		total := countCall(t, in, 1)
		if want := tileAttentionOperations(s, tt.again*s.H*s.Q/32).check(t, total); int(total.FMA) != want {
			t.Errorf("%s, steps of %v: %d operations of fused multiply-adds, want %d", k.ID(), tt.step, total.FMA, want)
		}
	}
}

// The parts of attention execute what they declare, at shapes of whole blocks: 48 queries, 96 keys or 128.
func TestPartsOfAttentionExecuteTheirWork(t *testing.T) {
	found, err := kernels.Find("attention.*/avx512")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range found {
		t.Run(k.ID(), func(t *testing.T) {
			_, s, in := build(t, k.ID(), "h=2,q=96,kv=384,d=64", 1)
			total, work := countCall(t, in, 1), k.Work(s)
			executed := float64(total.FLOPs())
			if executed != work.FLOPs {
				t.Errorf("%v operations, want %v", executed, work.FLOPs)
			}
		})
	}
}
