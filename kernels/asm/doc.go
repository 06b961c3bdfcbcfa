// Package asm holds the assembly of the built-in kernels. Programs in _gen, which is a module of its own, write the files
// zz_*_amd64.s and zz_*_amd64.go: these are never edited, scripts/generate makes them anew.
//
//	matmul     products with B packed, packing, and few rows that B streams by; AMX
//	inplace    products of f32 and f64 with B where it lies, and of few columns or few inner elements
//	narrow     products of bf16 and int8 of few rows and few columns
//	attention  many queries, in lanes
//	decode     one query
//	stream     copy, triad, dot, gemv
//	ceilings   loops that measure compute ceilings; probes and known make those of packages cache and perf/known
//
// They share enc (instructions that Go's assembler does not know), vec (vector instructions of a set and type), address (fields of a
// function's argument, rows of a matrix) and softmax (exp2).
//
// Every function is a leaf: it calls nothing, allocates nothing, and ends with VZEROUPPER where it touched vector
// registers. Callers must have checked the feature groups (cpu.Usable) and must keep one call under about a
// millisecond, because the garbage collector cannot interrupt assembly. Sizes are in bytes where a name says so and in
// elements otherwise; no alignment is required, 64 bytes is fastest.
//
// The package has no pure Go fallback: on other architectures it has types only, and the registry offers the Go kernels.
package asm
