// Package compare says whether a change helped: it holds a new measurement of a kernel, or of a command, against a base.
//
// Terms:
//
//	side      base or new: one thing that was measured, by one or several processes
//	process   one start of the program; memory layout and environment differ from process to process, so the processes
//	          are what repeats independently, not the samples within one
//	pair      one process of each side, run one right after the other, in alternating order (ABBA)
//	speed-up  base time ÷ new time: above 1 the new side is faster
//	floor     noise floor: the relative difference that comparisons of identical code stay below (A/A)
//
// The package refuses to call a difference real that does not exceed the noise floor, that its interval does not separate
// from 1, or that was found by looking at many kernels (p-values are adjusted by Holm's method).
package compare
