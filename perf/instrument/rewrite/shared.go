package rewrite

import "github.com/roofline-go/roofline/perf/instrument/decode"

// Places among the spill slots that shared code uses.
const (
	spillA      = OffSpill + 8*iota // a scratch register
	spillB                          // another one
	spillFlags                      // RAX and flags around flag-changing code
	spillRAX                        //
	indirectRAX                     //
	indirectFlg                     //
	indirectRDX                     //
)

// shared emits the ways out of the copy and back, and the search for the target of indirect jumps.
func (r *Rewriter) shared() {
	a := &r.a
	r.exitAt = a.pc()
	r.emitExit()
	r.returnAt = a.pc()
	r.emitReturn()
	r.indirectAt = a.pc()
	r.emitIndirect()
	r.faultAt = a.pc()
	a.storeImm(OffReason, ExitFault)
	r.toGo()
	r.ownResultsAt = a.pc()
	a.store(OffResultRAX, decode.RAX)
	a.store(OffResultRDX, decode.RDX)
	for i, off := range []int32{OffResultX0, OffResultX1} { // movups
		a.b(0x65, 0x0f, 0x11)
		a.gs(uint8(i), off)
	}
	a.load(decode.RSP, OffStackSP)
	a.load(decode.RBP, OffEntryBP)
	a.b(0xc3)
}

// emitExit saves all state and leaves. RAX, the reason and the place to go on have been saved already.
func (r *Rewriter) emitExit() {
	a := &r.a
	for reg := uint8(1); reg < 16; reg++ {
		a.store(OffGPR+8*int32(reg), reg)
	}
	r.xsave(4)
	a.load(decode.RDI, OffAside)
	a.b(0x48, 0x85, 0xff) // test rdi, rdi
	a.b(0x74, 0)          // jz: the copy runs on a stack of its own
	short := len(a.buf)
	a.b(0x48, 0x8d, 0x74, 0x24, 0x80) // lea rsi, [rsp-128]
	a.load(decode.RCX, OffEntrySP)
	a.b(0x48, 0x29, 0xf1)    // sub rcx, rsi
	a.b(0x48, 0x81, 0xf9)    // cmp rcx, AsideSize
	a.i32(AsideSize)         //
	a.b(0x76, 2, 0x0f, 0x0b) // jbe +2; ud2: frames larger than that
	a.b(0xf3, 0xa4)          // rep movsb
	a.buf[short-1] = byte(len(a.buf) - short)
	r.toGo()
}

// toGo sets the processor up for Go code and goes there.
func (r *Rewriter) toGo() {
	a := &r.a
	if r.opt.AMX {
		a.b(0xc4, 0xe2, 0x78, 0x49, 0xc0) // tilerelease
	}
	a.b(0x65, 0x0f, 0xae) // ldmxcsr
	a.gs(2, OffMXCSR)
	a.load(decode.RBP, OffEntryBP)
	a.load(decode.RSP, OffEntrySP)
	if r.opt.AVX {
		a.b(0xc5, 0xf8, 0x77) // vzeroupper
	}
	a.jumpGS(OffExit)
}

// emitReturn restores all state and goes on in the copy.
func (r *Rewriter) emitReturn() {
	a := &r.a
	a.load(decode.RSI, OffAside)
	a.b(0x48, 0x85, 0xf6) // test rsi, rsi
	a.b(0x74, 0)
	short := len(a.buf)
	a.load(decode.RDI, OffGPR+8*decode.RSP)
	a.b(0x48, 0x83, 0xc7, 0x80) // add rdi, -128
	a.load(decode.RCX, OffEntrySP)
	a.b(0x48, 0x29, 0xf9) // sub rcx, rdi
	a.b(0xfc, 0xf3, 0xa4) // cld; rep movsb
	a.buf[short-1] = byte(len(a.buf) - short)
	r.xsave(5)
	for reg := uint8(1); reg < 16; reg++ {
		a.load(reg, OffGPR+8*int32(reg))
	}
	a.load(decode.RAX, OffGPR)
	a.jumpGS(OffResume)
}

// xsave emits xsave64 (ext 4) or xrstor64 (ext 5) of all states.
func (r *Rewriter) xsave(ext uint8) {
	a := &r.a
	a.b(0xb8) // mov eax, mask
	a.i32(xsaveMask)
	a.b(0x31, 0xd2) // xor edx, edx
	a.b(0x65, 0x48, 0x0f, 0xae)
	a.gs(ext, OffXSave)
}

// emitIndirect finds the copy of the code at OffTarget and jumps there, with all registers and flags as they are.
func (r *Rewriter) emitIndirect() {
	a := &r.a
	a.store(indirectRAX, decode.RAX)
	a.saveFlags()
	a.store(indirectFlg, decode.RAX)
	a.store(indirectRDX, decode.RDX)
	a.load(decode.RAX, OffTarget)
	a.opGS(0x2b, decode.RAX, OffTableLow)  // sub
	a.opGS(0x3b, decode.RAX, OffTableSpan) // cmp
	a.b(0x0f, 0x83)                        // jae
	beyond := len(a.buf)
	a.i32(0)
	a.load(decode.RDX, OffTable)
	a.b(0x48, 0x8b, 0x04, 0xc2) // mov rax, [rdx+rax*8]
	a.b(0x48, 0x85, 0xc0)       // test rax, rax
	a.b(0x0f, 0x84)             // jz
	absent := len(a.buf)
	a.i32(0)
	a.store(OffJump, decode.RAX)
	a.load(decode.RDX, indirectRDX)
	goOn := a.pc()
	a.load(decode.RAX, indirectFlg)
	a.restoreFlags()
	a.load(decode.RAX, indirectRAX)
	a.jumpGS(OffJump)
	if r.opt.Detached {
		a.patch32(absent, len(a.buf))
		a.b(0xf0, 0x48, 0xff) // lock inc [lost]; the flags are saved
		a.rip(0, r.opt.Lost)
		a.b(0xe9) // jmp over what follows
		lost := len(a.buf)
		a.i32(0)
		a.patch32(beyond, len(a.buf))
		r.away()
		a.patch32(lost, len(a.buf))
		r.unknownTarget()
		return
	}
	a.patch32(beyond, len(a.buf))
	a.patch32(absent, len(a.buf))
	a.load(decode.RDX, indirectRDX)
	a.load(decode.RAX, indirectRAX)
	a.store(OffGPR, decode.RAX)
	a.leaRIP(decode.RAX, goOn)
	a.store(OffResume, decode.RAX)
	a.storeImm(OffReason, ExitUnknownTarget)
	a.jump(r.exitAt)
}
