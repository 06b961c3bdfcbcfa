package rewrite

import (
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// What the assembler emits is read back by the decoder, which is tested against objdump.
func TestAssembler(t *testing.T) {
	none := decode.NoReg
	for _, tt := range []struct {
		emit func(a *assembler)
		want string
	}{
		{func(a *assembler) { a.store(0x28, decode.RAX) }, "mov QWORD PTR gs:0x28,rax"},
		{func(a *assembler) { a.store(0x28, 13) }, "mov QWORD PTR gs:0x28,r13"},
		{func(a *assembler) { a.load(decode.RSP, 0x120) }, "mov rsp,QWORD PTR gs:0x120"},
		{func(a *assembler) { a.load(8, 0x5008) }, "mov r8,QWORD PTR gs:0x5008"},
		{func(a *assembler) { a.storeImm(0x28, 3) }, "mov QWORD PTR gs:0x28,0x3"},
		{func(a *assembler) { a.increment(0x5008) }, "add QWORD PTR gs:0x5008,0x1"},
		{func(a *assembler) { a.opGS(0x01, 9, 0x5010) }, "add QWORD PTR gs:0x5010,r9"},
		{func(a *assembler) { a.jumpGS(0x48) }, "jmp QWORD PTR gs:0x48"},
		{func(a *assembler) { a.addConst(decode.RBX, 1) }, "lea rbx,[rbx+0x1]"},
		{func(a *assembler) { a.addConst(12, 8) }, "lea r12,[r12+0x8]"},
		{func(a *assembler) { a.addConst(15, 4096) }, "lea r15,[r15+0x1000]"},
		{func(a *assembler) { a.lea(10, address{base: 9, index: decode.RCX, scale: 1}) }, "lea r10,[r9+rcx*1+0x0]"},
		{func(a *assembler) { a.op64(0x89, 12, address{base: 13, index: none, disp: -16}) }, "mov QWORD PTR [r13-0x10],r12"},
		{func(a *assembler) { a.op64(0x8b, 0, address{base: none, index: 14, scale: 8, disp: 64}) }, "mov rax,QWORD PTR [r14*8+0x40]"},
		{func(a *assembler) { a.kmovStore(5, address{base: 12, index: none, disp: -8}, false) }, "kmovw WORD PTR [r12-0x8],k5"},
		{func(a *assembler) { a.kmovStore(5, address{base: 3, index: none, disp: -8}, true) }, "kmovq QWORD PTR [rbx-0x8],k5"},
		{func(a *assembler) { a.kmovGPR(9, 3, 16) }, "kmovw r9d,k3"},
		{func(a *assembler) { a.kmovGPR(2, 7, 32) }, "kmovd edx,k7"},
		{func(a *assembler) { a.kmovGPR(15, 1, 64) }, "kmovq r15,k1"},
		{func(a *assembler) { a.signs(9, 14, 32, 4) }, "vmovmskps r9d,ymm14"},
		{func(a *assembler) { a.signs(2, 3, 16, 8) }, "vmovmskpd edx,xmm3"},
		{func(a *assembler) { a.signBytes(9, 11) }, "pmovmskb r9d,xmm11"},
		{func(a *assembler) { a.vecStore(7, address{base: 13, index: none, disp: -32}, 32) }, "vmovdqu YMMWORD PTR [r13-0x20],ymm7"},
		{func(a *assembler) { a.vecStore(30, address{base: 12, index: none, disp: -64}, 64) }, "vmovdqu64 ZMMWORD PTR [r12-0x40],zmm30"},
		{func(a *assembler) { a.vecStore(17, address{base: 3, index: none, disp: -64}, 16) }, "vmovdqu64 XMMWORD PTR [rbx-0x40],xmm17"},
		{func(a *assembler) { a.popcount(11) }, "popcnt r11,r11"},
		{func(a *assembler) { a.andBits(11, 15) }, "and r11,0xf"},
		{func(a *assembler) { a.leaRIP(9, 0x2000) }, "lea r9,[rip+0xff9]"},
		{func(a *assembler) { a.jump(0x2000) }, "jmp 0x2000"},
	} {
		a := assembler{base: 0x1000}
		tt.emit(&a)
		in, err := decode.Decode(a.buf, a.base)
		if err != nil || in.String() != tt.want || int(in.Len) != len(a.buf) {
			t.Errorf("% x: %v, %v; want %s", a.buf, &in, err, tt.want)
		}
	}
}

func TestNops(t *testing.T) {
	for n := 1; n <= 9; n++ {
		if in, err := decode.Decode(nop(n), 0); err != nil || int(in.Len) != n || in.Mnemonic.String() != "nop" || len(nop(n)) != n {
			t.Errorf("% x: %v, %v", nop(n), &in, err)
		}
	}
}
