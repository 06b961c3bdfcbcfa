// Package tileemu executes the tile instructions of AMX for a program on a processor that has none.
//
// Glossary:
//
//	tile      one of 8 registers of up to 16 rows of 64 bytes
//	palette   what a configuration of tiles may be; 0: no tiles, 1: the one that exists
//	colsb     bytes of a row
//	fault     why an instruction is not executed: the program gets the signal that it would get from a processor with tiles
//
// The program runs under ptrace. Each tile instruction stops it as illegal, is executed here on tiles that are kept for its thread,
// and the program goes on behind it. What is emulated: AMX-TILE, AMX-BF16 and AMX-INT8.
//
// What the instructions do is Intel's Software Developer's Manual, volume 2: the operations of LDTILECFG, STTILECFG, TILERELEASE,
// TILEZERO, TILELOADD, TILELOADDT1, TILESTORED, TDPBF16PS and TDPBSSD with its three siblings, and the exception classes AMX-E1 to
// AMX-E6. Not emulated: a start row that is not 0, 32-bit addresses, and saved tiles in the frames of signal handlers: a handler that
// uses tiles would find and leave those of the code that it interrupted.
package tileemu
