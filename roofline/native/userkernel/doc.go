// Package userkernel makes a kernel of a function in a shared object: operands, reference, calls. Only the helper uses it.
package userkernel
