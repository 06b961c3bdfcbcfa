package rewrite

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

const (
	original = 0x400000
	copyAt   = 0x10000000
)

func graph(t testing.TB, code string, abi blocks.ABI) *blocks.Graph {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	g, err := blocks.Discover(original, blocks.Options{ABI: abi, Code: func(addr uint64) []byte {
		if addr < original || addr >= original+uint64(len(raw)) {
			return nil
		}
		return raw[addr-original:]
	}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// text disassembles a range of the copy's code; nothing in it may be unknown.
func text(t testing.TB, r *Rewriter, from, to uint64) (lines []string) {
	t.Helper()
	for pc := from; pc < to; {
		in, err := decode.Decode(r.Code()[pc-copyAt:], pc)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, in.String())
		pc += uint64(in.Len)
	}
	return lines
}

func add(t testing.TB, mode Mode, code string) (*Rewriter, *Func) {
	t.Helper()
	r := New(Options{Mode: mode, Base: copyAt, AMX: true})
	f, err := r.Add(graph(t, code, blocks.GoABI0))
	if err != nil {
		t.Fatal(err)
	}
	return r, f
}

// xor eax,eax; L: add eax,[rdi+rcx*4]; dec rcx; jne L; ret
const loop = "31c0 03048f 48ffc9 75f8 c3"

func TestLoopCounterIsInARegister(t *testing.T) {
	r, f := add(t, Count, loop)
	b := r.Blocks[1]
	got := text(t, r, b.begin, b.end)
	slot := "QWORD PTR gs:0x5008"
	if len(got) < 4 || !strings.HasPrefix(got[0], "lea r15,[r15+0x1]") || !strings.HasPrefix(got[3], "jne") || slices.ContainsFunc(got[:4], func(s string) bool { return strings.Contains(s, "gs:") }) {
		t.Errorf("loop:\n%s", strings.Join(got, "\n"))
	}
	// The register is free in the whole function, so it changes hands there: on entry, and before the return.
	entry := strings.Join(text(t, r, f.Entry, f.OwnEntry), "\n")
	if !strings.Contains(entry, "mov r15,"+slot) {
		t.Errorf("the counter is not loaded on entry:\n%s", entry)
	}
	last := r.Blocks[2]
	end := text(t, r, last.begin, last.end)
	if len(end) < 2 || end[len(end)-2] != "mov "+slot+",r15" || end[len(end)-1] != "ret" {
		t.Errorf("the counter is not stored before the return:\n%s", strings.Join(end, "\n"))
	}
}

func TestFlagsInUseAreKept(t *testing.T) {
	// L: adc [rdi],rax; lea rdi,[rdi+8]; dec rcx; jne L; adc rax,0; ret, with all registers used elsewhere: nothing may change flags
	for _, mode := range []Mode{Count, Trace} {
		r, _ := add(t, mode, "f8 481107 488d7f08 48ffc9 75f4 4883d000 c3")
		b := r.Blocks[1]
		for pc := b.begin; pc < b.end; {
			in, err := decode.Decode(r.Code()[pc-copyAt:], pc)
			if err != nil {
				t.Fatal(err)
			}
			own := strings.HasPrefix(in.String(), "adc") || strings.HasPrefix(in.String(), "dec")
			save := strings.HasPrefix(in.String(), "add al,") || in.Mnemonic.String() == "sahf" || strings.HasPrefix(in.String(), "cmp") // between saving and restoring
			if in.FlagsWritten&decode.Status != 0 && !own && !save {
				t.Errorf("mode %d: %v changes flags in the carry chain", mode, &in)
			}
			pc += uint64(in.Len)
		}
	}
}

func TestTraceRecord(t *testing.T) {
	r, _ := add(t, Trace, loop)
	b := r.Blocks[1]
	if len(b.Access) != 1 {
		t.Fatalf("%d accesses", len(b.Access))
	}
	a := b.Access[0]
	// RDI does not change in the loop: it is logged on entry. RCX is a word of every record.
	if a.Base != -1 || a.Index != 1 || a.Scale != 4 || a.Size != 4 || !a.Load || a.Store || b.Words != 2 {
		t.Errorf("%+v, %d words", a, b.Words)
	}
	if len(r.Loops) == 0 || !slices.Contains(r.Loops[len(r.Loops)-1].regs, uint8(decode.RDI)) && !slices.Contains(r.Loops[0].regs, uint8(decode.RDI)) {
		t.Errorf("loops %+v", r.Loops)
	}
}

// One word serves all accesses by a register that moves by constants.
func TestConstantMoves(t *testing.T) {
	// mov rax,[rdi]; add rdi,8; mov rcx,[rdi+16]; lea rdi,[rdi-4]; mov rdx,[rdi]; push rax; pop rcx; ret
	r, _ := add(t, Trace, "488b07 4883c708 488b4f10 488d7ffc 488b17 50 59 c3")
	b := r.Blocks[0]
	var deltas []int64
	for _, a := range b.Access {
		deltas = append(deltas, a.Delta)
	}
	// 0, 8+16, 8-4; the stack: push at -8, pop there, ret at 0
	if want := []int64{0, 24, 4, -8, -8, 0}; !slices.Equal(deltas, want) {
		t.Errorf("deltas %v, want %v", deltas, want)
	}
}

// A frame of enter, and a pop to a place that the stack pointer addresses (Intel SDM volume 2, ENTER and POP).
func TestStackPointerOfFrames(t *testing.T) {
	// enter 16,0; mov rax,[rsp]; pop QWORD PTR [rsp+8]; mov rcx,[rsp]; leave; ret
	r, _ := add(t, Trace, "c8100000 488b0424 8f442408 488b0c24 c9 c3")
	var deltas []int64
	for _, a := range r.Blocks[0].Access {
		deltas = append(deltas, a.Delta)
	}
	// RBP at -8, a load at -24, to 8 behind where the pop leaves the pointer, from -24, a load at -16; by RBP, and what leave made of it
	if want := []int64{-8, -24, -8, -24, -16, 0, 0}; !slices.Equal(deltas, want) {
		t.Errorf("deltas %v, want %v", deltas, want)
	}
}

func TestTileConfigurationIsWatched(t *testing.T) {
	// ldtilecfg [rax]; tdpbf16ps tmm0,tmm1,tmm2; tilestored [rdi+rsi],tmm0; tilerelease; ret
	code := "c4e2784900 c4e26a5cc1 c4e27a4b0437 c4e27849c0 c3"
	for _, mode := range []Mode{Count, Trace} {
		r, _ := add(t, mode, code)
		b := r.Blocks[0]
		got := strings.Join(text(t, r, b.begin, b.end), "\n")
		if !strings.Contains(got, "sttilecfg") || strings.Count(got, "cmp rax,QWORD PTR gs:") != 8 {
			t.Errorf("mode %d:\n%s", mode, got)
		}
		if len(b.Insts) != 1 {
			t.Errorf("%d instructions in the block of ldtilecfg", len(b.Insts))
		}
		if a := r.Blocks[1].Access; mode == Trace && (len(a) != 1 || a[0].Form != TileRows || a[0].Tile != 0 || !a[0].Store) {
			t.Errorf("accesses %+v", a)
		}
	}
}

// A detached copy keeps the first configuration in its first counters.
func TestDetachedTileConfiguration(t *testing.T) {
	r := New(Options{Mode: Count, Base: copyAt, Detached: true})
	if _, err := r.Add(graph(t, "c4e2784900 c4e26a5cc1 c3", blocks.AnyABI)); err != nil { // ldtilecfg [rax]; tdpbf16ps tmm0,tmm1,tmm2; ret
		t.Fatal(err)
	}
	b := r.Blocks[0]
	got := strings.Join(text(t, r, b.begin, b.end), "\n")
	for i := range int32(8) {
		if !strings.Contains(got, fmt.Sprintf("mov QWORD PTR gs:%#x,rax", counterSlot(int(i)))) {
			t.Errorf("word %d is not kept:\n%s", i, got)
		}
	}
	if b.Counter < TileCounters || !strings.Contains(got, "sttilecfg") {
		t.Errorf("counter %d:\n%s", b.Counter, got)
	}
}

func TestMasksAreCountedOnce(t *testing.T) {
	// vaddps zmm1{k1},zmm2,zmm3; vmovups [rdi]{k1},zmm1; kmovw k1,eax; vaddps zmm1{k1},zmm2,zmm3; ret
	r, _ := add(t, Count, "62f16c4958cb 62f17c491107"+"c5f892c8"+"62f16c4958cb c3")
	b := r.Blocks[0]
	if len(b.Dynamic) != 3 || b.Dynamic[0].Counter != b.Dynamic[1].Counter || b.Dynamic[0].Counter == b.Dynamic[2].Counter {
		t.Errorf("dynamic counts %+v: one for each value of k1", b.Dynamic)
	}
	if n := strings.Count(strings.Join(text(t, r, b.begin, b.end), "\n"), "popcnt"); n != 2 {
		t.Errorf("%d popcounts", n)
	}
}

func TestOriginal(t *testing.T) {
	r, _ := add(t, Count, loop)
	b := r.Blocks[1]
	if got, in := r.Original(b.instEnd[0] - 1); got != b || in == nil || in.PC != original+2 {
		t.Errorf("%v, %v", got, in)
	}
	if got, _ := r.Original(copyAt); got != nil {
		t.Error("shared code has no original")
	}
}

func TestOutOfReach(t *testing.T) {
	// mov rax,[rip+0]; ret
	g := graph(t, "488b0500000000 c3", blocks.GoABI0)
	r := New(Options{Mode: Count, Base: original + 1<<33})
	size := len(r.Code())
	if _, err := r.Add(g); !errors.Is(err, errRange) {
		t.Errorf("error %v", err)
	}
	if len(r.Code()) != size || r.Counters() != 0 || len(r.Blocks) != 0 {
		t.Error("a failed copy leaves something behind")
	}
	small := New(Options{Mode: Count, Base: copyAt, Limit: size + 8})
	var tooMuch *SizeError
	if _, err := small.Add(graph(t, loop, blocks.GoABI0)); !errors.As(err, &tooMuch) {
		t.Errorf("error %v, want a *SizeError", err)
	}
}

// Whatever the code, the copy consists of instructions that are known, its jumps lead into it, and nothing panics.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{loop, "c3", "ff27", "ffd0 c3", "e801000000 c3 c3", "f3a6 c3", "f8 481107 488d7f08 48ffc9 75f4 c3", "62f27d49920c90 c3", "c4e2784900 c4e26a5cc1 c3", "e2fe c3", "0f05", "7500 c3"} {
		raw, _ := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		f.Add(raw, false)
		f.Add(raw, true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, trace bool) {
		if len(raw) == 0 || len(raw) > 4096 {
			return
		}
		g, err := blocks.Discover(original, blocks.Options{Code: func(addr uint64) []byte {
			if addr < original || addr >= original+uint64(len(raw)) {
				return nil
			}
			return raw[addr-original:]
		}})
		if err != nil {
			return
		}
		mode := Count
		if trace {
			mode = Trace
		}
		r := New(Options{Mode: mode, Base: copyAt, AMX: true})
		fn, err := r.Add(g)
		if err != nil {
			return
		}
		end := copyAt + uint64(len(r.Code()))
		for _, b := range r.Blocks {
			for pc := b.begin; pc < b.end; {
				in, err := decode.Decode(r.Code()[pc-copyAt:], pc)
				if err != nil {
					t.Fatalf("% x: %v", raw, err)
				}
				if in.Control.Direct() && in.Control != decode.Call && (in.Target < copyAt || in.Target >= end) && !g.IsOutside(in.Target) {
					t.Fatalf("% x: %v leaves the copy", raw, &in)
				}
				pc += uint64(in.Len)
			}
		}
		if fn.Entry < copyAt || fn.OwnEntry >= end {
			t.Fatalf("entries %#x, %#x", fn.Entry, fn.OwnEntry)
		}
	})
}
