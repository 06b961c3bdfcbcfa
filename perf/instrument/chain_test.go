package instrument

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Encodings are the GNU assembler's. Expected are the latencies of the chain's instructions, added by hand.
func TestChains(t *testing.T) {
	const (
		chase     = "488b00 "       // mov rax,[rax]
		indexed   = "488b04c8 "     // mov rax,[rax+rcx*8]
		addLoad   = "c5fa5807 "     // vaddss xmm0,xmm0,[rdi]
		advance   = "4883c704 "     // add rdi,4
		count     = "48ffc9 75ea "  // dec rcx; jnz
		fma0      = "c4e25db807 "   // vfmadd231ps ymm0,ymm4,[rdi]
		fma1      = "c4e25db84f20 " // vfmadd231ps ymm1,ymm4,[rdi+32]
		fromCell  = "c5f25806 "     // vaddss xmm0,xmm1,[rsi]
		toCell    = "c5fa1106 "     // vmovss [rsi],xmm0
		fromMoved = "c5f258043e "   // vaddss xmm0,xmm1,[rsi+rdi]
		toMoved   = "c5fa11043e "   // vmovss [rsi+rdi],xmm0
		zero      = "c5f857c0 "     // vxorps xmm0,xmm0,xmm0
		mul       = "c5fb59c1 "     // vmulsd xmm0,xmm0,xmm1
		add       = "c5fb58c2 "     // vaddsd xmm0,xmm0,xmm2
		div       = "c5fb5ec1 "     // vdivsd xmm0,xmm0,xmm1
		freshLoad = "f30f1000 "     // movss xmm0,[rax]
		sseAdd    = "f30f580408 "   // addss xmm0,[rax+rcx*1]
		sseSum    = "f30f58d0 "     // addss xmm2,xmm0
		imul      = "480fafc3 "     // imul rax,rbx

		fromGlobal = "f20f10050c100000 " // movsd xmm0,[rip+0x100c]
		nextAdd    = "f20f5807 "         // addsd xmm0,[rdi]
		toGlobal   = "f20f110500100000 " // movsd [rip+0x1000],xmm0: the same place, behind nextAdd
		toOther    = "f20f110508100000 " // the next place
		ones       = "660f76c0 "         // pcmpeqd xmm0,xmm0
		shifted    = "660f73d001 "       // psrlq xmm0,1
		difference = "c5f9fac0 "         // vpsubd xmm0,xmm0,xmm0
	)
	for _, tt := range []struct {
		name, code    string
		cycles, loads float64
		chain         string
	}{
		{"sum", addLoad + advance + count, 3, 0, "vaddss xmm0,xmm0,DWORD PTR [rdi]"},
		{"two accumulators", fma0 + fma1 + advance + count, 4, 0, "vfmadd231ps"},
		{"one accumulator twice", fma0 + fma0 + advance + count, 8, 0, "vfmadd231ps"},
		{"pointers", chase + count, 0, 1, "mov rax,QWORD PTR [rax]"},
		{"two pointers", chase + chase + count, 0, 2, "mov rax"},
		{"an index", indexed + imul + count, 3, 1, "imul"},
		{"a sum in memory", fromCell + toCell + advance + count, 7, 0, "vmovss DWORD PTR [rsi],xmm0"},
		{"a sum in a variable of the program", fromGlobal + nextAdd + toGlobal + advance + count, 7, 0, "movsd QWORD PTR [rip+0x1000],xmm0"},
		{"from one variable to another", fromGlobal + nextAdd + toOther + advance + count, 1, 0, ""},
		{"a mask made anew each time", ones + shifted + shifted + advance + count, 1, 0, ""},
		{"a difference of a register and itself", difference + shifted + shifted + advance + count, 1, 0, ""},
		{"a sum in moving memory", fromMoved + toMoved + advance + count, 1, 0, ""},
		{"polynomial", mul + add + count, 6, 0, "vmulsd"},
		{"zeroed each time", zero + mul + add + advance + count, 1, 0, ""},
		{"quotient", div + count, 10, 0, "vdivsd"},
		{"a fresh load each time", freshLoad + sseAdd + sseSum + advance + count, 3, 0, "addss xmm2,xmm0"},
		{"a counter", advance + count, 1, 0, ""},
	} {
		b := block(t, tt.code, 1)
		insts, err := b.Insts()
		if err != nil {
			t.Fatal(err)
		}
		l := loopOf(insts, false)
		if l.Cycles != tt.cycles || l.Loads != tt.loads || !strings.Contains(strings.Join(l.Chain, "; "), tt.chain) {
			t.Errorf("%s: %g cycles and %g loads in %q, want %g and %g in %q", tt.name, l.Cycles, l.Loads, l.Chain, tt.cycles, tt.loads, tt.chain)
		}
	}
	if loopOf(nil, false) != nil {
		t.Error("a loop without instructions")
	}
	for _, tt := range []struct { // Zen 5: 2 cycles from addition to addition, 3 from and to all else
		name, code string
		cycles     float64
	}{
		{"sum", addLoad + advance + count, 2}, {"two sums in a row", add + add + count, 4}, {"polynomial", mul + add + count, 6},
		{"product and two sums", mul + add + add + count, 8}, {"a sum in memory", fromCell + toCell + advance + count, 7},
	} {
		b := block(t, tt.code, 1)
		insts, err := b.Insts()
		if err != nil {
			t.Fatal(err)
		}
		if l := loopOf(insts, true); l.Cycles != tt.cycles {
			t.Errorf("%s, where additions forward to additions: %g cycles, want %g", tt.name, l.Cycles, tt.cycles)
		}
	}
}

