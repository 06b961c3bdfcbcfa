#include "textflag.h"

// Loops of known work. known_arm64.go says what each executes; a test compares that with the machine code.
//
// Compute loops: n in R0, the data in R1, x in F10, y in F11, accumulators F0-F9.

#define ADDS(A, B) FADDS F11, A, A; FADDS F11, B, B
#define ADDD(A, B) FADDD F11, A, A; FADDD F11, B, B
#define MULS(A, B) FMULS F11, A, A; FMULS F11, B, B
#define MULD(A, B) FMULD F11, A, A; FMULD F11, B, B
#define FMAS(A, B) FMADDS F10, F11, A, A; FMADDS F10, F11, B, B
#define FMAD(A, B) FMADDD F10, F11, A, A; FMADDD F10, F11, B, B

#define TWENTY(OP) \
	OP(F0, F1); OP(F2, F3); OP(F4, F5); OP(F6, F7); OP(F8, F9); \
	OP(F0, F1); OP(F2, F3); OP(F4, F5); OP(F6, F7); OP(F8, F9)

#define BEGIN(MOV) \
	MOV  0(R1), F10; MOV 64(R1), F11; \
	MOV  128(R1), F0; MOV 128(R1), F1; MOV 128(R1), F2; MOV 128(R1), F3; MOV 128(R1), F4; \
	MOV  128(R1), F5; MOV 128(R1), F6; MOV 128(R1), F7; MOV 128(R1), F8; MOV 128(R1), F9

#define END(MOV) \
	MOV F0, 256(R1); MOV F1, 320(R1); MOV F2, 384(R1); MOV F3, 448(R1); MOV F4, 512(R1); \
	MOV F5, 576(R1); MOV F6, 640(R1); MOV F7, 704(R1); MOV F8, 768(R1); MOV F9, 832(R1); \
	RET

#define COMPUTE(MOV, OP) \
	BEGIN(MOV); \
loop: \
	TWENTY(OP); \
	SUBS $1, R0, R0; \
	BNE  loop; \
	END(MOV)

// func knownFMAScalarF32(n int, d *byte)
TEXT ·knownFMAScalarF32(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVS, FMAS)

// func knownFMAScalarF64(n int, d *byte)
TEXT ·knownFMAScalarF64(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVD, FMAD)

// func knownAddScalarF32(n int, d *byte)
TEXT ·knownAddScalarF32(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVS, ADDS)

// func knownAddScalarF64(n int, d *byte)
TEXT ·knownAddScalarF64(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVD, ADDD)

// func knownMulScalarF32(n int, d *byte)
TEXT ·knownMulScalarF32(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVS, MULS)

