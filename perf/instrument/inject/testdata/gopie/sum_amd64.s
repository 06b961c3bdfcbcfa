#include "textflag.h"

// func sum(x *float64, n int) float64
TEXT ·sum(SB), NOSPLIT, $0-24
	MOVQ x+0(FP), AX
	MOVQ n+8(FP), CX
	XORPS X0, X0
loop:
	ADDSD (AX), X0
	ADDQ $8, AX
	DECQ CX
	JNZ loop
	MOVSD X0, ret+16(FP)
	RET
