package kernels

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// beyond is a shape whose operands and output no L2 holds together with others.
var beyond = shape.Shape{H: 12, Q: 544, KV: 544, D: 64, Causal: true}

// TestLinesAhead runs the driver of AMX on blocks that do nothing, and looks for output, queries, keys and values of later heads that nothing fetches.
func TestLinesAhead(t *testing.T) {
	p := newAttentionProblem(beyond, 0)
	p.narrow("attention", BF16)
	if !p.beyondL2() {
		t.Skip("L2 holds all of it")
	}
	fetched := map[uintptr]bool{}
	k := *attentionAMX
	k.load = func(*byte, int, int, *byte, int, int, int, *float32) {}
	k.store, k.values = k.load, func(*byte, int, *byte, int) {}
	k.block[1] = func(a *asm.AttentionBlocks) {
		for then := 1; then != 0; a = (*asm.AttentionBlocks)(unsafe.Add(unsafe.Pointer(a), then)) {
			then = a.Then
			for r := a.Fetch; r != nil && r.Turns != 0; r = (*asm.FetchRange)(unsafe.Add(unsafe.Pointer(r), unsafe.Sizeof(*r))) {
				for i := 0; i < r.Left; i += lineBytes {
					fetched[(r.From+uintptr(i))/lineBytes] = true
				}
			}
		}
	}
	part, err := k.prepare(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	part(0)
	all := func(name string, first *byte, bytes int) {
		t.Helper()
		for i := lineBytes; i < bytes-lineBytes; i += lineBytes {
			if !fetched[(address(first)+uintptr(i))/lineBytes] {
				t.Errorf("%s: byte %d of %d is not fetched", name, i, bytes)
				return
			}
		}
	}
	h := 1 // what the first head begins with is not fetched
	all("output", bytesAt(p.o, 0), 4*len(p.o))
	all("queries", p.q.address(h*p.nq), (p.heads-h)*p.nq*p.q.stride())
	all("keys", p.k.address(h*p.nkv), (p.heads-h)*p.nkv*p.k.stride())
	all("values", p.v.address(h*p.nkv), (p.heads-h)*p.nkv*p.v.stride())
}

// TestFetchesChangeNothing compares heads that are fetched with heads by themselves, which are not.
func TestFetchesChangeNothing(t *testing.T) {
	if err := cpu.Usable(cpu.AMXBF16); err != nil {
		testkit.SkipUnsupported(t, err)
	}
	p := newAttentionProblem(beyond, 0)
	p.narrow("attention", BF16)
	run := func(p *attentionProblem) {
		t.Helper()
		part, err := attentionAMX.prepare(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		part(0)
	}
	run(p)
	for h := range p.heads {
		one := *p
		one.heads, one.q, one.k, one.v, one.o = 1, p.qHead(h), p.kHead(h), p.vHead(h), make([]float32, p.nq*p.ldo)
		run(&one)
		if !slices.Equal(one.o, p.oHead(h)[:len(one.o)]) {
			t.Errorf("head %d differs", h)
		}
	}
}
