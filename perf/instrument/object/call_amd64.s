#include "textflag.h"

// func callC(f *frame)
//
// The callee preserves BX, BP and R12 to R15. R14 and X15, which Go code relies on, are set anew behind every function of this
// kind.
TEXT ·callC(SB), NOSPLIT, $0-8
	MOVQ  f+0(FP), BX
	MOVQ  SP, R12
	MOVQ  8(BX), SP
	MOVQ  16(BX), DI
	MOVQ  24(BX), SI
	MOVQ  32(BX), DX
	MOVQ  40(BX), CX
	MOVQ  48(BX), R8
	MOVQ  56(BX), R9
	MOVSD 64(BX), X0
	MOVSD 72(BX), X1
	MOVSD 80(BX), X2
	MOVSD 88(BX), X3
	MOVSD 96(BX), X4
	MOVSD 104(BX), X5
	MOVSD 112(BX), X6
	MOVSD 120(BX), X7
	MOVL  $8, AX
	MOVQ  0(BX), R11
	CALL  R11
	MOVQ  R12, SP
	MOVQ  AX, 128(BX)
	MOVSD X0, 136(BX)
	RET
