package peercall

// What a user of a library that has no attention writes beside its functions, as functions of C.

// maskAddress is that of
//
//	void mask(void *corner, long n, long stride, long size)
//
// which writes -Inf above the diagonal of a square of n×n elements of float (size 4) or bf16 (size 2), rows stride bytes apart.
var maskAddress uintptr

// softmaxAddress is that of
//
//	void softmax(float *x, long n, float *sum)
//
// which replaces n ≥ 1 scores x by exp(x − max x), within 2⁻²² of it, and stores the sum of these. It needs AVX-512.
var softmaxAddress uintptr

// divideAddress is that of
//
//	void divide(float *o, long n, const float *by)
//
// which multiplies n elements by 1 / *by. It needs AVX-512.
var divideAddress uintptr
