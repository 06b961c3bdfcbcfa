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
	most        int // how many times as many rows as a tile of A has are multiplied, by one pass of B after the other
	fewFar      int // up to how many rows vectors multiply as fast where B comes from far
}

// rowTilesGroup is how many rows of B a tile has.
const rowTilesGroup = 16

// passes is how many passes m rows take, rows how many each: the last one has some rows of the one before again, if they are not a multiple.
func (t *rowTiles) passes(m int) (passes, rows int) {
	most := rowTilesGroup / t.group
	passes = (m + most - 1) / most
	return passes, (m + passes - 1) / passes
}

// takes reports whether m rows of A meet B so: of B whole tiles, from beyond L1. From a far last cache one row, and up to four of int8, come as fast to
// vectors.
func (t *rowTiles) takes(m, n, k, es int, c caches) bool {
	if t.group == 0 || m == 0 || k < rowTilesGroup || n*es < lineBytes || n*k*es <= c.l1 {
		return false
	}
	passes, _ := t.passes(m)
	return passes <= t.most && (m > t.fewFar || !c.piecesFarLast(n*k*es))
}

// rowTilesWorker is one worker's scratch.
type rowTilesWorker[I element, O result] struct {
	_       ownLines
	shapes  [64]byte
	args    asm.NarrowTiles
	row     asm.NarrowSums
	a       []int32           // of each pass
	sums    []O               // of each pass, of whole lines of B
	last    []O               // of the line of columns that ends with the last, if that is none of those
	spoiled spoiledLine[I, O] // of bf16
	from    int
	cols    int
	_       ownLines
}

// rowTilesScratch is how many bytes one worker has.
func rowTilesScratch[I element, O result](t *rowTiles, s shape.Shape, vectors multiplier[I, O]) int64 {
	passes, rows := t.passes(s.M)
	bytes := int64(4 * passes * rows * (t.group*roundUp(s.K, rowTilesGroup) + roundUp(s.N, lineElems[I]())))
	if dtypeOf[I]() == BF16 {
		line := spoiledShape[I](s.M, s.K)
		bytes += int64(sizeof[I]()*line.K*line.N+sizeof[O]()*line.M*line.N) + vectors.scratch(line)
	}
	return bytes
}

// multiplyRowTiles computes few rows of C so. Workers share columns.
func multiplyRowTiles[I element, O result](p *product[I, O], workers int, t *rowTiles, vectors multiplier[I, O], c caches) func(int) {
	m, n, k, es, lanes := p.c.rows, p.c.cols, p.a.cols, sizeof[I](), lineElems[I]()
	passes, rows := t.passes(m)
	height, groups := rows*t.group, (k+rowTilesGroup-1)/rowTilesGroup
	all := make([]rowTilesWorker[I, O], workers)
	for w := range all {
		f := &all[w]
		from, to := share(n/lanes*lanes, lanes, workers, w)
		if from == to {
			continue
		}
		if to == n/lanes*lanes {
			to = n
		}
		f.from, f.cols = from, to-from
		blocks := f.cols / lanes
		f.a, f.sums = allocApart[int32](passes*groups*height*rowTilesGroup), allocApart[O](passes*blocks*height*rowTilesGroup)
		if f.cols%lanes != 0 {
			f.last = allocApart[O](passes * height * rowTilesGroup)
		}
		keep(&p.scratch, "tiles of A", f.a)
		keep(&p.scratch, "sums", f.sums)
		keep(&p.scratch, "last sums", f.last)
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
		for i := range passes {
			spreadRows(f.a[i*groups*height*rowTilesGroup:], p.a, min(i*rows, m-rows), rows, t)
		}
		multiplySpread(f, p, t, along)
		for i := range m {
			pass := min(i/rows, passes-1)
			row := i - min(pass*rows, m-rows)
			blocks := f.cols / lanes
			f.row = asm.NarrowSums{BlockBytes: height * lineBytes,
				Sums: pointer(f.sums[(pass*blocks*height+row*t.group)*rowTilesGroup:]), C: pointer(p.c.at(i, f.from)), Blocks: blocks,
			}
			t.order(&f.row)
			if len(f.last) > 0 {
				f.row.Sums, f.row.C, f.row.Blocks = pointer(f.last[(pass*height+row*t.group)*rowTilesGroup:]), pointer(p.c.at(i, f.from+f.cols-lanes)), 1
				t.order(&f.row)
			}
		}
		if f.spoiled.product != nil {
			f.spoiled.again(p, f.sums, f.from, passes, height*rowTilesGroup)
			f.spoiled.again(p, f.last, f.from+f.cols-lanes, passes, height*rowTilesGroup)
		}
	}
}

