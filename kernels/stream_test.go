package kernels

import (
	"fmt"
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

func TestVectors(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	testVectors(t, "naive", cpu.Go, goVectors[float32]())
	testVectors(t, "naive", cpu.Go, goVectors[float64]())
	testVectors(t, "avx2", cpu.AVX2, avx2VectorsF32)
	testVectors(t, "avx2", cpu.AVX2, avx2VectorsF64)
	testVectors(t, "avx512", cpu.AVX512, avx512VectorsF32)
	testVectors(t, "avx512", cpu.AVX512, avx512VectorsF64)
}

// testVectors runs one variant's loops through their instances. Values are small integers, so every result is exact.
func testVectors[T float](t *testing.T, variant string, isa cpu.ISA, v vectors[T]) {
	sizes := append(kerneltest.Sizes(128), 1000, 1009, 4099, chunk/sizeof[T]()+1) // 8 vectors of 16 elements are 128
	run := func(op string, test func(t *testing.T)) {
		t.Run(fmt.Sprintf("%s/%s/%s", op, variant, dtypeOf[T]()), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(isa))
			test(t)
		})
	}
	run("copy", func(t *testing.T) { eachVector(t, sizes, v, checkCopy[T](false)) })
	run("triad", func(t *testing.T) { eachVector(t, sizes, v, checkTriad[T](false)) })
	if isa != cpu.Go {
		run("copy past the caches", func(t *testing.T) { eachVector(t, sizes, v, checkCopy[T](true)) })
		run("triad past the caches", func(t *testing.T) { eachVector(t, sizes, v, checkTriad[T](true)) })
	}
	run("dot", func(t *testing.T) { eachVector(t, sizes, v, checkDot) })
	run("gemv", func(t *testing.T) {
		for i, m := range append(kerneltest.Sizes(gemvRows), 50, 133) {
			for j, n := range append(kerneltest.Sizes(16), 100, gemvCols+17) {
				for _, workers := range kerneltest.Workers {
					checkGemv(t, m, n, (i+j)%3, workers, v)
				}
			}
		}
	})
}

func eachVector[T float](t *testing.T, sizes []int, v vectors[T], check func(t *testing.T, n, workers int, v vectors[T])) {
	for _, n := range sizes {
		for _, workers := range kerneltest.Workers {
			check(t, n, workers, v)
		}
	}
}

// The values of the operands.
func valueB[T float](_, i int) T { return T(i%13 - 6) }
func valueC[T float](_, i int) T { return T(i%11 - 5) }

func runAll(workers int, r Instance) {
	for w := range workers {
		r.Part(w)
	}
}

func checkCopy[T float](past bool) func(t *testing.T, n, workers int, v vectors[T]) {
	return func(t *testing.T, n, workers int, v vectors[T]) {
		o := kerneltest.New(t)
		r := newCopy(kerneltest.Output[T](o, "b", 1, n, n), kerneltest.Input(o, "a", 1, n, n, valueB[T]), workers, v, past)
		runAll(workers, r)
		if r.past != past {
			t.Fatalf("stores go past the caches: %v, want %v", r.past, past)
		}
		requireElements(t, o, fmt.Sprintf("copy %d, %d workers", n, workers), r.dst, func(i int) T { return valueB[T](0, i) })
	}
}

func checkTriad[T float](past bool) func(t *testing.T, n, workers int, v vectors[T]) {
	return func(t *testing.T, n, workers int, v vectors[T]) {
		o := kerneltest.New(t)
		r := newTriad(kerneltest.Output[T](o, "a", 1, n, n), kerneltest.Input(o, "b", 1, n, n, valueB[T]),
			kerneltest.Input(o, "c", 1, n, n, valueC[T]), 3, workers, v, past)
		runAll(workers, r)
		if r.past != past {
			t.Fatalf("stores go past the caches: %v, want %v", r.past, past)
		}
		requireElements(t, o, fmt.Sprintf("triad %d, %d workers", n, workers), r.dst,
			func(i int) T { return valueB[T](0, i) + 3*valueC[T](0, i) })
	}
}

