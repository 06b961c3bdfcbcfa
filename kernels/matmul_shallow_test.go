package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Every depth and width, whole and with a tail of one column and of all but one, all rows at once and a few at a time.
func TestShallow(t *testing.T) {
	testShallow[float32](t, avx512InPlaceF32)
	testShallow[float64](t, avx512InPlaceF64)
}

func testShallow[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		lanes := lineElems[T]()
		for k := 1; k <= len(u.shallow); k++ {
			columns := []int{1, lanes/2 - 1, lanes / 2}
			for v := 1; v <= len(u.shallow[k-1])+1; v++ { // in two blocks from the last but one on
				columns = append(columns, (v-1)*lanes+lanes/2+1, v*lanes-1, v*lanes)
			}
			for i, n := range columns {
				for j, m := range []int{1, 3, shallowRows, 2*shallowRows + 1} {
					c := []caches{{}, {l1: 32 << 10, l2: 1 << 20}}[(i+j)%2]
					checkProduct(t, m, n, k, i%3, kerneltest.Workers[j%len(kerneltest.Workers)], func(p *product[T, T], workers int) func(int) {
						return func(worker int) {
							from, to := share(m, 1, workers, worker)
							plan := planShallow(p, u, c, from, to)
							plan.run()
						}
					})
				}
			}
		}
	})
}

// Products of few inner elements are computed so, of many they are not.
func TestShallowIsChosen(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{{64, 64, 3, true}, {300, 6, 12, true}, {300, 100, 7, true}, {300, 100, 8, false}, {2048, 2048, 4, true}, {64, 64, 64, false}, {3, 29, 40, false}} {
		parts, columns := avx512InPlaceF64.parts(tt.m, tt.n, tt.k, 4, 2)
		if got := parts == nil && columns == 0; got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}

// Rows of one element and up to half of L1, whole vectors and not, fewer and more than are stored in a round.
func TestOuter(t *testing.T) {
	testOuter[float32](t, avx512InPlaceF32)
	testOuter[float64](t, avx512InPlaceF64)
}

func testOuter[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		lanes, c := lineElems[T](), caches{l1: 32 << 10, l2: 1 << 20}
		for vectors := 8; vectors <= 16; vectors++ {
			for pad, tail := range []int{1, lanes - 1, lanes} {
				n := vectors*lanes + tail
				if !u.takesOuter(n, 1, sizeof[T](), c) {
					t.Fatalf("%d columns are not taken row by row", n)
				}
				checkProduct(t, 5, n, 1, pad, 2, func(p *product[T, T], workers int) func(int) {
					return multiplyInPlace(p, workers, u, c)
				})
			}
		}
		for _, tt := range []struct{ n, k int }{{8 * lanes, 1}, {9 * lanes, 2}, {257 * lanes, 1}} {
			if u.takesOuter(tt.n, tt.k, sizeof[T](), c) {
				t.Errorf("%d columns, depth %d are taken row by row", tt.n, tt.k)
			}
		}
	})
}
