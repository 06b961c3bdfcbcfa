package kernels

import (
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// streamKernels are copy, triad and dot on vectors of n elements: references for code that memory binds. In the order
// of All they stand by operation.
var streamKernels = slices.Concat(
	perVariant("b = a: moves bytes and computes nothing (0 FLOP; read it in B/s)", copyKernel[float32], copyKernel[float64]),
	perVariant("a = b + s·c: two loads, one store and 2 FLOPs per element", triadKernel[float32], triadKernel[float64]),
	perVariant("Σ aᵢ·bᵢ: two loads and 2 FLOPs per element, nothing stored", dotKernel[float32], dotKernel[float64]),
)

// vectors implements the inner loops of one variant. Slices of one call have equal lengths and do not overlap. No loop
// spends more than a millisecond in assembly when given at most chunk bytes per operand.
type vectors[T float] struct {
	copy  func(dst, src []T)
	triad func(dst, b, c []T, s T)
	// copyPast and triadPast store past the caches (non-temporally), or are nil where a variant has no such loops;
	// storeFence must follow them.
	copyPast  func(dst, src []T)
	triadPast func(dst, b, c []T, s T)
	dot       func(a, b []T) T
	// gemv adds A·x to y: A has len(y) rows of len(x) elements.
	gemv func(y []T, a matrix[T], x []T)
}

// chunk is how many bytes per operand one call of an inner loop gets: at 1 GB/s and three operands still under a
// millisecond, and long enough for the hardware prefetchers and the call to cost nothing.
const chunk = 256 << 10

// perVariant lists a kernel of every variant in both types.
func perVariant(doc string,
	f32 func(string, cpu.ISA, string, vectors[float32]) *Kernel, f64 func(string, cpu.ISA, string, vectors[float64]) *Kernel,
) []*Kernel {
	return []*Kernel{
		f32("naive", cpu.Go, doc+"; plain Go", goVectors[float32]()), f64("naive", cpu.Go, doc+"; plain Go", goVectors[float64]()),
		f32("avx2", cpu.AVX2, doc, avx2VectorsF32), f64("avx2", cpu.AVX2, doc, avx2VectorsF64),
		f32("avx512", cpu.AVX512, doc, avx512VectorsF32), f64("avx512", cpu.AVX512, doc, avx512VectorsF64),
	}
}

// streamKernel makes a registry entry of an operation on vectors of n elements.
func streamKernel[T float](op, variant string, isa cpu.ISA, doc string, flops, loads, stores float64,
	build func(n, workers int) Instance,
) *Kernel {
	needs, es := []cpu.ISA{isa}, float64(sizeof[T]())
	k := &Kernel{
		Op: op, Variant: variant, DType: dtypeOf[T](), ISA: isa, Needs: needs, Doc: doc, Roof: roof[T](isa),
		Work: func(s shape.Shape) Work {
			n := float64(s.N)
			return Work{
				FLOPs: flops * n, LoadBytes: loads * es * n, StoreBytes: stores * es * n,
				WorkingSet: int64((loads + stores) * es * n),
			}
		},
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		return build(s.N, workers), nil
	}
	return k
}

// lineElems is the number of elements of a cache line: workers share vectors in whole lines.
func lineElems[T element]() int { return 64 / sizeof[T]() }

// eachChunk calls f for consecutive ranges of at most chunk bytes that make up worker's share of n elements.
func eachChunk[T float](n, workers, worker int, f func(from, to int)) {
	from, to := share(n, lineElems[T](), workers, worker)
	for step := chunk / sizeof[T](); from < to; from += step {
		f(from, min(from+step, to))
	}
}

// past reports whether n elements in each of so many arrays exceed the last cache together. Stores then go past the caches
// where a variant can do that: the lines would be pushed out before they are used again, and an ordinary store would
// first read each of them from memory.
func past[T float](arrays, n int) bool { return arrays*n*sizeof[T]() > ownCaches().last }

// pastDoc adds to the doc of variants with two kinds of stores.
func pastDoc(isa cpu.ISA, doc string) string {
	if isa == cpu.Go {
		return doc
	}
	return doc + "; stores past the caches when the arrays exceed the last one"
}

func copyKernel[T float](variant string, isa cpu.ISA, doc string, v vectors[T]) *Kernel {
	return streamKernel[T]("copy", variant, isa, pastDoc(isa, doc), 0, 1, 1, func(n, workers int) Instance {
		room := newOperandRoom(slices.Repeat([]int{n * sizeof[T]()}, 2)...)
		c := newCopy(take[T](room, n), take[T](room, n), workers, v, past[T](2, n))
		fill(c.src, 1)
		return c
	})
}

// copyRun is dst = src.
type copyRun[T float] struct {
	dst, src []T
	workers  int
	loop     func(dst, src []T)
	past     bool // loop stores past the caches
}

func newCopy[T float](dst, src []T, workers int, v vectors[T], past bool) *copyRun[T] {
	if past && v.copyPast != nil {
		return &copyRun[T]{dst, src, workers, v.copyPast, true}
	}
	return &copyRun[T]{dst, src, workers, v.copy, false}
}

func (r *copyRun[T]) Part(worker int) {
	eachChunk[T](len(r.dst), r.workers, worker, func(from, to int) { r.loop(r.dst[from:to], r.src[from:to]) })
	if r.past {
		storeFence()
	}
}

func triadKernel[T float](variant string, isa cpu.ISA, doc string, v vectors[T]) *Kernel {
	return streamKernel[T]("triad", variant, isa, pastDoc(isa, doc), 2, 2, 1, func(n, workers int) Instance {
		room := newOperandRoom(slices.Repeat([]int{n * sizeof[T]()}, 3)...)
		t := newTriad(take[T](room, n), take[T](room, n), take[T](room, n), 0.75, workers, v, past[T](3, n))
		fill(t.b, 1)
		fill(t.c, 2)
		return t
	})
}

// triadRun is dst = b + s·c.
type triadRun[T float] struct {
	dst, b, c []T
	s         T
	workers   int
	loop      func(dst, b, c []T, s T)
	past      bool // loop stores past the caches
}

func newTriad[T float](dst, b, c []T, s T, workers int, v vectors[T], past bool) *triadRun[T] {
	if past && v.triadPast != nil {
		return &triadRun[T]{dst, b, c, s, workers, v.triadPast, true}
	}
	return &triadRun[T]{dst, b, c, s, workers, v.triad, false}
}

func (r *triadRun[T]) Part(worker int) {
	eachChunk[T](len(r.dst), r.workers, worker, func(from, to int) {
		r.loop(r.dst[from:to], r.b[from:to], r.c[from:to], r.s)
	})
	if r.past {
		storeFence()
	}
}

func dotKernel[T float](variant string, isa cpu.ISA, doc string, v vectors[T]) *Kernel {
	return streamKernel[T]("dot", variant, isa, doc, 2, 2, 0, func(n, workers int) Instance {
		room := newOperandRoom(slices.Repeat([]int{n * sizeof[T]()}, 2)...)
		a, b := take[T](room, n), take[T](room, n)
		fillEighths(a, 1)
		fillEighths(b, 2)
		return newDot(a, b, workers, v.dot)
	})
}

// slot is the distance in bytes between partial sums of different workers: two lines, because some processors fetch
// lines in pairs.
const slot = 128

// dotRun is Σ a·b. Workers leave partial sums, element worker·slot/size; adding those up is the reader's, since shares
// have no barrier between them.
type dotRun[T float] struct {
	a, b, sums []T
	workers    int
	loop       func(a, b []T) T
}

func newDot[T float](a, b []T, workers int, loop func(a, b []T) T) *dotRun[T] {
	return &dotRun[T]{a, b, alloc[T](workers * slot / sizeof[T]()), workers, loop}
}

func (r *dotRun[T]) Part(worker int) {
	var sum T
	eachChunk[T](len(r.a), r.workers, worker, func(from, to int) { sum += r.loop(r.a[from:to], r.b[from:to]) })
	r.sums[worker*slot/sizeof[T]()] = sum
}
