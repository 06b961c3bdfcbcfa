#include "textflag.h"

#define OffTarget     0x040
#define OffSignal     0x380
#define OffSignalCode 0x388
#define OffSignalAddr 0x390

#define ucontextRIP 168
#define archGetGS   0x1004

// faultHandler(signal DI, siginfo SI, ucontext DX) turns a signal in a copy into an exit from it: it notes what happened in
// the thread's context and lets the thread go on in the code for that. Other signals are the Go runtime's.
TEXT ·faultHandler(SB), NOSPLIT|NOFRAME, $0
	MOVQ ucontextRIP(DX), R8
	LEAQ ·faultRanges(SB), R9
	MOVQ $16, R10
next:
	CMPQ R8, 0(R9)
	JCS  other
	CMPQ R8, 8(R9)
	JCS  inside
other:
	ADDQ $24, R9
	DECQ R10
	JNE  next
runtime:
	LEAQ ·faultOld(SB), AX
	MOVQ (AX)(DI*8), AX
	JMP  AX

inside:
	// A thread that is not bound has no context.
	MOVQ DI, R12
	MOVQ SI, R13
	MOVQ DX, R14
	MOVQ $0, -64(SP)
	LEAQ -64(SP), SI
	MOVQ $archGetGS, DI
	MOVQ $158, AX
	SYSCALL
	MOVQ R12, DI
	MOVQ R13, SI
	MOVQ R14, DX
	CMPQ -64(SP), $0
	JEQ  runtime

	MOVQ    R8, OffTarget(GS)
	MOVQ    DI, OffSignal(GS)
	MOVLQSX 8(SI), AX
	MOVQ    AX, OffSignalCode(GS)
	MOVQ    16(SI), AX
	MOVQ    AX, OffSignalAddr(GS)
	MOVQ    16(R9), AX
	MOVQ    AX, ucontextRIP(DX)
	RET

// func faultHandlerPC() uintptr
TEXT ·faultHandlerPC(SB), NOSPLIT, $0-8
	MOVQ $·faultHandler(SB), AX
	MOVQ AX, ret+0(FP)
	RET
