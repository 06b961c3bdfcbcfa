#include "textflag.h"

GLOBL ·softmaxAddress(SB), NOPTR|RODATA, $8
DATA ·softmaxAddress(SB)/8, $softmaxC(SB)
GLOBL ·divideAddress(SB), NOPTR|RODATA, $8
DATA ·divideAddress(SB)/8, $divideC(SB)

// 2^f is Σ (f·ln 2)^i / i!, up to i = 6: on |f| ≤ ½ that is short by less than 1.3e-7. Then log₂e and -Inf.
GLOBL power<>(SB), NOPTR|RODATA, $36
DATA power<>+0(SB)/4, $1.5403530e-4
DATA power<>+4(SB)/4, $1.3333558e-3
DATA power<>+8(SB)/4, $9.6181291e-3
DATA power<>+12(SB)/4, $5.5504109e-2
DATA power<>+16(SB)/4, $2.4022651e-1
DATA power<>+20(SB)/4, $6.9314718e-1
DATA power<>+24(SB)/4, $1.0
DATA power<>+28(SB)/4, $1.44269504
DATA power<>+32(SB)/4, $0xff800000

// TAIL sets K1 to the lanes of the last, incomplete vector of SI elements, and R8 to how many vectors are complete.
#define TAIL \
	MOVQ  SI, CX      \
	ANDQ  $15, CX     \
	MOVL  $1, AX      \
	SHLL  CX, AX      \
	DECL  AX          \
	KMOVW AX, K1      \
	MOVQ  SI, R8      \
	SHRQ  $4, R8

// EXP replaces the scores in Z1 by their weights; Z0 is the largest score, Z20 … Z27 are the constants.
#define EXP \
	VSUBPS      Z0, Z1, Z1      \
	VMULPS      Z27, Z1, Z1     \
	VRNDSCALEPS $8, Z1, Z2      \
	VSUBPS      Z2, Z1, Z1      \
	VMOVAPS     Z20, Z3         \
	VFMADD213PS Z21, Z1, Z3     \
	VFMADD213PS Z22, Z1, Z3     \
	VFMADD213PS Z23, Z1, Z3     \
	VFMADD213PS Z24, Z1, Z3     \
	VFMADD213PS Z25, Z1, Z3     \
	VFMADD213PS Z26, Z1, Z3     \
	VSCALEFPS   Z2, Z3, Z3

// FOLD leaves in the lower half of Z0 what an operation makes of both halves, then of both quarters, of pairs, of all.
#define FOLD(operation) \
	VEXTRACTF64X4 $1, Z0, Y1    \
	operation     Y1, Y0, Y0    \
	VEXTRACTF128  $1, Y0, X1    \
	operation     X1, X0, X0    \
	VPERMILPS     $0x4e, X0, X1 \
	operation     X1, X0, X0    \
	VPERMILPS     $0xb1, X0, X1 \
	operation     X1, X0, X0

// softmaxC has its arguments in DI, SI and DX.
TEXT softmaxC(SB), NOSPLIT|NOFRAME, $0-0
	TAIL
	VBROADCASTSS power<>+32(SB), Z0
	VMOVAPS      Z0, Z1
	VMOVAPS      Z0, Z2
	VMOVAPS      Z0, Z3
	VMOVAPS      Z0, Z4
	MOVQ         DI, R9
	MOVQ         R8, R10

largest4:
	SUBQ   $4, R10
	JL     largest
	VMAXPS (R9), Z1, Z1
	VMAXPS 64(R9), Z2, Z2
	VMAXPS 128(R9), Z3, Z3
	VMAXPS 192(R9), Z4, Z4
	ADDQ   $256, R9
	JMP    largest4

largest:
	ADDQ   $4, R10
	VMAXPS Z2, Z1, Z1
	VMAXPS Z4, Z3, Z3
	VMAXPS Z3, Z1, Z1

largest1:
	SUBQ   $1, R10
	JL     folded
	VMAXPS (R9), Z1, Z1
	ADDQ   $64, R9
	JMP    largest1

folded:
	VMOVUPS      (R9), K1, Z0
	VMAXPS       Z1, Z0, Z0
	FOLD(VMAXPS)
	VBROADCASTSS X0, Z0
	VBROADCASTSS power<>+0(SB), Z20
	VBROADCASTSS power<>+4(SB), Z21
	VBROADCASTSS power<>+8(SB), Z22
	VBROADCASTSS power<>+12(SB), Z23
	VBROADCASTSS power<>+16(SB), Z24
	VBROADCASTSS power<>+20(SB), Z25
	VBROADCASTSS power<>+24(SB), Z26
	VBROADCASTSS power<>+28(SB), Z27
	VPXORD       Z4, Z4, Z4
	MOVQ         DI, R9

weights:
	SUBQ    $1, R8
	JL      last
	VMOVUPS (R9), Z1
	EXP
	VMOVUPS Z3, (R9)
	VADDPS  Z3, Z4, Z4
	ADDQ    $64, R9
	JMP     weights

last:
	VMOVUPS.Z (R9), K1, Z1
	EXP
	VMOVUPS   Z3, K1, (R9)
	VADDPS    Z3, Z4, K1, Z4
	VMOVAPS   Z4, Z0
	FOLD(VADDPS)
	VMOVSS    X0, (DX)
	VZEROUPPER
	RET

// divideC has its arguments in DI, SI and DX.
TEXT divideC(SB), NOSPLIT|NOFRAME, $0-0
	TAIL
	VBROADCASTSS power<>+24(SB), Z0
	VBROADCASTSS (DX), Z1
	VDIVPS       Z1, Z0, Z0

element:
	SUBQ    $1, R8
	JL      rest
	VMULPS  (DI), Z0, Z1
	VMOVUPS Z1, (DI)
	ADDQ    $64, DI
	JMP     element

rest:
	VMULPS.Z (DI), Z0, K1, Z1
	VMOVUPS  Z1, K1, (DI)
	VZEROUPPER
	RET
