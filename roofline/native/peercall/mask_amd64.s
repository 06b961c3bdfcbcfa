#include "textflag.h"

GLOBL ·maskAddress(SB), NOPTR|RODATA, $8
DATA ·maskAddress(SB)/8, $maskC(SB)

// maskC has its arguments in DI, SI, DX and CX as C has them, and changes no register that a function in C must keep. Rows
// are filled from their end, where a pattern of 4 bytes fits elements of 2 and 4.
TEXT maskC(SB), NOSPLIT|NOFRAME, $0-0
	MOVL  $0xff800000, AX
	CMPQ  CX, $4
	JE    broadcast
	MOVL  $0xff80ff80, AX

broadcast:
	MOVQ   AX, X0
	PSHUFL $0, X0, X0
	IMULQ  CX, SI      // bytes of a row of the square
	MOVQ   SI, R9
	SUBQ   CX, R9      // to be filled in this row

row:
	TESTQ R9, R9
	JLE   done
	LEAQ  (DI)(SI*1), R8
	MOVQ  R9, R10

sixteen:
	SUBQ   $16, R10
	JL     eight
	SUBQ   $16, R8
	MOVUPS X0, (R8)
	JMP    sixteen

eight:
	TESTQ $8, R10
	JZ    four
	SUBQ  $8, R8
	MOVQ  X0, (R8)

four:
	TESTQ $4, R10
	JZ    two
	SUBQ  $4, R8
	MOVL  AX, (R8)

two:
	TESTQ $2, R10
	JZ    next
	MOVW  AX, -2(R8)

next:
	ADDQ DX, DI
	SUBQ CX, R9
	JMP  row

done:
	RET
