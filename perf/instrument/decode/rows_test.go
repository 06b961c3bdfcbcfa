package decode

import "testing"

// TestPositionsOfParts checks where the parts stand that a rewriter changes. The bytes are marked: displacement 11…, immediate 22….
func TestPositionsOfParts(t *testing.T) {
	for _, row := range []struct {
		text, hex                          string
		dispOff, dispSize, immOff, immSize uint8
		opcodeOff, modrmOff                uint8
		ripRelative                        bool
	}{
		{"call 0x22222227", "e822222222", 0, 0, 1, 4, 0, 0, false},
		{"jne 0x22222228", "0f8522222222", 0, 0, 2, 4, 1, 0, false},
		{"jmp 0x24", "eb22", 0, 0, 1, 1, 0, 0, false},
		{"jrcxz 0x24", "e322", 0, 0, 1, 1, 0, 0, false},
		{"jmp QWORD PTR [rip+0x11111111]", "ff2511111111", 2, 4, 0, 0, 0, 1, true},
		{"cmp DWORD PTR [rip+0x11111111],0x22222222", "813d1111111122222222", 2, 4, 6, 4, 0, 1, true},
		{"mov rax,QWORD PTR fs:0x11111111", "64488b042511111111", 5, 4, 0, 0, 2, 3, false},
		{"vfmadd231ps zmm0{k1},zmm1,ZMMWORD PTR [rip+0x11111111]", "62f27549b80511111111", 6, 4, 0, 0, 4, 5, true},
		{"vpternlogd zmm0,zmm1,DWORD BCST [rax+0x44],0x22", "62f37558254011" + "22", 6, 1, 7, 1, 4, 5, false},
		{"vmovups ymm0,YMMWORD PTR [rip+0x11111111]", "c5fc100511111111", 4, 4, 0, 0, 2, 3, true},
		{"mov al,BYTE PTR ds:0x1111111111111111", "a01111111111111111", 1, 8, 0, 0, 0, 0, false},
		{"mov rax,0x2222222222222222", "48b82222222222222222", 0, 0, 2, 8, 1, 0, false},
	} {
		in, err := Decode(unhex(t, row.hex), 0)
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		if in.String() != row.text {
			t.Errorf("%s reads %q, want %q", row.hex, in.String(), row.text)
		}
		got := [...]uint8{in.DispOff, in.DispSize, in.ImmOff, in.ImmSize, in.OpcodeOff, in.ModRMOff}
		if want := [...]uint8{row.dispOff, row.dispSize, row.immOff, row.immSize, row.opcodeOff, row.modrmOff}; got != want {
			t.Errorf("%s: positions %v, want %v", row.text, got, want)
		}
		if in.RIPRelative() != row.ripRelative {
			t.Errorf("%s: RIP-relative %v", row.text, in.RIPRelative())
		}
	}
}

