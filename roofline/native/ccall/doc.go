// Package ccall measures one C function of a shared object: it calls the function on operands that a signature describes, counts
// the call with its instrumented copy, and times the function as it is.
//
// Terms:
//
//	signature  how the function is called: a known one, e.g. sgemm:512x512x512 (package native), whose result is verified, or any
//	           other, e.g. f32[1024], i64=1024 (type Signature), whose result is not looked at
//	spec       the file, the function and its signature, for the process that runs it
//	child      that process: this program, started again. A crash of the function is its end, not ours
//
// The object is mapped by package perf/instrument/object, not by the dynamic linker, so that counts and times are of the same
// code. The package refuses to time what has crashed while it was counted.
package ccall
