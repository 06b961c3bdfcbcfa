package flops

import (
	"encoding/hex"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

func inst(t testing.TB, text string) *decode.Inst {
	t.Helper()
	code, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	in, err := decode.Decode(code, 0x1000)
	if err != nil {
		t.Fatal(err)
	}
	return &in
}

// Encodings are the GNU assembler's; what counts twice is in Intel's description of FP_ARITH_INST_RETIRED.
func TestOperations(t *testing.T) {
	const s, x, y, z = perf.Scalar, perf.Bits128, perf.Bits256, perf.Bits512
	for _, tt := range []struct {
		text, hex      string
		class          Class
		dtype          string
		width          perf.Width
		lanes, perLane int
		pmu            int
	}{
		{"addps xmm1,xmm2", "0f58ca", FPAdd, "f32", x, 4, 1, 1},
		{"mulsd xmm1,xmm2", "f20f59ca", FPMul, "f64", s, 1, 1, 1},
		{"vaddpd ymm1,ymm2,ymm3", "c5ed58cb", FPAdd, "f64", y, 4, 1, 1},
		{"vmulps zmm1,zmm2,zmm3", "62f16c4859cb", FPMul, "f32", z, 16, 1, 1},
		{"vmulps zmm1{k1},zmm2,zmm3", "62f16c4959cb", FPMul, "f32", z, 16, 1, 1},
		{"vsubss xmm1{k2},xmm2,xmm3", "62f16e0a5ccb", FPAdd, "f32", s, 1, 1, 1},
		{"vdivpd zmm1,zmm2,zmm3{rz-sae}", "62f1ed785ecb", FPDiv, "f64", z, 8, 1, 1},
		{"vsqrtps ymm1,ymm2", "c5fc51ca", FPDiv, "f32", y, 8, 1, 1},
		{"vminps ymm1,ymm2,ymm3", "c5ec5dcb", FPMinMax, "f32", y, 8, 1, 1},
		{"vmaxsd xmm1,xmm2,xmm3", "c5eb5fcb", FPMinMax, "f64", s, 1, 1, 1},
		{"vrcp14ps zmm1,zmm2", "62f27d484cca", FPApprox, "f32", z, 16, 1, 1},
		{"vrsqrtss xmm1,xmm2,xmm3", "c5ea52cb", FPApprox, "f32", s, 1, 1, 1},
		{"vhaddps ymm1,ymm2,ymm3", "c5ef7ccb", FPAdd, "f32", y, 8, 1, 1},
		{"vaddsubpd xmm1,xmm2,xmm3", "c5e9d0cb", FPAdd, "f64", x, 2, 1, 1},
		{"dpps xmm1,xmm2,0xff", "660f3a40caff", Dot, "f32", x, 4, 2, 2},
		{"vfmadd231ps zmm1,zmm2,zmm3", "62f26d48b8cb", FMA, "f32", z, 16, 2, 2},
		{"vfnmsub213sd xmm1,xmm2,xmm3", "c4e2e9afcb", FMA, "f64", s, 1, 2, 2},
		{"vfmaddsub132pd ymm1,ymm2,ymm3", "c4e2ed96cb", FMA, "f64", y, 4, 2, 2},
		{"vfmadd231ps zmm1,zmm2,DWORD BCST [rax]", "62f26d58b808", FMA, "f32", z, 16, 2, 2},
		{"vdpbf16ps zmm1,zmm2,zmm3", "62f26e4852cb", Dot, "bf16", z, 16, 4, 0},
		{"vpdpbusd zmm1,zmm2,zmm3", "62f26d4850cb", Dot, "int8", z, 16, 8, 0},
		{"vpdpwssds ymm1,ymm2,ymm3", "62f26d2853cb", Dot, "int16", y, 8, 4, 0},
		{"pmaddwd xmm1,xmm2", "660ff5ca", VecIntMul, "int16", x, 4, 3, 0},
		{"vpmaddubsw zmm1,zmm2,zmm3", "62f26d4804cb", VecIntMul, "int8", z, 32, 3, 0},
		{"vaddph zmm1,zmm2,zmm3", "62f56c4858cb", FPAdd, "f16", z, 32, 1, 1},
		{"vmulsh xmm1,xmm2,xmm3", "62f56e0859cb", FPMul, "f16", s, 1, 1, 1},
		{"vfmadd231ph ymm1,ymm2,ymm3", "62f66d28b8cb", FMA, "f16", y, 16, 2, 2},
		{"vfmulcph zmm1,zmm2,zmm3", "62f66e48d6cb", FPMul, "f16", z, 16, 6, 1},
		{"vfmaddcph xmm1,xmm2,xmm3", "62f66e0856cb", FMA, "f16", x, 4, 8, 2},
		{"vfcmaddcsh xmm1,xmm2,xmm3", "62f66f0857cb", FMA, "f16", s, 1, 8, 2},
		{"tdpbf16ps tmm1,tmm2,tmm3", "c4e2625cca", TileDot, "bf16", perf.Tile, 0, 4, 0},
		{"tdpfp16ps tmm1,tmm2,tmm3", "c4e2635cca", TileDot, "f16", perf.Tile, 0, 4, 0},
		{"tdpbusd tmm1,tmm2,tmm3", "c4e2615eca", TileDot, "int8", perf.Tile, 0, 8, 0},
		{"fadd st,st(1)", "d8c1", X87, "f80", s, 1, 1, 0},
		{"fdivr DWORD PTR [rax]", "d838", X87, "f80", s, 1, 1, 0},
	} {
		op := Of(inst(t, tt.hex))
		integer := tt.dtype == "int8" || tt.dtype == "int16"
		want := Op{Class: tt.class, DType: tt.dtype, Integer: integer, Width: tt.width, Lanes: tt.lanes, PerLane: tt.perLane, PMU: tt.pmu,
			Tile: tt.width == perf.Tile, FMA: tt.class == FMA}
		if op != want {
			t.Errorf("%s: %+v, want %+v", tt.text, op, want)
		}
	}
}

func TestTileProduct(t *testing.T) {
	op := Of(inst(t, "c4e2625cca"))
	if n := op.TileOperations(16, 16, 16); n != 16*16*32*2 { // rows · columns · 32 products of BF16 and as many sums
		t.Errorf("a full tile of BF16: %d operations", n)
	}
}

func TestClasses(t *testing.T) {
	for _, tt := range []struct {
		text, hex string
		class     Class
	}{
		{"vcmpltps k1,zmm2,zmm3", "62f16c48c2cb01", FPOther}, {"vcvtps2pd zmm1,ymm2", "62f17c485aca", Convert},
		{"vpermps zmm1,zmm2,zmm3", "62f26d4816cb", Shuffle}, {"vroundps ymm1,ymm2,0x1", "c4e37d08ca01", FPOther},
		{"vpaddd zmm1,zmm2,zmm3", "62f16d48fecb", VecInt}, {"vpmulld zmm1,zmm2,zmm3", "62f26d4840cb", VecIntMul},
		{"vandps ymm1,ymm2,ymm3", "c5ec54cb", VecLogic}, {"vmovups zmm1,ZMMWORD PTR [rax]", "62f17c481008", Move},
		{"vbroadcastss zmm1,DWORD PTR [rax]", "62f27d481808", Broadcast},
		{"vgatherdps zmm1{k1},DWORD PTR [rax+zmm2*4]", "62f27d49920c90", Gather},
		{"vscatterdpd QWORD PTR [rax+ymm2*8]{k1},zmm1", "62f2fd49a20cd0", Scatter},
		{"kmovw k1,eax", "c5f892c8", Masks}, {"tileloadd tmm1,[rax+rbx*1]", "c4e27b4b0c18", TileMove},
		{"add rax,rbx", "4801d8", Int}, {"imul rax,rbx", "480fafc3", IntMul}, {"div rcx", "48f7f1", IntDiv},
		{"lea rax,[rbx+0x8]", "488d4308", Lea}, {"jne 0x10b", "75fe", Branch}, {"call 0x10d", "e8fbffffff", Call}, {"ret", "c3", Call},
		{"push rax", "50", Stack}, {"rep movsb", "f3a4", String}, {"movsd (string)", "a5", String}, {"movsd xmm1,xmm2", "f20f10ca", Move},
		{"prefetcht0 BYTE PTR [rax]", "0f1808", Prefetch}, {"mfence", "0faef0", Fence}, {"nop", "90", Nop},
		{"vblendmps zmm1{k1},zmm2,zmm3", "62f26d4965cb", Blend}, {"vextractf128 xmm1,ymm2,0x1", "c4e37d19d101", Shuffle},
		{"vzeroupper", "c5f877", Move},
	} {
		if op := Of(inst(t, tt.hex)); op.Class != tt.class || op.Counted() {
			t.Errorf("%s: class %v, counted %t; want %v and not counted", tt.text, op.Class, op.Counted(), tt.class)
		}
	}
}

// Every class that a rule names exists, and none is without a way to get there.
func TestRulesNameClasses(t *testing.T) {
	if len(classRules) != len(splitLines(classTable)) {
		t.Errorf("%d rules of %d lines name a class", len(classRules), len(splitLines(classTable)))
	}
	for c := range classes {
		if classNames[c] == "" {
			t.Errorf("class %d has no name", c)
		}
	}
}
