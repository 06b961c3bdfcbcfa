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
