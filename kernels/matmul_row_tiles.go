package kernels

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// rowTiles is the assembly that multiplies few rows of A with tiles of B where it lies: along whole rows of B, or down some columns after the others.
type rowTiles struct {
	along, down func(*asm.NarrowTiles)
	order       func(*asm.NarrowSums)
	spread      func(dst *byte, dstBytes int, src *byte, groups int)
	group       int // elements that AMX takes along K at once
}

// rowTilesGroup is how many rows of B a tile has.
const rowTilesGroup = 16

// takes reports whether m rows of A meet B so: as many as a tile has room for, and of B whole tiles, from beyond L1. From a far last cache one row,
// and any of int8, come as fast to vectors.
func (t *rowTiles) takes(m, n, k, es int, c caches) bool {
	return m*t.group <= rowTilesGroup && k%rowTilesGroup == 0 && n*es%lineBytes == 0 && n*k*es > c.l1 && (m > 1 && t.group == 2 || !c.piecesFarLast(n*k*es))
}

// rowTilesWorker is one worker's scratch.
type rowTilesWorker[I element, O result] struct {
	_       ownLines
	shapes  [64]byte
	args    asm.NarrowTiles
	row     asm.NarrowSums
	a       []int32
	sums    []O
	spoiled spoiledLine[I, O] // of bf16
	from    int
	cols    int
	_       ownLines
}

// rowTilesScratch is how many bytes one worker has.
func rowTilesScratch[I element, O result](t *rowTiles, s shape.Shape, vectors multiplier[I, O]) int64 {
	bytes := int64(4 * s.M * (t.group*s.K + s.N))
	if dtypeOf[I]() == BF16 {
		line := spoiledShape[I](s.M, s.K)
		bytes += int64(sizeof[I]()*line.K*line.N+sizeof[O]()*line.M*line.N) + vectors.scratch(line)
	}
	return bytes
}

// multiplyRowTiles computes few rows of C so. Workers share columns.
func multiplyRowTiles[I element, O result](p *product[I, O], workers int, t *rowTiles, vectors multiplier[I, O], c caches) func(int) {
	m, n, k, es := p.c.rows, p.c.cols, p.a.cols, sizeof[I]()
	height := m * t.group
	all := make([]rowTilesWorker[I, O], workers)
	for w := range all {
		f := &all[w]
		from, to := share(n, lineElems[I](), workers, w)
		f.from, f.cols = from, to-from
		if from == to {
			continue
		}
		f.a, f.sums = allocApart[int32](k*height), allocApart[O](height*f.cols/t.group)
		keep(&p.scratch, "tiles of A", f.a)
		keep(&p.scratch, "sums", f.sums)
		f.shapes = [64]byte{0: 1} // palette
		for i := range 8 {
			binary.LittleEndian.PutUint16(f.shapes[16+2*i:], lineBytes)
			f.shapes[48+i] = byte(height)
			if i > 4 {
				f.shapes[48+i] = rowTilesGroup
			}
		}
		if dtypeOf[I]() == BF16 {
			f.spoiled = newSpoiledLine(p, vectors)
		}
	}
	along := n*k*es > c.piecesComeFrom()
	return func(worker int) {
		f := &all[worker]
		if f.cols == 0 {
			return
		}
		spreadRows(f.a, p.a, t)
		multiplySpread(f, p, t, along)
		for i := range m {
			f.row = asm.NarrowSums{
				Sums: pointer(f.sums[i*t.group*16:]), BlockBytes: height * lineBytes, C: pointer(p.c.at(i, f.from)), Blocks: f.cols / lineElems[I](),
			}
			t.order(&f.row)
		}
		if x, ok := any(f.sums).([]float32); ok && !allFinite(x) {
			f.spoiled.again(p, x, f.from)
		}
	}
}

// spreadRows puts rows of a into tiles.
func spreadRows[I element](to []int32, a matrix[I], t *rowTiles) {
	for i := range a.rows {
		t.spread(pointer(to[i*t.group*16:]), a.rows*t.group*lineBytes, pointer(a.row(i)), a.cols/rowTilesGroup)
	}
}

// multiplySpread leaves the products of a worker's columns in its sums.
func multiplySpread[I element, O result](f *rowTilesWorker[I, O], p *product[I, O], t *rowTiles, along bool) {
	es, k, row := sizeof[I](), p.a.cols, p.b.stride*sizeof[I]()
	tile, blocks := p.a.rows*t.group*rowTilesGroup, f.cols/lineElems[I]()
	f.args = asm.NarrowTiles{
		Shapes: &f.shapes[0], A: pointer(f.a), ABytes: tile * 4, B: pointer(p.b.at(0, f.from)), BBytes: row, BNext: rowTilesGroup * row,
		Sums: pointer(f.sums), SumBytes: tile * 4, Groups: k / rowTilesGroup, Blocks: blocks,
	}
	if !along {
		most := max(streamBytes/(lineBytes*k)/4*4, 4)
		for at := 0; at < blocks; at += most {
			f.args.B, f.args.Sums, f.args.Blocks = pointer(p.b.at(0, f.from+at*lineElems[I]())), pointer(f.sums[at*tile:]), min(most, blocks-at)
			t.down(&f.args)
		}
		return
	}
	clear(f.sums)
	most := max(streamBytes/(rowTilesGroup*f.cols*es), 1)
	for g := 0; g < k/rowTilesGroup; g += most {
		f.args.A, f.args.B, f.args.Groups = pointer(f.a[g*tile:]), pointer(p.b.at(g*rowTilesGroup, f.from)), min(most, k/rowTilesGroup-g)
		t.along(&f.args)
	}
}
