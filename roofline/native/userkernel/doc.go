// Package userkernel makes a kernel of a function in a shared object: operands, reference, calls. It is used in processes that a
// crash of the function may end: the helper, and the children of measure --object.
package userkernel