// TestLanes checks what one bit of a mask governs, by hand from the manuals.
func TestLanes(t *testing.T) {
	for _, row := range []struct {
		text, hex  string
		lanes      uint8
		elem, size int // of memory
		attr       Attr
	}{
		{"vaddps zmm0{k1},zmm0,ZMMWORD PTR [rax]", "62f17c495800", 16, 4, 64, LaneMasked},
		{"vaddpd ymm0{k1},ymm0,YMMWORD PTR [rax]", "62f1fd295800", 4, 8, 32, LaneMasked},
		{"vaddps zmm0{k1},zmm0,DWORD BCST [rax]", "62f17c595800", 16, 4, 4, 0},
		{"vaddss xmm0{k1},xmm0,DWORD PTR [rax]", "62f17e095800", 1, 4, 4, LaneMasked},
		{"vaddph zmm0{k1},zmm0,ZMMWORD PTR [rax]", "62f57c495800", 32, 2, 64, LaneMasked},
		{"vpaddb zmm0{k1},zmm0,ZMMWORD PTR [rax]", "62f17d49fc00", 64, 1, 64, LaneMasked},
		{"vpmovzxbd zmm0{k1},XMMWORD PTR [rax]", "62f27d493100", 16, 1, 16, LaneMasked},
		{"vcvtpd2ps ymm0{k1},ZMMWORD PTR [rax]", "62f1fd495a00", 8, 8, 64, LaneMasked},
		{"vcvtps2pd zmm0{k1},YMMWORD PTR [rax]", "62f17c495a00", 8, 4, 32, LaneMasked},
		{"vpmovqb QWORD PTR [rax]{k1},zmm0", "62f27e493200", 8, 1, 8, LaneMasked},
		{"vextractf32x4 XMMWORD PTR [rax]{k1},zmm0,0x1", "62f37d49190001", 4, 4, 16, LaneMasked},
		{"vbroadcastf32x4 zmm0{k1},XMMWORD PTR [rax]", "62f27d491a00", 16, 4, 16, 0},
		{"vpermd zmm0{k1},zmm0,ZMMWORD PTR [rax]", "62f27d493600", 16, 4, 64, 0},
		{"vgatherdps zmm0{k1},DWORD PTR [rax+zmm1*4]", "62f27d49920488", 16, 4, 64, Gather | LaneMasked},
		{"vgatherdpd zmm0{k1},QWORD PTR [rax+ymm1*8]", "62f2fd499204c8", 8, 8, 64, Gather | LaneMasked},
		{"vgatherqps ymm0{k1},DWORD PTR [rax+zmm1*4]", "62f27d49930488", 8, 4, 32, Gather | LaneMasked},
		{"vpscatterdq QWORD PTR [rax+ymm1*8]{k1},zmm0", "62f2fd49a004c8", 8, 8, 64, Scatter | LaneMasked},
		{"vcompressps ZMMWORD PTR [rax]{k1},zmm0", "62f27d498a00", 16, 4, 64, Compress},
		{"vpexpandd zmm0{k1},ZMMWORD PTR [rax]", "62f27d498900", 16, 4, 64, Expand},
		{"vgatherdps ymm0,DWORD PTR [rax+ymm1*4],ymm2", "c4e26d920488", 8, 4, 32, Gather | VectorMasked},
		{"vmaskmovps ymm0,ymm1,YMMWORD PTR [rax]", "c4e2752c00", 8, 4, 32, VectorMasked},
		{"vpmaskmovq XMMWORD PTR [rax],xmm1,xmm0", "c4e2f18e00", 2, 8, 16, VectorMasked},
	} {
		in, err := Decode(unhex(t, row.hex), 0)
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		if in.String() != row.text {
			t.Errorf("%s reads %q, want %q", row.hex, in.String(), row.text)
		}
		if in.Lanes != row.lanes || int(in.Mem.ElemSize) != row.elem || int(in.Mem.Size) != row.size || in.Attr != row.attr {
			t.Errorf("%s: %d lanes, element %d, size %d, attributes %#x; want %d, %d, %d, %#x", row.text, in.Lanes, in.Mem.ElemSize, in.Mem.Size, in.Attr,
				row.lanes, row.elem, row.size, row.attr)
		}
	}
}

