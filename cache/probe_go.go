package cache

import (
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
)

// plain is the probes in Go, for machines without assembly here. The compiler keeps their loads: the results are used.
var plain = []Probe{
	{Op: "load", Form: "go", ISA: cpu.Go, run: goLoad},
	{Op: "store", Form: "go", ISA: cpu.Go, run: goStore},
	{Op: "copy", Form: "go", ISA: cpu.Go, run: goCopy},
	{Op: "triad", Form: "go", ISA: cpu.Go, run: goTriad},
}

func words(p *byte, n int) []uint64 { return unsafe.Slice((*uint64)(unsafe.Pointer(p)), n/8) }

func doubles(p *byte, n int) []float64 { return unsafe.Slice((*float64)(unsafe.Pointer(p)), n/8) }

//go:noinline
func goLoad(a, _, _ *byte, n, passes int) {
	v := words(a, n)
	var s0, s1, s2, s3 uint64
	for range passes {
		for w := v; len(w) >= 8; w = w[8:] {
			s0 |= w[0] | w[4]
			s1 |= w[1] | w[5]
			s2 |= w[2] | w[6]
			s3 |= w[3] | w[7]
		}
	}
	if s0|s1|s2|s3 == 1 { // never: the arrays hold float64 values of at least 1
		v[0] = 0
	}
}

//go:noinline
func goStore(a, _, _ *byte, n, passes int) {
	v := doubles(a, n)
	for range passes {
		for w := v; len(w) >= 8; w = w[8:] {
			w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7] = 3, 3, 3, 3, 3, 3, 3, 3
		}
	}
}

//go:noinline
func goCopy(a, b, _ *byte, n, passes int) {
	to, from := words(a, n), words(b, n)
	for range passes {
		copy(to, from)
	}
}

//go:noinline
func goTriad(a, b, c *byte, n, passes int) {
	x, y, z := doubles(a, n), doubles(b, n), doubles(c, n)
	for range passes {
		for i := range x {
			x[i] = 3*y[i] + z[i]
		}
	}
}
