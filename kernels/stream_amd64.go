package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// asmVectors adapts assembly to slices.
func asmVectors[T float](
	move, movePast func(dst, src *T, n int), triad, triadPast func(dst, b, c *T, n int, s T),
	dot func(a, b *T, n int) T, gemv func(y, a *T, aBytes int, x *T, n int),
) vectors[T] {
	slicedCopy := func(move func(dst, src *T, n int)) func(dst, src []T) {
		return func(dst, src []T) { move(unsafe.SliceData(dst), unsafe.SliceData(src), len(dst)) }
	}
	slicedTriad := func(triad func(dst, b, c *T, n int, s T)) func(dst, b, c []T, s T) {
		return func(dst, b, c []T, s T) {
			triad(unsafe.SliceData(dst), unsafe.SliceData(b), unsafe.SliceData(c), len(dst), s)
		}
	}
	return vectors[T]{
		copy: slicedCopy(move), copyPast: slicedCopy(movePast),
		triad: slicedTriad(triad), triadPast: slicedTriad(triadPast),
		dot: func(a, b []T) T { return dot(unsafe.SliceData(a), unsafe.SliceData(b), len(a)) },
		gemv: func(y []T, a matrix[T], x []T) {
			if len(y) == gemvRows {
				gemv(unsafe.SliceData(y), unsafe.SliceData(a.data), a.stride*sizeof[T](), unsafe.SliceData(x), len(x))
				return
			}
			for i := range y {
				y[i] += dot(unsafe.SliceData(a.row(i)), unsafe.SliceData(x), len(x))
			}
		},
	}
}

// The vector loops in assembly.
var (
	avx2VectorsF32   = asmVectors(asm.CopyAVX2F32, asm.CopyPastAVX2F32, asm.TriadAVX2F32, asm.TriadPastAVX2F32, asm.DotAVX2F32, asm.GemvAVX2F32)
	avx2VectorsF64   = asmVectors(asm.CopyAVX2F64, asm.CopyPastAVX2F64, asm.TriadAVX2F64, asm.TriadPastAVX2F64, asm.DotAVX2F64, asm.GemvAVX2F64)
	avx512VectorsF32 = asmVectors(asm.CopyAVX512F32, asm.CopyPastAVX512F32, asm.TriadAVX512F32, asm.TriadPastAVX512F32, asm.DotAVX512F32, asm.GemvAVX512F32)
	avx512VectorsF64 = asmVectors(asm.CopyAVX512F64, asm.CopyPastAVX512F64, asm.TriadAVX512F64, asm.TriadPastAVX512F64, asm.DotAVX512F64, asm.GemvAVX512F64)
)

// storeFence makes stores past the caches visible before any later store.
func storeFence() { asm.StoreFence() }