// Stores go past the caches when, and only when, the arrays do not fit the last one together.
func TestPast(t *testing.T) {
	last := ownCaches().last
	if last == math.MaxInt {
		t.Skip("the caches are not known")
	}
	for _, tt := range []struct {
		arrays, n int
		want      bool
	}{{2, 1, false}, {2, last / 16, false}, {2, last/16 + 1, true}, {3, last / 24, false}, {3, last/24 + 1, true}} {
		if got := past[float64](tt.arrays, tt.n); got != tt.want {
			t.Errorf("%d arrays of %d float64: %v with a last cache of %d bytes", tt.arrays, tt.n, got, last)
		}
	}
}

func checkDot[T float](t *testing.T, n, workers int, v vectors[T]) {
	o := kerneltest.New(t)
	r := newDot(kerneltest.Input(o, "a", 1, n, n, valueB[T]), kerneltest.Input(o, "b", 1, n, n, valueC[T]), workers, v.dot)
	poison(r.sums)
	runAll(workers, r)
	var got, want T
	for w := range workers {
		got += r.sums[w*slot/sizeof[T]()]
	}
	for i := range n {
		want += valueB[T](0, i) * valueC[T](0, i)
	}
	if err := o.Check(); err != nil || got != want {
		t.Fatalf("dot %d, %d workers: %v, want %v; %v", n, workers, got, want, err)
	}
}

func checkGemv[T float](t *testing.T, m, n, pad, workers int, v vectors[T]) {
	o := kerneltest.New(t)
	value := func(i, j int) T { return T((i*5+j*3)%9 - 4) }
	r := &gemvRun[T]{
		kerneltest.Output[T](o, "y", 1, m, m),
		matrix[T]{kerneltest.Input(o, "A", m, n, n+pad, value), m, n, n + pad},
		kerneltest.Input(o, "x", 1, n, n, valueC[T]), workers, v.gemv,
	}
	runAll(workers, r)
	requireElements(t, o, fmt.Sprintf("gemv %dx%d, padding %d, %d workers", m, n, pad, workers), r.y, func(i int) (want T) {
		for j := range n {
			want += value(i, j) * valueC[T](0, j)
		}
		return want
	})
}

// requireElements wants exactly want(i) in every element of got, and untouched surroundings.
func requireElements[T float](t *testing.T, o *kerneltest.Operands, what string, got []T, want func(i int) T) {
	t.Helper()
	if err := o.Check(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for i, x := range got {
		if x != want(i) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, x, want(i))
		}
	}
}

// Shares of a vector are disjoint, complete, in order, and start on cache lines.
func TestShare(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 100, 4096} {
		for workers := 1; workers <= 7; workers++ {
			end := 0
			for w := range workers {
				from, to := share(n, 16, workers, w)
				if from != end || to < from || (from%16 != 0 && from != n) {
					t.Fatalf("share(%d, 16, %d, %d) = %d, %d after %d", n, workers, w, from, to, end)
				}
				end = to
			}
			if end != n {
				t.Fatalf("shares of %d among %d end at %d", n, workers, end)
			}
		}
	}
}

// A single wrong or missed element must show in every verification.
func TestStreamVerifySeesErrors(t *testing.T) {
	const n = 1 << 20
	var v vectors[float32]
	all := goVectors[float32]()
	v.copy = func(dst, src []float32) { all.copy(dst[1:], src[1:]) }
	v.triad = func(dst, b, c []float32, s float32) {
		all.triad(dst, b, c, s)
		dst[len(dst)-1] = math.Nextafter32(math.Nextafter32(dst[len(dst)-1], 9), 9) * (1 + 0x1p-22)
	}
	v.dot = func(a, b []float32) float32 { return all.dot(a[:len(a)-1], b[:len(b)-1]) }
	a, b := alloc[float32](n), alloc[float32](n)
	fillEighths(a, 1)
	fillEighths(b, 2)
	matrix := matrix[float32]{a, 1 << 10, 1 << 10, 1 << 10}
	for name, r := range map[string]Instance{
		"copy":  newCopy(alloc[float32](n), a, 1, v, false),
		"triad": newTriad(alloc[float32](n), a, b, 0.75, 1, v, false),
		"dot":   newDot(a, b, 1, v.dot),
		"gemv": &gemvRun[float32]{alloc[float32](1 << 10), matrix, b[:1<<10], 1, func(y []float32, a matrixF32, x []float32) {
			all.gemv(y[:len(y)-1], a, x)
		}},
	} {
		if got, err := r.Verify(); err != nil || got.MaxError <= got.Tolerance {
			t.Errorf("%s: error not seen: %+v, %v", name, got, err)
		}
	}
}

type matrixF32 = matrix[float32]
