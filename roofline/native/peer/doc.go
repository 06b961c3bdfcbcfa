// Package peer measures other libraries beside the built-in kernels: the user's installed OpenBLAS, BLIS, oneDNN and libxsmm, each
// in a helper process of its own, in the same turns, verified against the same reference.
//
// Terms:
//
//	peer     a library that computes what a kernel of ours computes
//	library  one build of it on this machine
//	way      how to get the best of it: an environment variable that names one of its kernels, or one of its functions
//	trial    a short race of the ways on the very problem; the fastest whose result is right is what is measured
//
// The package refuses to time a result that is wrong, and to leave a library with a kernel that it only chose because it does
// not know the processor.
package peer
