package instrument

import (
	"hash/fnv"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

const asmPackage = "github.com/roofline-go/roofline/kernels/asm."

// assembly lists the kernels' functions.
var assembly = sync.OnceValue(func() []Function { return Assembly(asmPackage) })

// build makes an instance of a kernel, or skips where it cannot run.
func build(t testing.TB, id, size string, workers int) (*kernels.Kernel, shape.Shape, kernels.Instance) {
	t.Helper()
	found, err := kernels.Find(id)
	if err != nil || len(found) != 1 {
		t.Fatalf("find %s: %d, %v", id, len(found), err)
	}
	k := found[0]
	for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
	}
	s := shape.Shape{}
	if size == "" {
		s = kernels.DefaultShape(k.Op)
	} else if s, err = shape.Parse(k.Op, size); err != nil {
		t.Fatal(err)
	}
	in, err := k.Build(s, workers)
	if err != nil {
		t.Fatal(err)
	}
	return k, s, in
}

// instrumented runs f with the kernels' functions patched.
func instrumented(t testing.TB, opt Options, f func(p *Program, th *Thread)) {
	t.Helper()
	p, err := New(assembly(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	th, err := p.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	defer th.Close()
	undo, err := p.Patch()
	if err != nil {
		t.Fatal(err)
	}
	f(p, th)
	if err := undo(); err != nil {
		t.Fatal(err)
	}
}

// countCall counts one call of all parts.
func countCall(t testing.TB, in kernels.Instance, workers int) (total *Totals) {
	t.Helper()
	instrumented(t, Options{Mode: rewrite.Count, ABI: blocks.GoABI0}, func(_ *Program, th *Thread) {
		for w := range workers {
			if err := th.Run(func() { in.Part(w) }); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if total, err = th.Profile().Totals(); err != nil {
			t.Fatal(err)
		}
	})
	return total
}

// fingerprint hashes all numbers that an instance holds.
func fingerprint(v any) uint64 {
	h := fnv.New64a()
	seen := map[unsafe.Pointer]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return
			}
			if v.Kind() == reflect.Pointer {
				if seen[v.UnsafePointer()] {
					return
				}
				seen[v.UnsafePointer()] = true
			}
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			switch v.Type().Elem().Kind() {
			case reflect.Float32, reflect.Float64, reflect.Uint16, reflect.Int8, reflect.Int32:
				if v.Kind() == reflect.Slice && v.Len() > 0 {
					h.Write(unsafe.Slice((*byte)(v.UnsafePointer()), v.Len()*int(v.Type().Elem().Size())))
				}
			default:
				for i := range v.Len() {
					walk(v.Index(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(v))
	return h.Sum64()
}

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

// matmulTiles are the columns of a full tile, the elements of a vector and the bytes of an element.
var matmulTiles = map[string][3]int{"matmul/avx2/f32": {16, 8, 4}, "matmul/avx2/f64": {8, 4, 8}, "matmul/avx512/f32": {32, 16, 4}, "matmul/avx512/f64": {16, 8, 8}}

// fewRows is up to how many rows B is streamed by instead of tiled, and fewColumns up to how many columns C is computed by dot
// products.
const fewRows, fewColumns = 4, 4

// A tile of columns is computed whole, or half if the last columns fit into one vector; products of the second and further
// slices of k are added to C with one addition per element. Few rows take whole vectors of columns, few columns nothing
// but their products.
func TestMatmulExecutesItsTiles(t *testing.T) {
	for id, tile := range matmulTiles {
		t.Run(id, func(t *testing.T) {
			for _, size := range []string{"1x1x1", "5x3x9", "3x70x19", "7x9x11", "13x9x11", "13x64x17", "100x65x1000", "37x130x321", "37x130x1300"} {
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
				if stored := total.BytesStored; !skinny && s.K <= 256 && s.N < tile[1] && stored != c { // nothing but C is stored, under a mask
					t.Errorf("%s: %d bytes stored, want the %d·%d elements of C", size, stored, s.M, s.N)
				}
				fma := uint64(2 * s.M * cols * s.K)
				if total.FMA != fma {
					t.Errorf("%s: %d operations of fused multiply-adds, want 2·%d·%d·%d = %d", size, total.FMA, s.M, cols, s.K, fma)
				}
				if skinny {
					continue
				}
				if adds := total.FLOPs() - total.FMA; adds%uint64(s.M*cols) != 0 || adds == 0 && s.K > 320 || adds > 0 && s.K <= 320 {
					t.Errorf("%s: %d additions are no multiple of the %d·%d elements of C", size, adds, s.M, cols)
				}
			}
		})
	}
}

// fewNarrowRows is up to how many rows narrow elements of B may be streamed by. Of the sizes below that is so of those in streamed: in whole
// vectors of columns. Those in dotsBehind have so many last columns that are dot products.
const fewNarrowRows = 8

var (
	streamed   = map[string][]string{"matmul/avx512/bf16": {"2x200x50", "2x200x130"}, "matmul/avx512/int8": {"2x200x130"}}
	dotsBehind = map[string]map[string]int{"matmul/avx512/bf16": {"100x65x300": 1, "57x130x321": 2}, "matmul/avx512/int8": {"100x65x300": 1}}
)

// narrowTiles are, of kernels on narrow types, the elements of k that a step takes at once and the columns that are computed
// together: vectors of 16, of bf16 and int8 half ones, in AMX any number.
var narrowTiles = map[string][2]int{
	"matmul/avx512/bf16": {2, 8}, "matmul/avx512/int8": {4, 8}, "matmul/avx512/f16": {2, 16},
	"matmul/amx/bf16": {32, 1}, "matmul/amx/int8": {64, 1}, "matmul/amx-packed/bf16": {32, 1}, "matmul/amx-packed/int8": {64, 1},
}

// Products take whole steps of k and whole vectors of columns. Of int8 in AVX-512, each row is summed up as well, in vectors
// of 64; of f16, the two sums of each element are added up, in vectors of 32, once for 256 products.
func TestNarrowMatmulExecutesItsTiles(t *testing.T) {
	for id, tile := range narrowTiles {
		t.Run(id, func(t *testing.T) {
			for _, size := range []string{"1x1x1", "5x3x9", "29x4x100", "2x200x50", "2x200x130", "8x70x37", "13x64x17", "64x64x128", "128x128x64", "100x65x300", "57x130x321"} {
				k, s, in := build(t, id, size, 1)
				in.Part(0)
				before := fingerprint(in)
				total := countCall(t, in, 1)
				if fingerprint(in) != before {
					t.Errorf("%s: other results than without instrumentation", size)
				}
				up := func(n, to int) int { return (n + to - 1) / to * to }
				cols := tile[1]
				if slices.Contains(streamed[id], size) {
					cols = 16
				}
				behind := dotsBehind[id][size]
				along := up(s.K, 16*tile[0]) // of a dot product
				want, got := 2*s.M*(up(s.N-behind, cols)*up(s.K, tile[0])+behind*along), 0
				dots := strings.HasPrefix(id, "matmul/avx512") && k.DType != kernels.F16 && (s.N == 1 || s.N <= fewColumns && s.M > fewNarrowRows)
				if dots { // in vectors along k
					want = 2 * s.M * s.N * along
				}
				for kind, n := range total.Operations {
					if kind.DType == string(k.DType) {
						got += int(n)
					}
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

// sizes are shapes that meet the tails of every kernel.
var sizes = map[string][]string{
	"matmul":      {"1x1x1", "7x9x11", "3x70x19", "13x9x11", "100x65x1000", "37x130x321"},
	"matmul.pack": {"3x70x19", "37x130x321"}, "matmul.tiles": {"13x9x11", "37x130x321"},
	"attention": {"h=2,q=50,kv=70,d=64", "h=1,q=97,kv=200,d=96,causal"},
	"decode":    {"h=2,q=1,kv=100,d=64"},
	"gemv":      {"13x1001", "8x64"}, "dot": {"1001", "7"}, "triad": {"1001", "70001"}, "copy": {"1001", "3"},
}

// forEachKernel runs f for every assembly kernel that can run here and every shape of sizes.
func forEachKernel(t *testing.T, f func(t *testing.T, id, size string)) {
	for _, k := range kernels.All() {
		if k.ISA == cpu.Go {
			continue
		}
		for _, size := range sizes[k.Op] {
			t.Run(k.ID()+" "+size, func(t *testing.T) { f(t, k.ID(), size) })
		}
	}
}

// The trace must tell of the same executions and the same bytes as the counters do, and neither may change a result.
func TestTraceAgreesWithCounts(t *testing.T) {
	if testkit.Race {
		t.Skip("runs in one goroutine")
	}
	forEachKernel(t, func(t *testing.T, id, size string) {
		_, _, in := build(t, id, size, 1)
		in.Part(0)
		before := fingerprint(in)
		total := countCall(t, in, 1)
		if fingerprint(in) != before {
			t.Error("other results while counting than without instrumentation")
		}
		var loaded, stored, executed uint64
		var pieces int
		instrumented(t, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 4096}, func(p *Program, th *Thread) {
			counts := map[uint64]uint64{}
			th.SetSink(func(l *Log) {
				pieces++
				l.Counts(counts)
				l.References(func(refs []sim.Access) {
					for _, r := range refs {
						if r.Kind == sim.LoadAccess {
							loaded += uint64(r.Size)
						} else {
							stored += uint64(r.Size)
						}
					}
				})
			})
			if err := th.Run(func() { in.Part(0) }); err != nil {
				t.Fatal(err)
			}
			for _, b := range p.rw.Blocks {
				executed += counts[b.Addr] * uint64(len(b.Insts))
			}
		})
		if fingerprint(in) != before {
			t.Error("other results while tracing than without instrumentation")
		}
		if executed != total.Instructions || loaded != total.BytesLoaded || stored != total.BytesStored {
			t.Errorf("trace of %d pieces: %d instructions, %d bytes loaded, %d stored; counted %d, %d, %d",
				pieces, executed, loaded, stored, total.Instructions, total.BytesLoaded, total.BytesStored)
		}
	})
}

// Simulated caches must count the same whether a log is replayed into them or listed first, in pieces of any size and under
// all policies of the innermost level.
func TestReplayCountsAsTheList(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates every kernel six times, with nothing concurrent in it")
	}
	sets := int64(8)
	forEachKernel(t, func(t *testing.T, id, size string) {
		_, _, in := build(t, id, size, 1)
		for _, policy := range []sim.Policy{sim.LRU, sim.TreePLRU, sim.QLRUH00M1R0U1} {
			config := sim.Config{Levels: []sim.Level{
				{Bytes: 64 * 12 * sets, Ways: 12, Policy: policy}, {Bytes: 64 * 16 * 4 * sets, Ways: 16, Policy: policy, Fill: sim.Inclusive}}}
			if policy == sim.LRU {
				config.Levels[0] = sim.Level{Bytes: 64 * 8 * sets, Ways: 8}
			}
			var counted [2]map[string]float64
			for i := range counted {
				system, err := sim.New(config)
				if err != nil {
					t.Fatal(err)
				}
				instrumented(t, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 4096 << (4 * i)}, func(_ *Program, th *Thread) {
					th.SetSink(func(l *Log) {
						if i == 0 {
							l.Replay(system.Core(0))
						} else {
							l.References(system.Core(0).Run)
						}
					})
					if err := th.Run(func() { in.Part(0) }); err != nil {
						t.Fatal(err)
					}
				})
				counted[i] = system.Summary().Quantities()
			}
			if !maps.Equal(counted[0], counted[1]) || counted[0]["misses.L1"] == 0 {
				t.Errorf("%v: replayed\n%v\nlisted\n%v", policy, counted[0], counted[1])
			}
		}
	})
}

// decodeOperations are the fused multiply-adds of decode, at least and at most, and its dot products of 512 and 256 bits, where pipes are as wide. At d = 64 and 128 some variants
// have functions that take keys by the step of 16, the last of them in a call of its own if they are fewer.
func decodeOperations(k *kernels.Kernel, s shape.Shape, lanes int) (least, most, dots, halves int) {
	stepped := s.D == 64 || s.D == 128
	keys, calls := (s.KV+15)/16*16, 1+min(s.KV%16, 1)
	moves := 1 + s.KV/100
	switch {
	case stepped && k.Variant == "avx512" && k.DType == kernels.F32: // the first of the products of a key is no FMA
		least = s.H * keys * (2*(s.D-16) + 2*s.D + 12)
	case stepped && k.Variant == "avx512" && k.DType == kernels.BF16:
		least = s.H * keys * (4*s.D + 12)
	case stepped && k.Variant == "dot": // of values two, for both digits of a weight
		dots = 6 * s.H * keys * s.D
		least = 12 * s.H * keys
	case stepped && k.DType == kernels.INT8 && k.Variant != "avx512" && k.Variant != "avx2":
		dots, halves = 4*s.H*keys*s.D, 4*s.H*keys*s.D // of both digits
		if k.Variant == "vnni8" {
			halves /= 2
		}
		if cpu.VectorPipes() != 256 { // products of keys, too, are of 512 bits
			dots, halves = dots+halves, 0
		}
		least = s.H * (10*keys + 4*s.D*calls) // five for a weight; what looks at the query, and unites digits, as each move does
		most = s.H * moves * (12*lanes + 2*s.D)
	case k.Variant == "dot":
		dots = 8 * s.H * s.KV * s.D
		least = 12 * s.H * s.KV
	case k.Variant == "vnni" || k.Variant == "vnni8": // and the sums of the digits of the query
		dots = 8*s.H*s.KV*s.D + 4*s.H*s.D
		least = 12 * s.H * s.KV
		// and what looks at the query and the weights, and unites the digits
		most = 2 * s.H * (s.D + s.KV + 64 + 2*s.D*(2+s.KV/512+s.KV/100))
	default:
		least = s.H * s.KV * (4*s.D + 12)
	}
	return least, most + least + 12*lanes*s.H*moves, dots, halves
}

// The fused multiply-adds of each kernel, from its algorithm:
//
//	dot, gemv, triad  one per element (triad and the elements of a partial vector under masks, the rest of which is off)
//	attention         per vector of queries and per key one for each of d products of scores and d of values, and 6 of the
//	                  exponential's polynomial; 6 more for the first maximum. In AVX-512 2 of the exponential by table, of 2 keys
//	                  behind each block of 96, too. Of bf16, the products are dot products of pairs, with keys in
//	                  groups of 8; scores have one to be scaled, and the polynomial has 3, of 4 keys behind each block too. In AMX see
//	                  tileAttentionOperations
//	decode            per key d products and d sums of values, and 6 per vector of weights for the exponential; 6 more
//	                  for each new maximum. Where dot products take them, it is two for the digits of the other operand; see
//	                  decodeOperations
func TestKernelsExecuteTheirWork(t *testing.T) {
	for _, op := range []string{"dot", "gemv", "triad", "copy", "attention", "decode"} {
		sizes := map[string][]string{
			"dot": {"1", "7", "1001"}, "gemv": {"1x1", "13x1001"}, "triad": {"1", "1001", "70001"}, "copy": {"1001"},
			"matmul.pack": {"3x70x19", "37x130x321"}, "matmul.tiles": {"13x9x11", "37x130x321"},
			"attention": {"h=2,q=56,kv=70,d=64", "h=1,q=48,kv=97,d=96", "h=3,q=1,kv=400,d=32"}, "decode": {"h=1,q=1,kv=64,d=64", "h=2,q=1,kv=1000,d=128", "h=1,q=1,kv=192,d=192"},
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
				t.Run(k.ID()+" "+size, func(t *testing.T) {
					_, s, in := build(t, k.ID(), size, 1)
					total := countCall(t, in, 1)
					lanes := map[cpu.ISA]int{cpu.AVX2: 8, cpu.AVX512: 16, cpu.AVX512BF16: 16, cpu.AVX512VNNI: 16, cpu.AMXBF16: 16}[k.ISA]
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
							least = 2 * lanes * queries * (keys*(2*s.D+2) + (s.KV+95)/96*2*2 + 6)
						}
						if k.ISA == cpu.AMXBF16 {
							var tiles, dots int
							if tiles, dots, least = tileAttentionOperations(s); int(total.Operations[Kind{"bf16", perf.Tile, false}]) != tiles ||
								int(total.Operations[Kind{"bf16", perf.Bits512, false}]) != dots {
								t.Errorf("operations %v, want %d of tiles and %d of dot products", total.Operations, tiles, dots)
							}
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
						var dots, halves int
						if least, most, dots, halves = decodeOperations(k, s, lanes); dots > 0 {
							for width, want := range map[perf.Width]int{perf.Bits512: dots, perf.Bits256: halves} {
								of := Kind{string(k.DType), width, k.DType == kernels.INT8}
								if n := int(total.Operations[of]); n != want {
									t.Errorf("%d operations of dot products of %v bits, want %d", n, width, want)
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

// tileAttentionOperations are those of attention in AMX on tiles, of dot products with ones, and of fused multiply-adds: for each 32
// queries and each key, in groups of 32, two products of d elements; a sum of weights; and 3 of the polynomial and one to scale the
// score. The first maximum takes 3, and the largest scores of each block of 64 keys, with 32 behind it of 96, and of none, at the end of the
// call for a head, are scaled. The last keys, padded, are a block of their own.
func tileAttentionOperations(s shape.Shape) (tiles, dots, fma int) {
	queries, keys, blocks := (s.Q+31)/32, (s.KV+31)/32*32, max(s.KV/64, s.KV/32%2)
	if s.KV%32 != 0 {
		blocks++
	}
	return s.H * queries * 2 * 2 * 32 * keys * s.D, s.H * queries * 2 * 32 * keys, 2 * 32 * s.H * (queries*(keys*(3+1)+3+blocks) + 1)
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
