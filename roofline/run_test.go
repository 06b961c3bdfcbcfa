package roofline

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// The same function called with other arguments is another measurement: results of both must not be taken for one kernel that has
// become slower.
func TestID(t *testing.T) {
	for want, r := range map[string]Run{
		"matmul/avx512/f32 2x3x4":              {Kernel: "matmul", Variant: "avx512", DType: "f32", Shape: shape.Shape{M: 2, N: 3, K: 4}, Threads: 1},
		"triad/go/f64 5 t2":                    {Kernel: "triad", Variant: "go", DType: "f64", Shape: shape.Shape{N: 5}, Threads: 2},
		"f/libk.so/f64":                        {Kernel: "f", Variant: "libk.so", DType: "f64", Object: &Object{Function: "f"}},
		"f/libk.so/f64 (f64[1000], i64=1000)":  {Kernel: "f", Variant: "libk.so", DType: "f64", Object: &Object{Function: "f", Signature: "f64[1000], i64=1000"}},
		"dot/libk.so/f32 1000":                 {Kernel: "dot", Variant: "libk.so", DType: "f32", Shape: shape.Shape{N: 1000}, Object: &Object{As: "dot:1000"}},
		"hash/libk.so/ (u8[4096]=3, i64=4096)": {Kernel: "hash", Variant: "libk.so", Object: &Object{Signature: "u8[4096]=3,i64=4096 "}},
	} {
		if got := r.ID(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
