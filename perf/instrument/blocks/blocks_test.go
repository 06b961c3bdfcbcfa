package blocks

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// at is where test code stands.
const at = 0x1000

func discover(t *testing.T, code string, opt Options) *Graph {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	opt.Code = func(addr uint64) []byte {
		if addr < at || addr >= at+uint64(len(raw)) {
			return nil
		}
		return raw[addr-at:]
	}
	g, err := Discover(at, opt)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// shape lists the blocks: offset, instructions, successors.
func shape(g *Graph) (list []string) {
	for _, b := range g.Blocks {
		var s []string
		for _, to := range b.Succs {
			s = append(s, hex.EncodeToString([]byte{byte(to.Addr - at)}))
		}
		text := hex.EncodeToString([]byte{byte(b.Addr - at)}) + ":" + string('0'+rune(len(b.Insts))) + "→" + strings.Join(s, ",")
		if b.Head {
			text += " head"
		}
		list = append(list, text)
	}
	return list
}

const (
	// xor eax,eax; L: add eax,[rdi+rcx*4]; dec rcx; jne L; ret
	loop = "31c0 03048f 48ffc9 75f8 c3"
	// test rdi,rdi; je E; mov eax,1; jmp R; E: mov eax,2; R: ret
	diamond = "4885ff 7407 b801000000 eb05 b802000000 c3"
	// outer: mov rdx,rsi; inner: add rax,rdx; dec rdx; jne inner; dec rcx; jne outer; ret
	nested = "4889f2 4801d0 48ffca 75f8 48ffc9 75f0 c3"
)

func TestDiscover(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		want       []string
	}{
		{"loop", loop, []string{"00:1→02 head", "02:3→02,0a head", "0a:1→"}},
		{"diamond", diamond, []string{"00:2→0c,05 head", "05:2→11", "0c:1→11", "11:1→"}},
		{"nested", nested, []string{"00:1→03 head", "03:3→03,0b head", "0b:2→00,10", "10:1→"}},
		// call F; ret; F: ret. The callee is a head, as a call may close a cycle.
		{"call", "e801000000 c3 c3", []string{"00:1→05 head", "05:1→", "06:1→ head"}},
		// jmp into the immediate of mov eax: two readings of the same bytes.
		{"overlap", "85ff 7401 b890909090 c3", []string{"00:2→05,04 head", "04:2→", "05:5→"}},
	} {
		g := discover(t, tt.code, Options{})
		if got := shape(g); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		for _, b := range g.Blocks {
			for k := range b.Insts {
				if in, err := decode.Decode(b.Bytes(k), b.Insts[k].PC); err != nil || in != b.Insts[k] {
					t.Errorf("%s: bytes % x of %v: %v", tt.name, b.Bytes(k), &b.Insts[k], err)
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct{ code, why string }{
		{"0f05 c3", "system call"}, {"f4", "privileged"}, {"fd c3", "direction flag"}, {"65488b00 c3", "GS segment"},
		{"678b00 c3", "32-bit addresses"}, {"e800000000 c3", "next instruction"}, {"d7 c3", "xlat"}, {"06", "no known instruction"},
		{"c7f800000000 c3", "transactional"}, {"48a18877665544332211 c3", "64 bits"},
	} {
		g := discover(t, tt.code, Options{})
		refused := g.Refused()
		if len(refused) != 1 || refused[0].PC != at || len(refused[0].Bytes) == 0 || !strings.Contains(refused[0].Error(), tt.why) {
			t.Errorf("%s: refused %v, want %q", tt.code, refused, tt.why)
		}
	}
	if _, err := Discover(at, Options{Code: func(uint64) []byte { return nil }}); err == nil {
		t.Error("no code was accepted")
	}
	if g := discover(t, loop, Options{}); len(g.Refused()) != 0 {
		t.Errorf("refused %v", g.Refused())
	}
	var _ error = (*RefusedError)(nil)
	if err := error(&RefusedError{PC: 1, Bytes: []byte{0x90}, Why: "x"}); !strings.Contains(err.Error(), "0x1 (90): x") || errors.Unwrap(err) != nil {
		t.Error(err)
	}
}

func TestOutside(t *testing.T) {
	// call far; ret, and far is none of ours
	g := discover(t, "e8fb0f0000 c3", Options{})
	if g.Calls || g.Blocks[0].Callee != nil || len(g.Blocks) != 2 {
		t.Errorf("a call of unknown code: %v", shape(g))
	}
	inside := "e801000000 c3 c3"
	g = discover(t, inside, Options{Outside: func(target uint64) bool { return target == at+6 }})
	if g.Calls || !g.IsOutside(at+6) || len(g.Blocks) != 2 {
		t.Errorf("a call outside: %v", shape(g))
	}
	if g = discover(t, inside, Options{}); !g.Calls || g.Blocks[0].Callee != g.At(at+6) {
		t.Errorf("a call inside: %v", shape(g))
	}
}

func TestLateCode(t *testing.T) {
	// jmp rax; int3; then a loop that only the jump reaches
	g := discover(t, "ffe0 cc"+loop, Options{})
	if !g.Indirect || len(g.Blocks) != 1 {
		t.Fatalf("%v", shape(g))
	}
	fresh, err := g.Extend(at + 3)
	if err != nil || len(fresh) != 3 || !fresh[0].Late || !fresh[0].Head || fresh[0].Index != 1 {
		t.Fatalf("%v, %v", shape(g), err)
	}
	// Into the middle of a known block: the rest of it again, up to what is known.
	fresh, err = g.Extend(at + 8)
	if err != nil || len(fresh) != 1 || fresh[0].Addr != at+8 || len(fresh[0].Insts) != 2 || fresh[0].Succs[0] != g.At(at+5) {
		t.Errorf("%v, %v", shape(g), err)
	}
	if again, err := g.Extend(at + 3); err != nil || len(again) != 0 {
		t.Errorf("known code: %d blocks, %v", len(again), err)
	}
	if _, err := g.Extend(at + 0x5000); err == nil {
		t.Error("no code was accepted")
	}
}

func TestLiveness(t *testing.T) {
	const rax, rcx, rdi = 1 << decode.RAX, 1 << decode.RCX, 1 << decode.RDI
	g := discover(t, loop, Options{ABI: SysV})
	body := g.At(at + 2)
	points := g.Points(body)
	for k, want := range []bool{true, true, false, true} { // the jump reads what dec has set
		if points[k].FlagsDead() != want {
			t.Errorf("flags before instruction %d: dead %t, want %t", k, points[k].FlagsDead(), want)
		}
	}
	if l := points[0].GPRs; l&(rax|rcx|rdi) != rax|rcx|rdi || l&(1<<decode.RSI) != 0 {
		t.Errorf("live in the loop: %#x", l)
	}
	if l := g.LiveIn(g.Blocks[0]).GPRs; l&rax != 0 {
		t.Error("RAX is live before it is zeroed")
	}
	// adc [rdi],rax; lea rdi,[rdi+8]; dec rcx; jne: the carry is live all around.
	g = discover(t, "f8 481107 488d7f08 48ffc9 75f4 c3", Options{ABI: GoABI0})
	for _, l := range g.Points(g.At(at + 1))[:4] {
		if l.Flags&decode.CF == 0 {
			t.Error("the carry is dead in its chain")
		}
	}
	// At the return of a Go function only the stack registers matter; of an unknown one all do.
	for abi, want := range map[ABI]uint32{GoABI0: 1<<decode.RSP | 1<<decode.RBP, AnyABI: allGPRs} {
		g := discover(t, "c3", Options{ABI: abi})
		if got := g.LiveIn(g.Blocks[0]).GPRs; got != want {
			t.Errorf("ABI %d: %#x, want %#x", abi, got, want)
		}
	}
	// xor eax,eax; test edi,edi; jne far; ret: whoever is jumped to may read all registers, and find those of the caller.
	g = discover(t, "31c0 85ff 0f85f60f0000 c3", Options{ABI: SysV})
	if got := g.Points(g.Blocks[0])[3].GPRs; got != allGPRs {
		t.Errorf("live at a conditional jump out of the code: %#x", got)
	}
	if free := g.Loops()[0].Free(); free != 0 {
		t.Errorf("registers %#x are free in code that is left by a conditional jump", free)
	}
	// Where calls stay inside, flags may be results.
	g = discover(t, "e801000000 c3 c3", Options{ABI: SysV})
	if g.LiveIn(g.At(at + 6)).FlagsDead() {
		t.Error("flags are dead at the return of an inner function")
	}
}

func TestLoops(t *testing.T) {
	g := discover(t, nested, Options{})
	loops := g.Loops()
	if len(loops) != 3 || loops[0].Header != nil || loops[0].Depth != 0 {
		t.Fatalf("%d loops", len(loops))
	}
	outer, inner := loops[1], loops[2]
	if outer.Header != g.At(at) || inner.Header != g.At(at+3) || inner.Parent != outer || outer.Parent != loops[0] || inner.Depth != 2 || !inner.Inner || outer.Inner {
		t.Errorf("outer %+v, inner %+v", outer, inner)
	}
	if !outer.Has(g.At(at+0xb)) || inner.Has(g.At(at+0xb)) || outer.Has(g.At(at+0x10)) {
		t.Error("blocks of the loops")
	}
	if free := inner.Free(); free != allGPRs&^(1<<decode.RAX|1<<decode.RDX|1<<decode.RSP) {
		t.Errorf("free in the inner loop: %#x", free)
	}
	if free := outer.Free(); free&(1<<decode.RCX|1<<decode.RSI) != 0 || free&(1<<decode.RDI) == 0 {
		t.Errorf("free in the outer loop: %#x", free)
	}
	// A cycle with two entries has no natural loop: je B; A: dec rcx; B: dec rdx; jne A; ret
	g = discover(t, "7403 48ffc9 48ffca 75f8 c3", Options{})
	if loops := g.Loops(); len(loops) != 1 {
		t.Errorf("two entries: %d loops besides all of the code", len(loops)-1)
	}
	if !g.At(at + 2).Head {
		t.Error("nothing interrupts the cycle")
	}
	// Nothing is free where a call leaves.
	g = discover(t, "e8fb0f0000 c3", Options{})
	if free := g.Blocks[0].Free(); free != 0 {
		t.Errorf("free at a call: %#x", free)
	}
}

// However the code looks, every cycle of blocks passes a head, blocks do not overlap in what they are made of, and discovering
// never panics.
func FuzzDiscover(f *testing.F) {
	for _, s := range []string{loop, diamond, nested, "e801000000 c3 c3", "85ff 7401 b890909090 c3", "ffe0", "0f05", "ebfe", "e2fe c3"} {
		raw, _ := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 {
			return
		}
		code := func(addr uint64) []byte {
			if addr < at || addr >= at+uint64(len(raw)) {
				return nil
			}
			return raw[addr-at:]
		}
		g, err := Discover(at, Options{Code: code})
		if err != nil {
			return
		}
		g.Loops()
		state := map[*Block]int{}
		var visit func(b *Block)
		visit = func(b *Block) {
			state[b] = 1
			g.Points(b)
			for _, s := range b.Succs {
				if state[s] == 1 && !s.Head {
					found := false // another block of the cycle may be one
					for x := range state {
						found = found || state[x] == 1 && x.Head
					}
					if !found {
						t.Fatalf("a cycle back to %#x without a head", s.Addr)
					}
				}
				if state[s] == 0 {
					visit(s)
				}
			}
			state[b] = 2
		}
		for _, b := range g.Blocks {
			if state[b] == 0 {
				visit(b)
			}
		}
	})
}
