// Package instrument counts what machine code executes, exactly, by running an instrumented copy of it on the real processor.
//
// Glossary:
//
//	program   the copies of some functions, in one place, for one mode
//	mode      count (per-block counters) or trace (a log from which every address follows)
//	thread    the memory that one OS thread's runs write to: counters, log, saved state
//	exit      a way out of a copy into Go while it runs, and back: the log is full, code is found late
//	gate      what stands in the first bytes of a patched function: a jump to its copy
//
// Layers below: decode (bytes to operands), blocks (control flow, liveness), rewrite (the copy), flops (what an instruction
// counts as).
//
// # What counts
//
// Only the functions of a program are counted, from their first instruction to their return, with what they call
// inside the same code. Go code around them is not.
//
// # Safety
//
// Copies address their thread's memory through the GS segment, so a thread must be bound (Thread.Run does it) before a
// patched function runs on it. A fault in a copy is fatal for the process, as it would be in any assembly function. Run
// code that may fault in a child process (see Source). Instrumented runs are never timed.
package instrument
