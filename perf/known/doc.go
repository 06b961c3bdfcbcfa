// Package known has kernels of known work: loops whose instructions, floating-point operations, loads, stores and lines of
// memory per call are known before they run, so that a counter can be compared with the truth.
//
// Terms:
//
//	tally     what one execution of a piece of code does: instructions, loads, stores, operations
//	code      an assembly function, described by its tallies: once per call, per pass, per iteration
//	kernel    a call of a code with fixed arguments, or a few; a perf.Workload
//	expected  what a source must count for one call: a value, or a range where the hardware may choose
//	home      the level of the hierarchy that serves a kernel's memory: L1, L2, L3 or DRAM
//
// Two kinds of kernels make counters comparable:
//
//   - Compute kernels do one kind of operation of one precision and width on registers. Each verifies the counter of its own
//     kind, and every other counter must read nothing: cross-talk between counters shows.
//   - Memory kernels walk through a buffer chosen so that a level serves all of it: several times the level inside it, a
//     fraction of its own size. Where the processor can flush lines, the kernels of the memory itself flush behind
//     themselves what they have touched: then every access must go to memory whatever the size and the policy of the last
//     cache.
//
// The tallies are written by hand beside the code; tests compare them with the machine code. Beside them a call executes
// a few dozen instructions of Go (the loop of the source, the wrappers of the calling convention): every compute kernel
// is so long that these are less than 0.1 % of its instructions.
//
// The package refuses to declare what the hardware is free to decide (hits of prefetched lines, clean lines that a victim
// cache takes in): there it gives the range, or nothing.
package known