// TestControl checks where execution goes.
func TestControl(t *testing.T) {
	for _, row := range []struct {
		hex     string
		control Control
		target  uint64
	}{
		{"90", Next, 0}, {"7405", CondJump, 0x1007}, {"0f84f6ffffff", CondJump, 0xffc}, {"e2fe", CountJump, 0x1000}, {"e3fe", CountJump, 0x1000},
		{"ebfe", Jump, 0x1000}, {"e900010000", Jump, 0x1105}, {"ffe0", IndirectJump, 0}, {"3effe0", IndirectJump, 0}, {"ff2500000000", IndirectJump, 0},
		{"e800000000", Call, 0x1005}, {"ffd0", IndirectCall, 0}, {"c3", Return, 0}, {"f3c3", Return, 0}, {"c20800", Return, 0},
		{"cc", Trap, 0}, {"0f0b", Trap, 0}, {"0fb9c0", Trap, 0}, {"f4", Trap, 0}, {"0f05", Syscall, 0}, {"c7f800000000", Transaction, 0x1006},
		{"66666648e800000000", Call, 0x1009}, {"66480fff", 0, 0},
	} {
		in, err := Decode(unhex(t, row.hex), 0x1000)
		if row.control == 0 && row.hex != "90" {
			if err == nil {
				t.Errorf("%s: decoded as %s", row.hex, in.String())
			}
			continue
		}
		if err != nil || in.Control != row.control || in.Target != row.target {
			t.Errorf("%s: %v to %#x (%v), want %v to %#x", row.hex, in.Control, in.Target, err, row.control, row.target)
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	code := unhex(t, "62f27549b80511111111")
	var in Inst
	if n := testing.AllocsPerRun(100, func() {
		if err := DecodeInto(&in, code, 0); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per instruction", n)
	}
}

// TestConditionalEffects checks what holds only sometimes: an effect that may not happen must not count as certain.
func TestConditionalEffects(t *testing.T) {
	const status = Status
	for _, row := range []struct {
		text, hex             string
		read, written, killed Flags
		gprRead, gprWritten   uint32
	}{
		{"shl eax,0x3", "c1e003", 0, status, status, 1 << RAX, 1 << RAX},
		{"shl eax,0x20", "c1e020", 0, status, 0, 1 << RAX, 1 << RAX}, // a count of 0
		{"shl rax,0x20", "48c1e020", 0, status, status, 1 << RAX, 1 << RAX},
		{"shr eax,cl", "d3e8", 0, status, 0, 1<<RAX | 1<<RCX, 1 << RAX},
		{"rol eax,0x3", "c1c003", 0, CF | OF, CF | OF, 1 << RAX, 1 << RAX},
		{"rcl al,0x9", "c0d009", CF, CF | OF, 0, 1 << RAX, 1 << RAX}, // a whole turn
		{"shld eax,ecx,0x1", "0fa4c801", 0, status, status, 1<<RAX | 1<<RCX, 1 << RAX},
		{"shld eax,ecx,cl", "0fa5c8", 0, status, 0, 1<<RAX | 1<<RCX, 1 << RAX},
		{"inc eax", "ffc0", 0, status &^ CF, status &^ CF, 1 << RAX, 1 << RAX},
		{"adc eax,ecx", "11c8", CF, status, status, 1<<RAX | 1<<RCX, 1 << RAX},
		{"jbe 0x2", "7600", CF | ZF, 0, 0, 0, 0},
		{"cmovg eax,ecx", "0f4fc1", SF | OF | ZF, 0, 0, 1<<RAX | 1<<RCX, 1 << RAX},
		{"xor eax,eax", "31c0", 0, status, status, 0, 1 << RAX},
		{"xor al,al", "30c0", 0, status, status, 1 << RAX, 1 << RAX},
		{"sub eax,0x0", "83e800", 0, status, status, 1 << RAX, 1 << RAX},
		{"mov ah,0x1", "b401", 0, 0, 0, 1 << RAX, 1 << RAX},
		{"mov eax,0x1", "b801000000", 0, 0, 0, 0, 1 << RAX},
		{"bsf eax,ecx", "0fbcc1", 0, status, status, 1<<RAX | 1<<RCX, 1 << RAX}, // keeps the destination for a source of 0
		{"tzcnt eax,ecx", "f30fbcc1", 0, status, status, 1 << RCX, 1 << RAX},
		{"lodsd", "ad", DF, 0, 0, 1 << RSI, 1<<RAX | 1<<RSI},
		{"rep lodsd", "f3ad", DF, 0, 0, 1<<RAX | 1<<RSI | 1<<RCX, 1<<RAX | 1<<RSI | 1<<RCX},
		{"rep stosq", "f348ab", DF, 0, 0, 1<<RAX | 1<<RDI | 1<<RCX, 1<<RDI | 1<<RCX},
		{"repz cmpsb", "f3a6", DF, status, 0, 1<<RSI | 1<<RDI | 1<<RCX, 1<<RSI | 1<<RDI | 1<<RCX},
		{"cmpsb", "a6", DF, status, status, 1<<RSI | 1<<RDI, 1<<RSI | 1<<RDI},
		{"mul ecx", "f7e1", 0, status, status, 1<<RAX | 1<<RCX, 1<<RAX | 1<<RDX},
		{"mul cx", "66f7e1", 0, status, status, 1<<RAX | 1<<RCX | 1<<RDX, 1<<RAX | 1<<RDX},
	} {
		in, err := Decode(unhex(t, row.hex), 0)
		if err != nil {
			t.Errorf("%s: %v", row.text, err)
			continue
		}
		if in.String() != row.text {
			t.Errorf("%s reads %q, want %q", row.hex, in.String(), row.text)
		}
		if in.FlagsRead != row.read || in.FlagsWritten != row.written || in.FlagsKilled != row.killed {
			t.Errorf("%s: flags read %v, written %v, killed %v; want %v, %v, %v", row.text, in.FlagsRead, in.FlagsWritten, in.FlagsKilled, row.read, row.written, row.killed)
		}
		if in.GPRRead != row.gprRead || in.GPRWritten != row.gprWritten {
			t.Errorf("%s: GPRs read %#x, written %#x; want %#x, %#x", row.text, in.GPRRead, in.GPRWritten, row.gprRead, row.gprWritten)
		}
	}
}

// TestImplicitMemory checks the addresses that no operand byte gives.
func TestImplicitMemory(t *testing.T) {
	type access struct {
		base   int8
		disp   int64
		size   uint16
		access Access
	}
	for _, row := range []struct {
		hex  string
		want []access
	}{
		{"50", []access{{RSP, -8, 8, Write}}}, {"6650", []access{{RSP, -2, 2, Write}}}, {"58", []access{{RSP, 0, 8, Read}}},
		{"ff30", []access{{RSP, -8, 8, Write}}}, {"e800000000", []access{{RSP, -8, 8, Write}}}, {"c3", []access{{RSP, 0, 8, Read}}},
		{"c9", []access{{RBP, 0, 8, Read}}}, {"9c", []access{{RSP, -8, 8, Write}}},
		{"f348a5", []access{{RSI, 0, 8, Read}, {RDI, 0, 8, Write}}}, {"a4", []access{{RSI, 0, 1, Read}, {RDI, 0, 1, Write}}},
		{"66ab", []access{{RDI, 0, 2, Write}}}, {"ac", []access{{RSI, 0, 1, Read}}}, {"660ff7c1", []access{{RDI, 0, 16, Write}}},
		{"d7", []access{{RBX, 0, 1, Read}}}, {"90", nil},
	} {
		in, err := Decode(unhex(t, row.hex), 0)
		if err != nil {
			t.Errorf("%s: %v", row.hex, err)
			continue
		}
		mem, n := in.Implicit()
		if n != len(row.want) {
			t.Errorf("%s: %d implicit accesses, want %d", row.hex, n, len(row.want))
			continue
		}
		for i, w := range row.want {
			if got := (access{mem[i].Base, mem[i].Disp, mem[i].Size, mem[i].Access}); got != w {
				t.Errorf("%s: access %+v, want %+v", row.hex, got, w)
			}
		}
	}
}

// TestRejectsWhatProcessorsReject lists encodings that raise an invalid-opcode exception: a wrong guess about them would only show
// in code that nobody runs.
func TestRejectsWhatProcessorsReject(t *testing.T) {
	for _, row := range []struct{ why, hex string }{
		{"zeroing without a mask", "62f17cc85800"}, {"zeroing of memory", "62f17cc92900"}, {"zeroing of a mask", "62f17cc9c2c100"},
		{"a mask where there is none", "62f17d09f6c1"}, {"a gather without a mask", "62f27d48920488"}, {"a gather into its index", "62f27d49920480"},
		{"a VEX gather with one register twice", "c4e275920488"}, {"broadcast of bytes", "62f17d58fc00"}, {"rounding of a move", "62f17c1810c1"},
		{"vvvv where there is one source", "62f1740810c1"}, {"length 3 without rounding", "62f17c6858c1"}, {"a prefix before VEX", "66c5f858c1"},
		{"REX before EVEX", "4862f17c0858c1"}, {"mask register 8", "c461fb92c1"}, {"tiles named twice", "c4e2725ec0"}, {"lock of a load", "f0488b00"},
		{"lock of a register", "f00bc1"}, {"moving to CS", "8ec8"}, {"segment register 6", "8cf0"}, {"a tile without SIB", "c4e27b4b00"},
		{"is4 with low bits", "c4e3794ac151"}, {"complex product over its source", "62f67e08d6c1"},
	} {
		in, err := Decode(unhex(t, row.hex), 0)
		if err == nil {
			t.Errorf("%s (%s) decoded as %s", row.hex, row.why, in.String())
		}
	}
}
