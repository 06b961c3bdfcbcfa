package peercall

// maskAddress is that of a C function
//
//	void mask(void *corner, long n, long stride, long size)
//
// which writes -Inf above the diagonal of a square of n×n elements of float (size 4) or bf16 (size 2), rows stride bytes apart.
var maskAddress uintptr
