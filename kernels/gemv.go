package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// gemvKernels are the implementations of y = A·x, A row-major m×n: every element of A is read once, so memory binds.
var gemvKernels = perVariant("y = A·x: each element of A is read once for 2 FLOPs", gemvKernel[float32], gemvKernel[float64])

func gemvKernel[T float](variant string, isa cpu.ISA, doc string, v vectors[T]) *Kernel {
	needs, es := []cpu.ISA{isa}, float64(sizeof[T]())
	k := &Kernel{
		Op: "gemv", Variant: variant, DType: dtypeOf[T](), ISA: isa, Needs: needs, Doc: doc, Roof: roof[T](isa),
		Work: func(s shape.Shape) Work {
			rows, cols := float64(s.M), float64(s.N)
			load, store := es*(rows*cols+cols), es*rows
			return Work{FLOPs: 2 * rows * cols, LoadBytes: load, StoreBytes: store, WorkingSet: int64(load + store)}
		},
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		room := newOperandRoom(s.M*s.N*sizeof[T](), s.N*sizeof[T](), s.M*sizeof[T]())
		a := matrix[T]{take[T](room, s.M*s.N), s.M, s.N, s.N}
		x := take[T](room, s.N)
		fill(a.data, 1)
		fill(x, 2)
		return &gemvRun[T]{take[T](room, s.M), a, x, workers, v.gemv}, nil
	}
	return k
}

// gemvRun is y = A·x; workers share the rows.
type gemvRun[T float] struct {
	y       []T
	a       matrix[T]
	x       []T
	workers int
	loop    func(y []T, a matrix[T], x []T)
}

// gemvCols is how many columns one inner loop takes, so that its piece of x stays in L1 while the rows stream by.
const gemvCols = 2048

// gemvRows is how many rows the assembly takes at once; one call of the inner loop gets that many.
const gemvRows = 8

func (r *gemvRun[T]) Part(worker int) {
	from, to := share(r.a.rows, lineElems[T](), r.workers, worker)
	clear(r.y[from:to])
	for j := 0; j < r.a.cols; j += gemvCols {
		cols := min(gemvCols, r.a.cols-j)
		for i := from; i < to; i += gemvRows {
			rows := min(gemvRows, to-i)
			r.loop(r.y[i:i+rows], matrix[T]{r.a.at(i, j), rows, cols, r.a.stride}, r.x[j:j+cols])
		}
	}
}
