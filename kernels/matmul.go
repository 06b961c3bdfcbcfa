package kernels

import (
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// matmulKernels are the implementations of C = A·B, row-major, for every m, n, k ≥ 1. C is kept wider than A and B where
// those are narrow: float32 for f16 and bf16, int32 for int8.
var matmulKernels = slices.Concat(plainMatmul, narrowMatmul)

// plainMatmul are those that read, multiply and write one type.
var plainMatmul = []*Kernel{
	matmulKernel("naive", cpu.Go, "three loops (i, k, j), plain Go", naiveMatmul[float32]()),
	matmulKernel("naive", cpu.Go, "three loops (i, k, j), plain Go", naiveMatmul[float64]()),
	matmulKernel("blocked", cpu.Go, "2×4 register tile over packed columns of B, plain Go", blockedMatmul[float32]()),
	matmulKernel("blocked", cpu.Go, "2×4 register tile over packed columns of B, plain Go", blockedMatmul[float64]()),
	matmulKernel("avx2", cpu.AVX2, "6×16 register tile, B packed in L2, A read in place", plainMatmulOf(avx2F32, inPlace{}, avx2RowsF32, avx2VectorsF32)),
	matmulKernel("avx2", cpu.AVX2, "6×8 register tile, B packed in L2, A read in place", plainMatmulOf(avx2F64, inPlace{}, avx2RowsF64, avx2VectorsF64)),
	matmulKernel("avx512", cpu.AVX512, "12×32 register tile, B packed in L2, A read in place; small products in tiles of up to 448 columns, nothing packed", plainMatmulOf(avx512F32, avx512InPlaceF32, avx512RowsF32, avx512VectorsF32)),
	matmulKernel("avx512", cpu.AVX512, "12×16 register tile, B packed in L2, A read in place; small products in tiles of up to 224 columns, nothing packed", plainMatmulOf(avx512F64, avx512InPlaceF64, avx512RowsF64, avx512VectorsF64)),
}

// narrowMatmul are those that widen.
var narrowMatmul = []*Kernel{
	matmulKernel("naive", cpu.Go, "three loops (k, i, j), plain Go; products and sums in float32", naiveBF16()),
	matmulKernel("naive", cpu.Go, "three loops (k, i, j), plain Go; products and sums in float32", naiveF16()),
	matmulKernel("naive", cpu.Go, "three loops (i, k, j), plain Go; products and sums in int32", naiveInt8()),
	matmulKernel("avx512", cpu.AVX512BF16, "12×32 register tile of VDPBF16PS, pairs of rows of B packed in L2, A read in place; few rows and columns with nothing packed", narrowMatmulOf[bf16, float32](dotBF16, dotRowsBF16, dotColumnsBF16)),
	matmulKernel("avx512", cpu.AVX512FP16, "12×32 register tile, sums in f16 over 128 pairs of products, in f32 beyond; pairs of rows of B packed in L2", tiledMatmul[f16, float32](halfF16)),
	matmulKernel("avx512", cpu.AVX512VNNI, "12×32 register tile of VPDPBUSD, B packed in L2 with 128 added, A read in place; few rows and columns with nothing packed", narrowMatmulOf[int8, int32](vnniInt8, vnniRowsInt8, vnniColumnsInt8)),
	// The variants that find B packed do less in the same time: they stand before those that pack, which count as the best.
	matmulKernel("amx-packed", cpu.AMXBF16, "2×2 tiles of TDPBF16PS, B packed before the call", packedMatmul[bf16, float32](amxBF16)),
	matmulKernel("amx-packed", cpu.AMXINT8, "2×2 tiles of TDPBSSD, B packed before the call", packedMatmul[int8, int32](amxInt8)),
	matmulKernel("amx", cpu.AMXBF16, "2×2 tiles of TDPBF16PS, B packed in L1 or L2; few rows and columns as matmul/avx512", tileMatmulOf(amxBF16, narrowMatmulOf[bf16, float32](dotBF16, dotRowsBF16, dotColumnsBF16), vectorsBF16)),
	matmulKernel("amx", cpu.AMXINT8, "2×2 tiles of TDPBSSD, B packed in L1 or L2; few rows and columns as matmul/avx512", tileMatmulOf(amxInt8, narrowMatmulOf[int8, int32](vnniInt8, vnniRowsInt8, vnniColumnsInt8), vectorsInt8)),
}

// matrix is a row-major matrix: element (i, j) is data[i*stride+j], stride ≥ cols.
type matrix[T element] struct {
	data               []T
	rows, cols, stride int
}

// at returns the elements from (i, j) to the end of the data.
func (m matrix[T]) at(i, j int) []T { return m.data[i*m.stride+j:] }

// row returns row i.
func (m matrix[T]) row(i int) []T { return m.data[i*m.stride:][:m.cols] }

// result is the element type of C.
type result interface{ float32 | float64 | int32 }

// product is one problem C = A·B: C is m×n, A is m×k, B is k×n. A kernel writes every element of C, and reads and
// writes nothing between a row's end and the next row's begin. I is the element type of A and B, O that of C.
type product[I element, O result] struct {
	a, b matrix[I]
	c    matrix[O]
	set  Setting

	scratch buffers
}

// multiplier prepares an implementation for a product shared by workers: it allocates all scratch and returns the
// function that computes one worker's share.
type multiplier[I element, O result] struct {
	params  []Param
	scratch func(s shape.Shape) int64                   // bytes one worker needs besides the operands, with the default setting or any that a trial may choose
	tries   func(p *product[I, O], workers int) Setting // chooses a setting by trial, none if there is nothing to choose; nil: no trial
	prepare func(p *product[I, O], workers int) (part func(worker int))
}

// matmulKernel makes the registry entry of one variant.
func matmulKernel[I element, O result](variant string, isa cpu.ISA, doc string, m multiplier[I, O]) *Kernel {
	needs := []cpu.ISA{isa}
	in, out := float64(sizeof[I]()), float64(sizeof[O]())
	k := &Kernel{
		Op: "matmul", Variant: variant, DType: dtypeOf[I](), ISA: isa, Needs: needs, Doc: doc, Roof: matmulRoof[I](isa), Params: m.params,
		Integers: dtypeOf[I]() == INT8,
		Work: func(s shape.Shape) Work {
			rows, cols, depth := float64(s.M), float64(s.N), float64(s.K)
			load, store := in*depth*(rows+cols), out*rows*cols
			return Work{
				FLOPs:      2 * rows * cols * depth,
				LoadBytes:  load,
				StoreBytes: store,
				WorkingSet: int64(load+store) + m.scratch(s),
			}
		},
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		p := newProduct[I, O](s)
		if p.set = k.settingFor(s, workers); len(p.set) == 0 && m.tries != nil {
			p.set = m.tries(p, workers)
			k.find(s, workers, p.set)
		}
		return newMatmul(p, workers, m), nil
	}
	return k
}

// newProduct allocates and fills the operands of a shape.
func newProduct[I element, O result](s shape.Shape) *product[I, O] {
	room := newOperandRoom(s.M*s.K*sizeof[I](), s.K*s.N*sizeof[I](), s.M*s.N*sizeof[O]())
	p := &product[I, O]{
		a: matrix[I]{take[I](room, s.M*s.K), s.M, s.K, s.K},
		b: matrix[I]{take[I](room, s.K*s.N), s.K, s.N, s.N},
		c: matrix[O]{take[O](room, s.M*s.N), s.M, s.N, s.N},
	}
	fill(p.a.data, 1)
	fill(p.b.data, 2)
	return p
}

// matmulRoof names the ceiling of code of one group for one type of operands. Plain Go widens narrow types and computes in
// scalars, for which float32 stands: integers have no ceiling of their own, as the compiler's scalar code would need.
func matmulRoof[I element](isa cpu.ISA) string {
	switch isa {
	case cpu.AVX512FP16:
		return "compute.fma.avx512.f16"
	case cpu.AVX512BF16:
		return "compute.dot.avx512.bf16"
	case cpu.AVX512VNNI:
		return "compute.vnni.avx512.int8"
	case cpu.AMXBF16, cpu.AMXINT8:
		return "compute.amx." + string(dtypeOf[I]())
	}
	if dtypeOf[I]() == F64 {
		return roof[float64](isa)
	}
	return roof[float32](isa)
}

// matmul is a prepared product.
type matmul[I element, O result] struct {
	p       *product[I, O]
	workers int
	part    func(worker int)
}

// newMatmul prepares m for the product p, whose operands may be strided.
func newMatmul[I element, O result](p *product[I, O], workers int, m multiplier[I, O]) *matmul[I, O] {
	return &matmul[I, O]{p, workers, m.prepare(p, workers)}
}

// Part computes worker's share of C.
func (m *matmul[I, O]) Part(worker int) { m.part(worker) }

// block is the part of C that one worker computes.
type block struct{ row, rows, col, cols int }

// blockOf cuts C among workers into blocks of whole grains of columns or, when columns are too few to share out evenly,
// into blocks of rows. Blocks may be empty. Sharing columns is preferred: a worker then packs only its own part of B.
func blockOf(rows, cols, rowGrain, colGrain, workers, worker int) block {
	grains := (cols + colGrain - 1) / colGrain
	if grains >= 4*workers || grains%workers == 0 {
		from, to := share(cols, colGrain, workers, worker)
		return block{0, rows, from, to - from}
	}
	from, to := share(rows, rowGrain, workers, worker)
	return block{from, to - from, 0, cols}
}
