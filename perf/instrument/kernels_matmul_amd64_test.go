package instrument

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
)

// checkInPlace checks what AVX-512 executes of a product of c bytes where it lies, with vectors of so many elements: columns up to
// half a vector, or the last ones by dot products in whole vectors of each slice of k. Sums of several vectors, and of slices, are
// added for each element: up to four, and one a slice. Beside C it stores at most three counters of each row.
func checkInPlace(t *testing.T, size string, s shape.Shape, vector int, c uint64, total *Totals) {
	half, slices := vector/2, 1+s.K/256
	least, tiled := uint64(2*s.M*s.N*s.K), uint64(2*s.M*((s.N+half-1)/half*half)*s.K)
	dots := least + uint64(2*s.M*(s.N%half)*vector*slices)
	if total.FMA != tiled && (total.FMA < least || total.FMA > dots) {
		t.Errorf("%s: %d operations of fused multiply-adds, want %d or %d to %d", size, total.FMA, tiled, least, dots)
	}
	whole := (s.N + vector - 1) / vector * vector
	if adds := total.FLOPs() - total.FMA; adds > uint64(s.M*whole*(slices+2)) {
		t.Errorf("%s: %d additions, want at most three for each of %d·%d elements, and one a slice", size, adds, s.M, whole)
	}
	if stored := total.BytesStored; s.M > fewRows && s.N > fewColumns && s.K <= 256 && s.N < vector && (stored < c || stored > c+uint64(3*8*s.M)) {
		t.Errorf("%s: %d bytes stored, want the %d of C and counters", size, stored, c)
	}
}

// matmulTiles are the columns of a full tile, the elements of a vector, the bytes of an element and, of AVX2, the rows of B that are packed at a
// time, at most.
var matmulTiles = map[string][4]int{"matmul/avx2/f32": {16, 8, 4, 320}, "matmul/avx2/f64": {8, 4, 8, 256}, "matmul/avx512/f32": {32, 16, 4}, "matmul/avx512/f64": {16, 8, 8}}

// fewRows is up to how many rows B is streamed by instead of tiled, and fewColumns up to how many columns C is computed by dot
// products.
const fewRows, fewColumns = 4, 4

// A tile of columns is computed whole, or half if the last columns fit into one vector; products of the second and further
// slices of k are added to C with one addition per element. Last columns of one vector have two sums, which are added up in each slice. Few rows
// take whole vectors of columns, few columns nothing but their products.
func TestMatmulExecutesItsTiles(t *testing.T) {
	for id, tile := range matmulTiles {
		t.Run(id, func(t *testing.T) {
			for _, size := range []string{"1x1x1", "5x3x9", "3x70x19", "7x9x11", "13x9x11", "13x64x17", "9x6x30", "100x65x1000", "37x130x321", "37x130x1300"} {
				_, s, in := build(t, id, size, 1)
				in.Part(0)
				before := fingerprint(in)
				total := countCall(t, in, 1)
				if fingerprint(in) != before {
					t.Errorf("%s: other results than without instrumentation", size)
				}
				cols := s.N / tile[0] * tile[0]
				skinny := s.N <= fewColumns || s.M <= fewRows
				switch tail := s.N % tile[0]; {
				case s.N <= fewColumns:
					cols = s.N
				case skinny:
					cols = (s.N + tile[1] - 1) / tile[1] * tile[1]
				case tail > tile[1]:
					cols += tile[0]
				case tail > 0:
					cols += tile[1]
				}
				c := uint64(s.M * s.N * tile[2])
				if strings.Contains(id, "avx512") {
					checkInPlace(t, size, s, tile[1], c, total)
					continue
				}
				least := c + uint64(s.K*tile[1]*tile[2])
				if stored := total.BytesStored; !skinny && s.K <= tile[3] && s.N < tile[1] && (stored < least || stored > least+uint64(8*s.M)) { // C under a mask
					t.Errorf("%s: %d bytes stored, want the %d·%d elements of C, a packed vector of %d rows, and at most a counter of each row", size, stored, s.M, s.N, s.K)
				}
				fma := uint64(2 * s.M * cols * s.K)
				if total.FMA != fma {
					t.Errorf("%s: %d operations of fused multiply-adds, want 2·%d·%d·%d = %d", size, total.FMA, s.M, cols, s.K, fma)
				}
				if skinny {
					continue
				}
				slices := (s.K + tile[3] - 1) / tile[3]
				want := s.M * cols * (slices - 1)
				if tail := s.N % tile[0]; tail > 0 && tail <= tile[1] {
					want += s.M * tile[1] * slices
				}
				if adds := total.FLOPs() - total.FMA; adds != uint64(want) {
					t.Errorf("%s: %d additions, want %d: those of %d slices to %d·%d elements of C, and of two sums of the last vector", size, adds, want, slices, s.M, cols)
				}
			}
		})
	}
}

// fewNarrowRows is up to how many rows narrow elements of B may be streamed by. Of the sizes below that is so of those in streamed: in whole
// vectors of columns; those in inLines are computed in place, in whole lines. Those in dotsBehind have so many last columns that are dot products.
const fewNarrowRows = 8

