// Package rewrite makes the instrumented copy of a function: its own instructions, moved, with counting or logging code between
// them.
//
// Glossary:
//
//	copy      the rewritten code; it computes what the original computes, bit for bit, at the same stack pointer
//	context   a thread's memory for the copy's use, addressed by the GS segment; see Off… and Layout
//	borrow    to use a register that a loop does not touch, with its value put aside from entry to exit of the loop
//	record    what a block logs in trace mode: its ID and the words that its addresses derive from
//	word      8 bytes of a record: the value of a register, an address, a mask, a part of a vector
//	exit      a way out of the copy into Go, with all state saved, and back
//
// The copy never touches the stack beyond what the original does, and flags only where they are dead. It runs at any
// address within 2 GiB of the data that the original addresses relative to RIP. The package makes bytes and descriptions;
// mapping memory and running is perf/instrument's.
package rewrite
