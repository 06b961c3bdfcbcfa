package peercall

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Weights are those of the exponential in float64, at every number that the loops divide differently, and nothing behind the
// scores is touched.
func TestSoftmax(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 200; n++ {
		x, want := make([]float32, n+16), make([]float64, n)
		top := math.Inf(-1)
		for i := range x {
			x[i] = 40*r.Float32() - 30
		}
		for i := range want {
			top = max(top, float64(x[i]))
		}
		total := 0.0
		for i := range want {
			want[i] = math.Exp(float64(x[i]) - top)
			total += want[i]
		}
		behind := append([]float32(nil), x[n:]...)
		var sum float32
		purego.SyscallN(softmaxAddress, uintptr(unsafe.Pointer(&x[0])), uintptr(n), uintptr(unsafe.Pointer(&sum)))
		for i, w := range want {
			// x − max and (x − max)·log₂e, up to 58 of it, are rounded to float32, and so is log₂e.
			if e := math.Abs(float64(x[i])-w) / w; !(e <= 0x1p-22+3*40*0x1p-24) {
				t.Fatalf("n=%d: weight %d is %g, want %g", n, i, x[i], w)
			}
		}
		if e := math.Abs(float64(sum)-total) / total; !(e <= 1e-5) {
			t.Fatalf("n=%d: the sum is %g, want %g", n, sum, total)
		}
		o := append([]float32(nil), x...)
		purego.SyscallN(divideAddress, uintptr(unsafe.Pointer(&o[0])), uintptr(n), uintptr(unsafe.Pointer(&sum)))
		for i := range want {
			if e := math.Abs(float64(o[i])*float64(sum)/float64(x[i]) - 1); !(e <= 0x1p-22) {
				t.Fatalf("n=%d: element %d is %g, want %g / %g", n, i, o[i], x[i], sum)
			}
		}
		for i, v := range behind {
			if x[n+i] != v || o[n+i] != v {
				t.Fatalf("n=%d: element %d was touched", n, n+i)
			}
		}
	}
}