var (
	streamed   = map[string][]string{"matmul/avx512/int8": {"2x200x130"}}
	inLines    = map[string][]string{"matmul/avx512/bf16": {"5x3x9", "2x200x50", "2x200x130", "8x70x37"}}
	dotsBehind = map[string]map[string]int{"matmul/avx512/bf16": {"100x65x300": 1}, "matmul/avx512/int8": {"100x65x300": 1}}
)

// narrowTiles are, of kernels on narrow types, the elements of k that a step takes at once and the columns that are computed
// together: vectors of 16, of bf16 and int8 half ones, in AMX any number.
var narrowTiles = map[string][2]int{
	"matmul/avx512/bf16": {2, 8}, "matmul/avx512/int8": {4, 8}, "matmul/avx512/f16": {2, 16},
	"matmul/amx/bf16": {32, 1}, "matmul/amx/int8": {64, 1}, "matmul/amx-packed/bf16": {32, 1}, "matmul/amx-packed/int8": {64, 1},
}

// inRowTiles are the sizes whose B AMX multiplies where it lies, if L1 has up to 48 KiB: 16 rows of it and a line of columns at a time, where a row of A is two rows
// of a tile, half of them zeros.
var inRowTiles = map[string][]string{"matmul/amx/bf16": {"2x200x130"}}

// inVectors are the sizes that AMX leaves to the vectors of AVX-512 where L1 has up to 72 KiB: few rows, few columns, and of small depth a large
// C. AMX has those in amxSizes besides.
var (
	amxSizes  = []string{"300x2x70", "300x1x70", "150x128x6"}
	inVectors = map[string][]string{
		"matmul/amx/bf16": {"1x1x1", "2x200x50", "300x1x70", "150x128x6"},
		"matmul/amx/int8": {"1x1x1", "5x3x9", "2x200x50", "2x200x130", "300x2x70", "300x1x70", "150x128x6"},
	}
)

// Products take whole steps of k and whole vectors of columns. Of int8 in AVX-512, each row is summed up as well, in vectors
// of 64; of f16, the two sums of each element are added up, in vectors of 32, once for 256 products.
func TestNarrowMatmulExecutesItsTiles(t *testing.T) {
	sizes := []string{"1x1x1", "5x3x9", "290x3x130", "2x200x50", "2x200x130", "8x70x37", "13x64x17", "64x64x128", "128x128x64", "100x65x300", "57x136x321"}
	for id := range narrowTiles {
		t.Run(id, func(t *testing.T) {
			sizes := sizes
			if inVectors[id] != nil {
				sizes = slices.Concat(sizes, amxSizes)
			}
			for _, size := range sizes {
				k, s, in := build(t, id, size, 1)
				in.Part(0)
				before := fingerprint(in)
				total := countCall(t, in, 1)
				if fingerprint(in) != before {
					t.Errorf("%s: other results than without instrumentation", size)
				}
				up := func(n, to int) int { return (n + to - 1) / to * to }
				id := id // of what multiplies
				if slices.Contains(inVectors[id], size) {
					id = "matmul/avx512/" + string(k.DType)
				}
				tile := narrowTiles[id]
				cols := tile[1]
				if slices.Contains(streamed[id], size) {
					cols = 16
				}
				if slices.Contains(inLines[id], size) {
					cols = 32
				}
				behind := dotsBehind[id][size]
				along := up(s.K, 16*tile[0]) // of a dot product
				rows := s.M
				if strings.Contains(id, "amx") && size == "57x136x321" {
					rows++ // its two panels of 29 rows share one
				}
				want, got := 2*rows*(up(s.N-behind, cols)*up(s.K, tile[0])+behind*along), 0
				if slices.Contains(inRowTiles[id], size) {
					want = 2 * 2 * s.M * up(s.N, 32) * up(s.K, 16)
				}
				dots := strings.HasPrefix(id, "matmul/avx512") && k.DType != kernels.F16 && (s.N == 1 || s.N <= fewColumns && s.M > fewNarrowRows)
				if dots { // in vectors along k
					want = 2 * s.M * s.N * along
				}
				for kind, n := range total.Operations {
					if kind.DType == string(k.DType) {
						got += int(n)
						if tiles := strings.Contains(id, "amx"); tiles != (kind.Width == perf.Tile) {
							t.Errorf("%s: %d operations of width %v", size, n, kind.Width)
						}
					}
				}
				// Few rows of bf16 are widened, and multiplied in f32, where VDPBF16PS takes two cycles; that needs no pairs along k.
				if id == "matmul/avx512/bf16" && got == 0 && s.M <= 8 && cpu.VectorPipes() == 0 {
					want, got = 2*s.M*up(s.N, cols)*s.K, int(total.FMA)
				}
				switch id {
				case "matmul/avx512/int8":
					if dots { // the columns are summed up
						want += 2 * s.N * up(s.K, 64)
					} else {
						want += 2*s.M*up(s.K, 64) + 2*behind*along
					}
				case "matmul/avx512/f16":
					want += 2 * s.M * up(s.N, 16) * (up(s.K, 256) / 256)
				}
				if got != want {
					t.Errorf("%s: %d operations on %s, want %d", size, got, k.DType, want)
				}
			}
		})
	}
}
