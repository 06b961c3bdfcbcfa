// Package decode reads x86-64 machine code: one instruction at a time, from bytes to operands.
//
// Glossary:
//   - encoding: legacy (with or without REX), VEX, or EVEX;
//   - map: the opcode table an opcode byte belongs to: 0 = one byte, 1 = 0F, 2 = 0F 38, 3 = 0F 3A, 5 and 6 = the FP16 maps;
//   - PP: the mandatory prefix that is part of the opcode: none, 66, F3, F2;
//   - VSIB: a memory operand whose index is a vector register (gathers and scatters);
//   - lane: one element of a vector operation, governed by one bit of a mask register;
//   - kill: to overwrite certainly and wholly, so that the value before does not matter.
//
// For every instruction it tells the length, the registers, flags and memory that are read and written, where control goes, and
// where the parts that depend on the position (displacement from RIP, branch offset) stand. That is what a rewriter needs.
//
// What it does not know it refuses with an *UnknownError; it never guesses a length. Refused on purpose: XOP and 3DNow!,
// APX (REX2 and the extended EVEX forms), near branches with a 66 prefix (Intel and AMD read them differently), far
// control flow, and every opcode that has no row in the tables. It never reads past the end of the bytes given.
//
// The tables state architectural facts (Intel SDM volume 2, AMD APM volumes 3 to 5); scripts/check-decoder compares them with
// objdump, and docs/instrumentation-decoder.md holds the result.
package decode
