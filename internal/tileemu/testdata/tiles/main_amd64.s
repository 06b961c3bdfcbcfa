#include "textflag.h"

// func product(config, a, b, c unsafe.Pointer)
TEXT ·product(SB), NOSPLIT, $0-32
	MOVQ config+0(FP), DI
	MOVQ a+8(FP), AX
	MOVQ b+16(FP), BX
	MOVQ c+24(FP), CX
	MOVQ $64, DX
	LONG $0x4978e2c4; BYTE $0x07              // ldtilecfg (%rdi)
	LONG $0x497be2c4; BYTE $0xc0              // tilezero %tmm0
	LONG $0x4b7be2c4; WORD $0x100c            // tileloadd (%rax,%rdx,1),%tmm1
	LONG $0x4b7be2c4; WORD $0x1314            // tileloadd (%rbx,%rdx,1),%tmm2
	LONG $0x5e6be2c4; BYTE $0xc1              // tdpbssd %tmm2,%tmm1,%tmm0
	LONG $0x4b7ae2c4; WORD $0x1104            // tilestored %tmm0,(%rcx,%rdx,1)
	LONG $0x4978e2c4; BYTE $0xc0              // tilerelease
	RET

// func illegal()
TEXT ·illegal(SB), NOSPLIT, $0-0
	UNDEF
	RET