// func knownMulScalarF64(n int, d *byte)
TEXT ·knownMulScalarF64(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	COMPUTE(FMOVD, MULD)

#define MLAS(A, B) VFMLA V10.S4, V11.S4, A.S4; VFMLA V10.S4, V11.S4, B.S4
#define MLAD(A, B) VFMLA V10.D2, V11.D2, A.D2; VFMLA V10.D2, V11.D2, B.D2

#define TWENTYV(OP) \
	OP(V0, V1); OP(V2, V3); OP(V4, V5); OP(V6, V7); OP(V8, V9); \
	OP(V0, V1); OP(V2, V3); OP(V4, V5); OP(V6, V7); OP(V8, V9)

// func knownFMA128F32(n int, d *byte)
TEXT ·knownFMA128F32(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	BEGIN(FMOVQ)

loop:
	TWENTYV(MLAS)
	SUBS $1, R0, R0
	BNE  loop
	END(FMOVQ)

// func knownFMA128F64(n int, d *byte)
TEXT ·knownFMA128F64(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	BEGIN(FMOVQ)

loop:
	TWENTYV(MLAD)
	SUBS $1, R0, R0
	BNE  loop
	END(FMOVQ)

#define INT10 \
	ADD R1, R2; ADD R1, R3; ADD R1, R4; ADD R1, R5; ADD R1, R6; \
	ADD R1, R7; ADD R1, R8; ADD R1, R9; ADD R1, R10; ADD R1, R11

// func knownInt(n int, d *byte)
TEXT ·knownInt(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	MOVD ZR, R2
	MOVD ZR, R3
	MOVD ZR, R4
	MOVD ZR, R5
	MOVD ZR, R6
	MOVD ZR, R7
	MOVD ZR, R8
	MOVD ZR, R9
	MOVD ZR, R10
	MOVD ZR, R11

loop:
	INT10
	INT10
	SUBS $1, R0, R0
	BNE  loop
	MOVD R2, 256(R1)
	MOVD R11, 264(R1)
	RET

#define CHAIN5  ADD R3, R2; ADD R3, R2; ADD R3, R2; ADD R3, R2; ADD R3, R2
#define CHAIN25 CHAIN5; CHAIN5; CHAIN5; CHAIN5; CHAIN5

// func knownChain(n int, d *byte)
TEXT ·knownChain(SB), NOSPLIT, $0-16
	MOVD n+0(FP), R0
	MOVD d+8(FP), R1
	MOVD ZR, R2
	MOVD $3, R3

loop:
	CHAIN25
	CHAIN25
	CHAIN25
	CHAIN25
	SUBS $1, R0, R0
	BNE  loop
	MOVD R2, 256(R1)
	RET

// Streams: p in R0, n/256 in R1, passes in R2; R3 walks, R4 counts down, R8 has all bits set.

#define LOAD8(D)    MOVD D(R3), R5
#define STORE8(D)   MOVD R8, D(R3)
#define UPDATE8(D)  MOVD D(R3), R5; ADD R8, R5; MOVD R5, D(R3)
#define LOAD16(D)   LDP D(R3), (R5, R6)
#define STORE16(D)  STP (R8, R8), D(R3)
#define UPDATE16(D) LDP D(R3), (R5, R6); ADD R8, R5; ADD R8, R6; STP (R5, R6), D(R3)

#define SIXTEEN(OP) \
	OP(0); OP(16); OP(32); OP(48); OP(64); OP(80); OP(96); OP(112); \
	OP(128); OP(144); OP(160); OP(176); OP(192); OP(208); OP(224); OP(240)

#define ODD(OP) \
	OP(8); OP(24); OP(40); OP(56); OP(72); OP(88); OP(104); OP(120); \
	OP(136); OP(152); OP(168); OP(184); OP(200); OP(216); OP(232); OP(248)

#define WALK(BODY) \
	LSR  $8, R1, R1; \
	MOVD $-1, R8; \
pass: \
	MOVD R0, R3; \
	MOVD R1, R4; \
loop: \
	BODY; \
	ADD  $256, R3, R3; \
	SUBS $1, R4, R4; \
	BNE  loop; \
	SUBS $1, R2, R2; \
	BNE  pass; \
	RET

// func knownLoad8(p *byte, n, passes int)
TEXT ·knownLoad8(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(LOAD8); ODD(LOAD8))

// func knownLoad16(p *byte, n, passes int)
TEXT ·knownLoad16(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(LOAD16))

// func knownStore8(p *byte, n, passes int)
TEXT ·knownStore8(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(STORE8); ODD(STORE8))

// func knownStore16(p *byte, n, passes int)
TEXT ·knownStore16(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(STORE16))

// func knownUpdate8(p *byte, n, passes int)
TEXT ·knownUpdate8(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(UPDATE8); ODD(UPDATE8))

// func knownUpdate16(p *byte, n, passes int)
TEXT ·knownUpdate16(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD passes+16(FP), R2
	WALK(SIXTEEN(UPDATE16))

// DC CIVAC cleans and invalidates the line at an address down to memory; Linux lets programs use it.
#define FLUSH(D) ADD $D, R7, R9; WORD $0xd50b7e29 // dc civac, x9

#define FLUSHED(OP) \
	LSR  $8, R4, R4; \
	MOVD $-1, R8; \
loop: \
	SIXTEEN(OP); \
	FLUSH(0); FLUSH(64); FLUSH(128); FLUSH(192); \
	ADD  $256, R3, R3; \
	ADD  $256, R7, R7; \
	SUBS $1, R4, R4; \
	BNE  loop; \
	RET

// func knownFlushLoad16(p, behind *byte, n int)
TEXT ·knownFlushLoad16(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R3
	MOVD behind+8(FP), R7
	MOVD n+16(FP), R4
	FLUSHED(LOAD16)

// func knownFlushUpdate16(p, behind *byte, n int)
TEXT ·knownFlushUpdate16(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R3
	MOVD behind+8(FP), R7
	MOVD n+16(FP), R4
	FLUSHED(UPDATE16)

#define HOP  MOVD (R0), R0
#define HOP5 HOP; HOP; HOP; HOP; HOP

// func knownChase(at *byte, n int) (end *byte)
TEXT ·knownChase(SB), NOSPLIT, $0-24
	MOVD at+0(FP), R0
	MOVD n+8(FP), R1

loop:
	HOP5
	HOP5
	HOP5
	HOP5
	SUBS $1, R1, R1
	BNE  loop
	MOVD R0, end+16(FP)
	RET

#define FHOP  MOVD (R0), R9; WORD $0xd50b7e20; MOVD R9, R0 // dc civac, x0
#define FHOP5 FHOP; FHOP; FHOP; FHOP; FHOP

// func knownFlushChase(at *byte, n int) (end *byte)
TEXT ·knownFlushChase(SB), NOSPLIT, $0-24
	MOVD at+0(FP), R0
	MOVD n+8(FP), R1

loop:
	FHOP5
	FHOP5
	FHOP5
	FHOP5
	SUBS $1, R1, R1
	BNE  loop
	MOVD R0, end+16(FP)
	RET
