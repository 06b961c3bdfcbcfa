// Package blocks finds the code of a function and what an instrumenter must know about it.
//
// Glossary:
//
//	block     instructions that are always executed one after the other; control enters at the first and leaves at the last.
//	          One that changes the tile configuration ends its block
//	head      a block that interrupts paths: every cycle passes one, and so does every call
//	live      a flag or register whose value may still be read
//	dead      not live: it can be overwritten
//	free      of registers: not touched by any instruction of a set of blocks
//	loop      a natural loop: a head that dominates all blocks of the loop, and the way back to it
//	version   the value of a register between two writes; a register that only moves by constants keeps its version
//	late      code found while the function runs, as the target of an indirect jump
//
// The package reads code and changes nothing. What it cannot follow (system calls, far control flow, code that needs the
// direction flag set, unknown instructions) is not guessed: the block ends there with a *RefusedError.
package blocks
