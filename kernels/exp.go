package kernels

import "math"

// log2e turns natural exponents into binary ones: eˣ = 2^(x·log2e).
const log2e = 1.4426950408889634

// exp2f returns 2ˣ within 1.5 ulp for -126 ≤ x < 127.5 and 0 for x < -126 (a softmax weight that small is lost in the sum).
// It is the scalar form of what the AVX2 kernels compute: x = n + f with n the nearest integer, a degree-6 polynomial
// for 2^f whose relative error on [-½, ½] is 1.9e-9 (minimax, found by the Remez exchange), and n put into the exponent.
func exp2f(x float32) float32 {
	if x < -126 {
		return 0
	}
	const magic = 3 << 22 // adding it leaves the nearest integer in the low bits
	n := x + magic
	f := x - (n - magic)
	p := float32(1.5345812e-4)
	p = p*f + 1.3399931e-3
	p = p*f + 9.6184890e-3
	p = p*f + 5.5503288e-2
	p = p*f + 2.4022647e-1
	p = p*f + 6.9314721e-1
	p = p*f + 1
	return p * math.Float32frombits((math.Float32bits(n)+127)<<23)
}
