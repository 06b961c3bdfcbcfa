// Package inject counts what a function executes inside an unmodified program.
//
// Glossary:
//
//	program   the command that runs; it is not recompiled and not linked with anything
//	image     the instrumented copy of the function, with the memory that its threads write to, as one file in memory
//	context   the memory of one thread in the image
//	gate      where calls of the function come in: a jump, written over its first bytes, leads there
//	clone     a function that the compiler made of another one (NAME.constprop.0, NAME.isra.0, NAME.part.0)
//
// The program is started under ptrace and stopped before its first instruction, or at its entry point when the function is
// in a shared library. The image is mapped near the function, the function's first bytes are changed, and the program is let
// go: from then on it runs by itself, on its own stacks and threads, with its own signals. The counts are read from the
// file when it has ended.
//
// What is counted is the function with all that it calls directly within the same file; other libraries run as they are.
// The counts of all threads add up. The package refuses functions whose code it does not understand, whose first bytes
// something jumps to, or which use tiles.
package inject
