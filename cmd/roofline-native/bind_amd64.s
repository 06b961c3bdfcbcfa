#include "textflag.h"

GLOBL ·callC(SB), NOPTR|RODATA, $8
DATA ·callC(SB)/8, $callFrame(SB)

// callFrame makes the calls of the chain that DI points to, as often as it says. It runs on the system stack and is called by C's
// rules, so it keeps BX, R12, R13 and BP; the frame of 112 bytes keeps the stack aligned to 16. The callee may change its
// arguments on the stack, so they are written anew for every call. BX is the frame of a call, R12 the chain, R13 how many
// of its calls are left.
TEXT callFrame(SB), NOSPLIT, $112-0
	MOVQ BX, 80(SP)
	MOVQ R12, 88(SP)
	MOVQ R13, 96(SP)
	MOVQ DI, R12

again:
	MOVQ 0(R12), BX
	MOVQ 8(R12), R13

next:
	MOVQ 120(BX), AX
	MOVQ AX, 0(SP)
	MOVQ 128(BX), AX
	MOVQ AX, 8(SP)
	MOVQ 136(BX), AX
	MOVQ AX, 16(SP)
	MOVQ 144(BX), AX
	MOVQ AX, 24(SP)
	MOVQ 152(BX), AX
	MOVQ AX, 32(SP)
	MOVQ 160(BX), AX
	MOVQ AX, 40(SP)
	MOVQ 168(BX), AX
	MOVQ AX, 48(SP)
	MOVQ 176(BX), AX
	MOVQ AX, 56(SP)
	MOVQ 184(BX), AX
	MOVQ AX, 64(SP)
	MOVQ 192(BX), AX
	MOVQ AX, 72(SP)
	MOVQ 56(BX), X0
	MOVQ 64(BX), X1
	MOVQ 72(BX), X2
	MOVQ 80(BX), X3
	MOVQ 88(BX), X4
	MOVQ 96(BX), X5
	MOVQ 104(BX), X6
	MOVQ 112(BX), X7
	MOVQ 8(BX), DI
	MOVQ 16(BX), SI
	MOVQ 24(BX), DX
	MOVQ 32(BX), CX
	MOVQ 40(BX), R8
	MOVQ 48(BX), R9
	MOVQ 0(BX), R10
	XORL AX, AX
	CALL R10
	MOVQ AX, 200(BX)
	MOVQ X0, 208(BX)
	ADDQ $216, BX
	DECQ R13
	JG   next
	DECQ 16(R12)
	JG   again
	MOVQ 80(SP), BX
	MOVQ 88(SP), R12
	MOVQ 96(SP), R13
	XORL AX, AX
	RET
