package kernels

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Every depth and number of rows at once, with tails of one column and of whole vectors, in one block of columns and in several.
func TestShort(t *testing.T) {
	testShort[float32](t, avx512InPlaceF32)
	testShort[float64](t, avx512InPlaceF64)
}

func testShort[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		lanes := lineElems[T]()
		for i := range u.short {
			for m := 1; m <= 9; m++ {
				for j, n := range []int{1, lanes, lanes + 1, 4*lanes - 1, 5 * lanes, 11*lanes + 3} {
					c := []caches{{l1: 1 << 10, l2: 1 << 20}, {l1: 48 << 10, l2: 1 << 20}}[(m+j)%2]
					checkProduct(t, m, n, i+2, j%3, kerneltest.Workers[j%len(kerneltest.Workers)], func(p *product[T, T], workers int) func(int) {
						return func(worker int) {
							from, to := share(m, 1, workers, worker)
							for _, call := range planShort(p, u, c, from, to, 0, n) {
								call.run(&call.args)
							}
						}
					})
				}
			}
		}
	})
}

// A product in runs shares columns among workers where there are few rows for each, and rows elsewhere.
func TestShortIsShared(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	u, c := avx512InPlaceF64, caches{l1: 48 << 10, l2: 1 << 20}
	u.near = c.l1 * 5 / 6
	for _, m := range []int{1, 3, 11, 40} {
		for _, workers := range kerneltest.Workers {
			if !u.takesShort(m, 205, 3, 8) {
				t.Fatalf("%d rows are not taken in runs", m)
			}
			checkProduct(t, m, 205, 3, 1, workers, func(p *product[float64, float64], workers int) func(int) {
				return multiplyInPlace(p, workers, u, c)
			})
		}
	}
}

// Where a large C comes from a far last cache, runs are along whole rows, and not pieces whose part of B stays in L1.
func TestRunsAlongWholeRows(t *testing.T) {
	u := inPlace{short: [][]func(*asm.MatmulShallow){make([]func(*asm.MatmulShallow), 4)}}
	for _, tt := range []struct {
		m    int
		far  bool
		want int
	}{{300, true, 1}, {300, false, 4}, {200, true, 4}} {
		p := newProduct[float64, float64](shape.Shape{M: tt.m, N: 1000, K: 2})
		c := caches{l1: 32 << 10, l2: 2 << 20, far: tt.far}
		blocks := map[int]bool{}
		for _, call := range planShort(p, u, c, 0, tt.m, 0, 1000) {
			blocks[int(uintptr(unsafe.Pointer(call.args.B))-uintptr(unsafe.Pointer(pointer(p.b.data))))] = true
		}
		if len(blocks) != tt.want {
			t.Errorf("%d rows, far %v: %d blocks of columns, want %d", tt.m, tt.far, len(blocks), tt.want)
		}
	}
}

// However long rows are, a call takes so much of B and C as others do of B, and all columns are multiplied.
func TestCallsOfLongRunsAreShort(t *testing.T) {
	u := inPlace{short: [][]func(*asm.MatmulShallow){make([]func(*asm.MatmulShallow), 4)}}
	const m, n, k = 3, 100003, 2
	p := newProduct[float32, float32](shape.Shape{M: m, N: n, K: k})
	most, end := 0, pointer(p.c.data)
	for _, call := range planShort(p, u, caches{l1: 48 << 10, l2: 1 << 20}, 0, m, 0, n) {
		if call.args.C != end || call.args.Rows != 1 {
			t.Fatal("a call does not begin where the one before ends")
		}
		bytes := (call.args.Vectors + 1) * 64
		most, end = max(most, bytes*(m+k)), (*byte)(unsafe.Add(unsafe.Pointer(end), bytes))
	}
	if left := uintptr(unsafe.Pointer(&p.c.data[n-1])) - uintptr(unsafe.Pointer(end)) + 64; most > streamBytes || left >= 64 {
		t.Errorf("up to %d bytes of B and C in a call, the last ends %d bytes from the end", most, int(left)-64)
	}
}

// Products of few inner elements are computed in runs where C takes longer to store than to compute, on processors that multiply whole vectors at once.
func TestShortIsChosen(t *testing.T) {
	u := inPlace{near: 40 << 10, l2: 1 << 20, shallow: avx512InPlaceF64.shallow, short: avx512InPlaceF64.short}
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{29, 623, 2, true}, {1, 1201, 7, true}, {11, 460, 5, true}, {300, 3000, 6, true}, {6, 56, 4, true}, {200, 100, 2, true},
		{12, 500, 7, true}, {1000, 600, 7, true}, {500, 600, 7, false}, {6, 20, 4, true}, {5, 20, 4, false}, {12, 20, 7, false},
		{29, 623, 1, false}, {29, 623, 8, false}, {40, 500, 7, false}, {1, 8, 3, false}, {300, 56, 2, false}, {300, 90, 5, false}, {30, 120, 2, false},
	} {
		if got := u.takesShort(tt.m, tt.n, tt.k, 8); got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
		own := u
		own.slowLines = true // on C from L2's size on
		if got, want := own.takesShort(tt.m, tt.n, tt.k, 8), tt.want || tt.m*tt.n*8 > u.l2 && tt.k == 7; got != want {
			t.Errorf("with slow lines %d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, want)
		}
		if slow := (inPlace{shallow: u.shallow, short: u.short}); slow.takesShort(tt.m, tt.n, tt.k, 8) {
			t.Errorf("%d×%d×%d is taken in runs by halves of vectors", tt.m, tt.n, tt.k)
		}
	}
}