// firstRows is how many rows of B are in the first group, which has some of those of the second as well if they are less than a tile has: A's are zeros there.
func firstRows(k int) int { return (k-1)%rowTilesGroup + 1 }

// spreadRows puts rows of a into tiles.
func spreadRows[I element](to []int32, a matrix[I], from, rows int, t *rowTiles) {
	groups, first, tile := a.cols/rowTilesGroup, firstRows(a.cols), rows*t.group*rowTilesGroup
	for i := range rows {
		to, row := to[i*t.group*rowTilesGroup:], a.row(from+i)
		if first < rowTilesGroup {
			var some [rowTilesGroup]I
			copy(some[:], row[:first])
			t.spread(pointer(to), tile*4, pointer(some[:]), 1)
			to, row = to[tile:], row[first:]
		}
		t.spread(pointer(to), tile*4, pointer(row), groups)
	}
}

// multiplySpread leaves the products of a worker's columns in its sums. Each pass takes as much of B as one call may read, and finds it in L2 but for the first.
func multiplySpread[I element, O result](f *rowTilesWorker[I, O], p *product[I, O], t *rowTiles, along bool) {
	es, k, row, lanes := sizeof[I](), p.a.cols, p.b.stride*sizeof[I](), lineElems[I]()
	passes, rows := t.passes(p.a.rows)
	tile, blocks, groups := rows*t.group*rowTilesGroup, f.cols/lanes, (k+rowTilesGroup-1)/rowTilesGroup
	f.args = asm.NarrowTiles{
		Shapes: &f.shapes[0], ABytes: tile * 4, BBytes: row, BFirst: firstRows(k) * row, BNext: rowTilesGroup * row, SumBytes: tile * 4, Groups: groups,
	}
	run := func(code func(*asm.NarrowTiles), pass, group, at, col, blocks int, sums []O) {
		f.args.A, f.args.B = pointer(f.a[(pass*groups+group)*tile:]), pointer(p.b.at(at, f.from+col))
		f.args.Sums, f.args.Blocks = pointer(sums), blocks
		code(&f.args)
	}
	if !along {
		most := max(streamBytes/(lineBytes*k)/4*4, 4)
		for at := 0; at < blocks; at += most {
			for pass := range passes {
				run(t.down, pass, 0, 0, at*lanes, min(most, blocks-at), f.sums[(pass*blocks+at)*tile:])
			}
		}
		for at := range len(f.last) / tile {
			run(t.down, at, 0, 0, f.cols-lanes, 1, f.last[at*tile:])
		}
		return
	}
	clear(f.sums)
	clear(f.last)
	most := max(streamBytes/(rowTilesGroup*f.cols*es), 1)
	for g := 0; g < groups; g += most {
		at := max(g*rowTilesGroup-(groups*rowTilesGroup-k), 0)
		f.args.Groups = min(most, groups-g)
		for pass := range passes {
			run(t.along, pass, g, at, 0, blocks, f.sums[pass*blocks*tile:])
			if len(f.last) > 0 {
				run(t.along, pass, g, at, f.cols-lanes, 1, f.last[pass*tile:])
			}
		}
		f.args.BFirst = f.args.BNext
	}
}
