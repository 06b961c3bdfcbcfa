package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// matmulParts are the parts of the tiled products, to be measured by themselves at the shape of the whole: with the blocks, and on
// the scratch, that the whole would use without a trial.
//
//	matmul.pack   packs every block of B, in a pass of its own; no arithmetic but for int8, to which it adds 128: read it in B/s
//	matmul.tiles  the micro-kernel: panels of A over blocks of B that were packed before
var matmulParts = func() []*Kernel {
	var packs, tiles []*Kernel
	for _, p := range [][2]*Kernel{
		partsOf[float32, float32]("avx2", cpu.AVX2, avx2F32), partsOf[float64, float64]("avx2", cpu.AVX2, avx2F64),
		partsOf[float32, float32]("avx512", cpu.AVX512, avx512F32), partsOf[float64, float64]("avx512", cpu.AVX512, avx512F64),
		partsOf[bf16, float32]("avx512", cpu.AVX512BF16, dotBF16), partsOf[f16, float32]("avx512", cpu.AVX512FP16, halfF16),
		partsOf[int8, int32]("avx512", cpu.AVX512VNNI, vnniInt8),
		partsOf[bf16, float32]("amx", cpu.AMXBF16, amxBF16), partsOf[int8, int32]("amx", cpu.AMXINT8, amxInt8),
	} {
		packs, tiles = append(packs, p[0]), append(tiles, p[1])
	}
	return append(packs, tiles...)
}()

func partsOf[I element, O result](variant string, isa cpu.ISA, whole *microKernel) [2]*Kernel {
	fixed := *whole
	fixed.trial = false
	u := &fixed
	doc, packer := "part of matmul/"+variant+"/"+string(dtypeOf[I]())+": ", isa
	if isa != cpu.AVX2 {
		packer = cpu.AVX512
	}
	pack := matmulKernel(variant, packer, doc+"packing B", tiledMatmul[I, O](u))
	pack.Op = "matmul.pack"
	pack.Work = func(s shape.Shape) Work {
		bytes := float64(s.K) * float64(s.N) * float64(sizeof[I]())
		return Work{LoadBytes: bytes, StoreBytes: bytes, WorkingSet: int64(2*bytes) + tiledMatmul[I, O](u).scratch(s)}
	}
	pack.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := pack.checkBuild(s, workers); err != nil {
			return nil, err
		}
		return newPackRun(newProduct[I, O](s), u, workers), nil
	}
	tiles := matmulKernel(variant, isa, doc+"the micro-kernel, B packed before the call", packedMatmul[I, O](u))
	tiles.Op = "matmul.tiles"
	pack.Params, tiles.Params = nil, nil
	return [2]*Kernel{pack, tiles}
}

// packRun is B's packing, prepared.
type packRun[I element, O result] struct {
	p       *product[I, O]
	workers []*tiled[I, O]
}

func newPackRun[I element, O result](p *product[I, O], u *microKernel, workers int) *packRun[I, O] {
	r := &packRun[I, O]{p: p}
	c := ownCaches()
	for w := range workers {
		t := newTiled(p, u, partFor(p, u, workers, w), c)
		t.cut.fuse = false
		r.workers = append(r.workers, t)
	}
	return r
}

// Part packs the blocks of B that worker multiplies with, one over the other.
func (r *packRun[I, O]) Part(worker int) {
	if t := r.workers[worker]; t.mine.rows > 0 {
		t.eachBlock(func(j, cols, k, depth int) { t.packB(j, cols/t.u.cols, cols%t.u.cols, k, depth) })
	}
}

// Verify packs as all workers do, and looks up every element of B, and the zeros that fill it up, where the micro-kernel expects
// them: MaxError is how many are not there.
func (r *packRun[I, O]) Verify() (Verification, error) {
	wrong := 0
	for w, t := range r.workers {
		if t.mine.rows == 0 {
			continue
		}
		t.eachBlock(func(j, cols, k, depth int) {
			fill(t.packed, 3) // with anything else
			t.packB(j, cols/t.u.cols, cols%t.u.cols, k, depth)
			wrong += t.misplaced(j, cols, k, depth)
		})
		r.Part(w)
	}
	return Verification{Against: against, MaxError: float64(wrong)}, nil
}

// misplaced counts the elements of a packed block that are not what the micro-kernel expects at their place.
func (t *tiled[I, O]) misplaced(j, cols, k, depth int) (wrong int) {
	sliver := t.u.cols * t.u.padded(depth)
	for from := 0; from < cols; from += t.u.cols {
		width, have := t.u.cols, min(t.u.cols, cols-from)
		if t.u.group() == 1 && have <= width/2 {
			width /= 2 // one vector
		}
		for q := range t.u.padded(depth) {
			for c := range width {
				want := 0.0
				if q < depth && c < have {
					want = value(t.p.b.at(k+q, j+from+c)[0])
				}
				if t.u.starts != nil {
					want = float64(int8(int(want) + 128)) // unsigned, in the eyes of VPDPBUSD
				}
				if value(t.packed[from/t.u.cols*sliver+t.u.place(q, c, width)]) != want {
					wrong++
				}
			}
		}
	}
	return wrong
}

// place is where element (q, c) of a sliver is packed: row by row; of narrow types in groups of as many rows as fill 4 bytes, a
// group of a column together; for AMX in tiles of 16 such groups × 16 columns, two of them for each step.
func (u *microKernel) place(q, c, width int) int {
	group := u.group()
	if u.tiles {
		group /= 16
		tile := 16 * 16 * group
		return q/u.step*2*tile + c/16*tile + q%u.step/group*16*group + c%16*group + q%group
	}
	return q/group*width*group + c*group + q%group
}
