package kernels

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// One wrong element of a packed block is seen, and the layouts are what the instructions want: by hand, for a few elements.
func TestMisplaced(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	p := newProduct[bf16, float32](shape.Shape{M: 5, N: 37, K: 11})
	r := newPackRun(p, dotBF16, 1)
	r.Part(0)
	w := r.workers[0]
	if n := w.misplaced(0, 37, 0, 11); n != 0 {
		t.Fatalf("%d elements are misplaced", n)
	}
	// VDPBF16PS takes pairs along k: column 3 of rows 4 and 5 lie together, after 2 pairs of 32 columns and 3 more.
	if at := 2*64 + 3*2; w.packed[at] != p.b.at(4, 3)[0] || w.packed[at+1] != p.b.at(5, 3)[0] {
		t.Error("rows 4 and 5 of column 3 are not a pair")
	}
	for _, at := range []int{0, 77, len(w.packed[:2*32*12]) - 1} {
		was := w.packed[at]
		w.packed[at] = toBF16(1000)
		if n := w.misplaced(0, 37, 0, 11); n != 1 {
			t.Errorf("%d elements are misplaced, want 1", n)
		}
		w.packed[at] = was
	}
	// TDPBSSD takes tiles of 16 groups of 4 rows × 16 columns: row 66 of column 20 is in the second tile of the second step.
	if at, want := amxInt8.place(66, 20, 32), 2048+1024+0*64+4*4+2; at != want {
		t.Errorf("AMX finds it at %d, want %d", at, want)
	}
}

// Every element is packed to its place, in one sliver, in pairs of them, and in the one that is left.
func TestPackedSlivers(t *testing.T) {
	packed := 0
	for _, k := range All() {
		if k.Op != "matmul.pack" || cpu.Usable(k.ISA) != nil {
			continue
		}
		for _, cols := range []int{32, 64, 96, 229} {
			in, err := k.Build(shape.Shape{M: 3, N: cols, K: 133}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := in.Verify(); err != nil || v.MaxError != 0 {
				t.Errorf("%s, %d columns: %v elements elsewhere, %v", k.ID(), cols, v.MaxError, err)
			}
			packed++
		}
	}
	if packed == 0 && cpu.Usable(cpu.AVX2) == nil {
		t.Error("nothing was packed")
	}
}

// Where B is packed before, no call packs: what becomes of B later is not seen.
func TestPackedBefore(t *testing.T) {
	testPackedBefore[float32, float32](t, avx512F32, cpu.AVX512)
	testPackedBefore[bf16, float32](t, dotBF16, cpu.AVX512BF16)
	testPackedBefore[int8, int32](t, vnniInt8, cpu.AVX512VNNI)
}

func testPackedBefore[I element, O result](t *testing.T, u *microKernel, isa cpu.ISA) {
	t.Run(string(dtypeOf[I]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
		p := newProduct[I, O](shape.Shape{M: 30, N: 70, K: 64})
		tiledMatmul[I, O](u).prepare(p, 1)(0)
		want := slices.Clone(p.c.data)
		run := packedMatmul[I, O](u).prepare(p, 1)
		clear(p.b.data)
		clear(p.c.data)
		run(0)
		if !slices.Equal(p.c.data, want) {
			t.Error("the product is not that of B when it was packed")
		}
	})
}
