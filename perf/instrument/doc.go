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
// # Use
//
// Functions of this binary are patched and then called as always:
//
//	p, err := New(Assembly("example.com/kernels."), Options{Mode: rewrite.Count, ABI: blocks.GoABI0})
//	th, err := p.NewThread()                // one for each OS thread
//	undo, err := p.Patch()
//	err = th.Run(func() { kernel.Run() })   // on this goroutine, wired to its thread
//	undo()
//	totals, err := th.Profile().Totals()
//
// Code at any address is called by Thread.Call, on a stack of its own, in the C or the Go convention. In trace mode the log
// goes to a Sink, and Log.References replays it.
//
// Source and Simulated are the perf.Sources; they start a Child, which answers by Serve. Faults in copies are
// *FaultError, code that is not understood is *blocks.RefusedError.
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
