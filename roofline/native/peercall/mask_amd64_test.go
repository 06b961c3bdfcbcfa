package peercall

import (
	"math"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Above the diagonal of every square there is -Inf, and everything else is as it was: in either type, at every size that the
// loops divide differently.
func TestMask(t *testing.T) {
	const keys, first = 50, 7
	for n := 1; n <= 40; n++ {
		var wide [40 * keys]float32
		var narrow [40 * keys]uint16
		purego.SyscallN(maskAddress, uintptr(unsafe.Pointer(&wide[first])), uintptr(n), 4*keys, 4)
		purego.SyscallN(maskAddress, uintptr(unsafe.Pointer(&narrow[first])), uintptr(n), 2*keys, 2)
		for i := range wide {
			row, col := i/keys, i%keys-first
			want := 0.0
			if row < n && col > row && col < n {
				want = math.Inf(-1)
			}
			if float64(wide[i]) != want || float64(math.Float32frombits(uint32(narrow[i])<<16)) != want {
				t.Fatalf("n=%d, row %d, column %d: %g and %#x, want %g", n, row, col, wide[i], narrow[i], want)
			}
		}
	}
}