// The body of a loop of several blocks is what most iterations run through.
func TestLoopOfBlocks(t *testing.T) {
	place := func(addr uint64, code string, executions uint64) BlockCount {
		b := block(t, code, executions)
		b.Addr, b.Entry = addr, 0xf00
		return b
	}
	head := place(0x1000, "c5fa5807", 100)     // vaddss xmm0,xmm0,[rdi]
	rare := place(0x1004, "c5fa5807", 3)       // the same, seldom
	end := place(0x1008, "4883c704 75f2", 100) // add rdi,4; jnz 0x1000
	p := &Profile{Blocks: []BlockCount{head, rare, end}, Workers: []uint64{200, 103}}
	d, err := p.Detail()
	if err != nil {
		t.Fatal(err)
	}
	want := 3.0
	if cpu.AddsForward() {
		want = 2
	}
	if len(d.Blocks) != 3 || d.Blocks[0].Loop == nil || d.Blocks[0].Loop.Cycles != want || d.Blocks[0].Loop.Begin != 0x100 || d.Blocks[0].Offset != 0x108 || d.Blocks[1].Loop != nil {
		t.Errorf("%+v", d.Blocks)
	}
	if d.Blocks[0].Instructions != 200 || d.Blocks[1].FLOPs != 100 || d.Blocks[1].Bytes != 400 || d.Blocks[1].Loads != 100 || len(d.Workers) != 2 {
		t.Errorf("%+v", d)
	}
	p.Blocks[0].Executions = 1000 // a loop of its own inside
	if d, err = p.Detail(); err != nil || d.Blocks[1].Loop != nil || d.Blocks[1].Executions != 100 {
		t.Errorf("%+v, %v", d.Blocks, err)
	}
}

// The mix tells classes, widths and types apart, and lanes that are off from those that are on.
func TestMix(t *testing.T) {
	b := block(t, "62f26548b8d4 62f26549b8d4 c5fa5807 48ffc9", 10) // vfmadd231ps zmm2,zmm3,zmm4; {k1}; vaddss; dec
	b.Lanes[1] = 30
	d, err := (&Profile{Blocks: []BlockCount{b}}).Detail()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Mix) != 3 {
		t.Fatalf("%+v", d.Mix)
	}
	f := d.Mix[0]
	if f.Class != "fma" || f.Width != "512" || f.DType != "f32" || f.Instructions != 20 || f.Share != 0.5 || f.FLOPs != 10*32+30*2 || f.Full != 20*32 {
		t.Errorf("%+v", f)
	}
	for _, m := range d.Mix[1:] {
		if m.Class == "fp add" && (m.Width != "scalar" || m.FLOPs != 10 || m.Full != 0) || m.Class == "int" && m.Width != "" {
			t.Errorf("%+v", m)
		}
	}
}

// A way that begins with a load, and a later one that begins without, do not make a chain of fewer loads than none.
func TestChainsThatBeginDifferently(t *testing.T) {
	b := block(t, "4883c704 ", 1) // add rdi,4
	insts, err := b.Insts()
	if err != nil {
		t.Fatal(err)
	}
	middle := &node{before: &node{}, loaded: true}
	last := &node{}
	for range chainRounds + 1 {
		last = &node{before: last}
	}
	if l := (&chain{body: insts}).describe(last, middle); l.Cycles != 1 || l.Loads != 0 {
		t.Errorf("%g cycles and %g loads, want 1 and 0", l.Cycles, l.Loads)
	}
}
