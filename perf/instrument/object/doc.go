// Package object maps a shared object for x86-64 into this process without the dynamic linker, so that functions in it can be
// called and instrumented.
//
// Terms:
//
//	image     the mapped segments of one file
//	import    a symbol that the object uses and does not define
//	stand-in  own machine code in place of an import: memcpy, memmove, memset, memcmp
//	trap      address of an import that there is nothing for: nothing can be read there, and instrumented code that goes there
//	          gets a fault, which Explain turns into the name
//
// Functions of the math library are those of this system's libm.so.6, mapped in the same way. Its code chooses by the
// processor's features, which only the dynamic linker knows: without it the variants for the baseline (SSE2) run.
//
// The package refuses what would need the dynamic linker or the C library: thread-local variables, imports other than those
// above, once they are used; relocations that it does not know, at once. Constructors are not run. No page is ever both
// writable and executable.
package object
