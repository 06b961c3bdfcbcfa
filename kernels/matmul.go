package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// matmulKernels are the implementations of C = A·B, row-major, for every m, n, k ≥ 1.
var matmulKernels = []*Kernel{
	matmulKernel("naive", cpu.Go, "three loops (i, k, j), plain Go", naiveMatmul[float32]()),
	matmulKernel("naive", cpu.Go, "three loops (i, k, j), plain Go", naiveMatmul[float64]()),
	matmulKernel("blocked", cpu.Go, "2×4 register tile over packed columns of B, plain Go", blockedMatmul[float32]()),
	matmulKernel("blocked", cpu.Go, "2×4 register tile over packed columns of B, plain Go", blockedMatmul[float64]()),
	matmulKernel("avx2", cpu.AVX2, "6×16 register tile, B packed in L2, A read in place", tiledMatmul[float32](avx2F32)),
	matmulKernel("avx2", cpu.AVX2, "6×8 register tile, B packed in L2, A read in place", tiledMatmul[float64](avx2F64)),
	matmulKernel("avx512", cpu.AVX512, "12×32 register tile, B packed in L2, A read in place", tiledMatmul[float32](avx512F32)),
	matmulKernel("avx512", cpu.AVX512, "12×16 register tile, B packed in L2, A read in place", tiledMatmul[float64](avx512F64)),
}

// matrix is a row-major matrix: element (i, j) is data[i*stride+j], stride ≥ cols.
type matrix[T float] struct {
	data               []T
	rows, cols, stride int
}

// at returns the elements from (i, j) to the end of the data.
func (m matrix[T]) at(i, j int) []T { return m.data[i*m.stride+j:] }

// row returns row i.
func (m matrix[T]) row(i int) []T { return m.data[i*m.stride:][:m.cols] }

// product is one problem C = A·B: C is m×n, A is m×k, B is k×n. A kernel writes every element of C, and reads and
// writes nothing between a row's end and the next row's begin.
type product[T float] struct {
	a, b, c matrix[T]
	set     Setting
}

// multiplier prepares an implementation for a product shared by workers: it allocates all scratch and returns the
// function that computes one worker's share.
type multiplier[T float] struct {
	params  []Param
	scratch func(s shape.Shape) int64 // bytes one worker needs besides the operands, with the default setting
	prepare func(p *product[T], workers int) (part func(worker int))
}

// matmulKernel makes the registry entry of one variant.
func matmulKernel[T float](variant string, isa cpu.ISA, doc string, m multiplier[T]) *Kernel {
	needs := []cpu.ISA{isa}
	es := float64(sizeof[T]())
	k := &Kernel{
		Op: "matmul", Variant: variant, DType: dtypeOf[T](), ISA: isa, Needs: needs, Doc: doc, Roof: roof[T](isa), Params: m.params,
		Work: func(s shape.Shape) Work {
			rows, cols, depth := float64(s.M), float64(s.N), float64(s.K)
			load, store := es*depth*(rows+cols), es*rows*cols
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
		p := &product[T]{
			a: matrix[T]{alloc[T](s.M * s.K), s.M, s.K, s.K},
			b: matrix[T]{alloc[T](s.K * s.N), s.K, s.N, s.N},
			c: matrix[T]{alloc[T](s.M * s.N), s.M, s.N, s.N},

			set: k.Setting(s),
		}
		fill(p.a.data, 1)
		fill(p.b.data, 2)
		return newMatmul(p, workers, m), nil
	}
	return k
}

// matmul is a prepared product.
type matmul[T float] struct {
	p       *product[T]
	workers int
	part    func(worker int)
}

// newMatmul prepares m for the product p, whose operands may be strided.
func newMatmul[T float](p *product[T], workers int, m multiplier[T]) *matmul[T] {
	return &matmul[T]{p, workers, m.prepare(p, workers)}
}

// Part computes worker's share of C.
func (m *matmul[T]) Part(worker int) { m.part(worker) }

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
