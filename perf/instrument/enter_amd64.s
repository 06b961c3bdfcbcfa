#include "textflag.h"
#include "funcdata.h"

// Offsets as in rewrite/layout.go; layout_test.go compares them.
#define OffHandle    0x008
#define OffEntrySP   0x010
#define OffEntryBP   0x018
#define OffReturn    0x038
#define OffAside     0x078
#define OffStackSP   0x090

// func enter(fn uintptr)
TEXT ·enter(SB), 0, $8-8
	NO_LOCAL_POINTERS
	MOVQ fn+0(FP), AX
	CALL AX
	RET

// exit is where copies leave for Go. They jump here with SP at the return address of their entry, so that this is the frame
// of a function that the copy's caller has called.
TEXT ·exit(SB), 0, $16-0
	NO_LOCAL_POINTERS
	MOVQ OffHandle(GS), AX
	MOVQ AX, 0(SP)
	CALL ·onExit(SB)

	// The return address stands behind the frame of 16 bytes and the saved BP. If that is not where the copy was entered,
	// the stack has moved, in the call or on the way here. A copy on a stack of its own does not mind; one on this stack is
	// lost.
	MOVQ SP, AX
	ADDQ $24, AX
	SUBQ OffEntrySP(GS), AX
	JEQ  back
	CMPQ OffAside(GS), $0
	JEQ  own
	CALL ·onMovedStack(SB)
own:
	ADDQ AX, OffEntrySP(GS)
	ADDQ AX, OffStackSP(GS)
	ADDQ AX, OffEntryBP(GS)
back:
	MOVQ OffReturn(GS), AX
	JMP  AX

// func exitPC() uintptr
TEXT ·exitPC(SB), NOSPLIT, $0-8
	MOVQ $·exit(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func mxcsr() uint32
TEXT ·mxcsr(SB), NOSPLIT, $0-4
	STMXCSR ret+0(FP)
	RET
