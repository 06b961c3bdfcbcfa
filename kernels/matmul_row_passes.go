package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// Rows of A that meet a B from far: streams multiply passHeight of them at most, while B comes, and tiles, of passRest rows at least, what is left while a
// piece of it is in L2.
const (
	passHeight = 8
	passRest   = 4
	passGroup  = 8 // rows of B that streams take at once
	passWidest = 8 // vectors of the widest tile
)

// Up to how many rows pass so, and of how short a C more; from how many rows of B on.
const (
	passMost  = 32
	passMore  = 48
	passDepth = 128
)

// passesFarLast reports whether m rows of A pass so by a B from beyond L2 where the last cache is far: tiles wait there for each piece of a row.
func passesFarLast(m, n, k, es int, c caches) bool {
	switch {
	case m <= inPlaceRows || k < passDepth || n*es <= inPlaceNarrow*lineBytes || !c.piecesFarLast(n*k*es):
		return false
	case m <= passMost:
		return true
	}
	return m <= passMore && m*n*es <= c.l2/4
}

// passShare is the percentage of L2 that what tiles find there of B fills.
const passShare = 40

// passPlan is how the rows pass by: how many as streams, by how many rows of B before tiles take their turn, a block of how many columns at a time, whose
// rows of C lie so many elements apart.
type passPlan struct{ rows, depth, block, stride int }

// planPasses plans m rows. Streams read whole rows of B if C fits a quarter of L2; what tiles find of them fills another part of it.
func planPasses(m, n, k, es int, c caches) (l passPlan) {
	lanes := lineBytes / es
	l.rows, l.depth = m, k
	if m > passHeight {
		l.rows = min(passHeight, m-passRest)
	}
	n = (n + lanes - 1) / lanes * lanes
	pieces := (l.rows*n*es-1)/(c.l2/4) + 1
	l.block = (n/lanes + pieces - 1) / pieces * lanes
	l.stride = apart((l.block+passWidest*lanes)*es, l.rows) / es // the last block has what is left of tiles, too
	if l.rows < m {
		l.depth = min(k, max(c.l2*passShare/100/(l.block*es)/passGroup, 1)*passGroup)
	}
	return l
}

// elements is how many of rows of A and of C a worker has as scratch.
func (l passPlan) elements(es int) (a, c int) { return l.rows * l.depth, l.rows*l.stride + page/es }

// passWorker is one worker's scratch, and for each piece of B the calls of tiles.
type passWorker[T float] struct {
	fewRows[T]
	blocks []passBlock
	pieces [][]call[asm.MatmulInPlace]
}

// passBlock is a block of columns.
type passBlock struct{ col, cols int }

// streamThenTiles computes C so. Workers share columns, by whole tiles.
func streamThenTiles[T float](p *product[T, T], workers int, streams []rowStream, u inPlace, c caches) func(int) {
	es, m, n, k := sizeof[T](), p.c.rows, p.c.cols, p.a.cols
	l := planPasses(m, n, k, es, c)
	parts := u.passParts(m-l.rows, n, l.depth, lineElems[T]())
	inA, inC := l.elements(es)
	all := make([]passWorker[T], workers)
	for w := range all {
		f := &all[w]
		f.a, f.c = matrix[T]{alloc[T](inA), l.rows, l.depth, l.depth}, matrix[T]{allocApart[T](inC), l.rows, l.block, l.stride}
		keep(&p.scratch, "rows of A", f.a.data)
		keep(&p.scratch, "rows of C", f.c.data)
		tiles := inPlacePlan[T]{p: p, u: u}
		tiles.prefetch(l.depth*l.block*es, p.b.stride*es, c)
		f.plan(l, parts, &tiles, workers, w)
	}
	return func(worker int) {
		f := &all[worker]
		pieces := f.pieces
		for _, b := range f.blocks {
			to := f.away(pointer(p.b.at(0, b.col)))
			clear(to.data)
			for at := 0; at < k; at += l.depth {
				f.passBy(p, to, streams[l.rows-1], at, min(l.depth, k-at), b)
				for i := range pieces[0] {
					pieces[0][i].run(&pieces[0][i].args)
				}
				pieces = pieces[1:]
			}
			for i := range l.rows {
				copy(p.c.at(i, b.col)[:b.cols], to.at(i, 0))
			}
		}
	}
}

// passParts cuts columns into tiles for so many rows; of no rows into lines.
func (u inPlace) passParts(rows, n, depth, lanes int) []columnPart {
	if rows == 0 {
		return []columnPart{{tiles: (n + lanes - 1) / lanes, halves: 2, lanes: n % lanes}}
	}
	parts, _ := u.tileParts(rows, n, depth, lanes/2, 2, len(u.tiles), bRows{crossing: n%lanes != 0, far: true})
	return parts
}

// plan lists a worker's blocks of columns, and the calls of tiles for each piece of B.
func (f *passWorker[T]) plan(l passPlan, parts []columnPart, tiles *inPlacePlan[T], workers, worker int) {
	half, m, n, k := lineElems[T]()/2, tiles.p.c.rows, tiles.p.c.cols, tiles.p.a.cols
	width := parts[0].halves * half
	first, end := share(parts[0].tiles, 1, workers, worker)
	each := max(l.block/width, 1) // tiles in a block
	for at := first; at < end; at += each {
		part := parts[0]
		part.col, part.tiles = at*width, min(each, end-at)
		b := passBlock{part.col, min(part.tiles*width, n-part.col)}
		block := []columnPart{part}
		if at+part.tiles == parts[0].tiles {
			b.cols = n - part.col
			block = append(block, parts[1:]...)
		}
		f.blocks = append(f.blocks, b)
		for at := 0; at < k; at += l.depth {
			tiles.calls = nil
			for _, part := range block {
				tiles.add(part, at, min(l.depth, k-at), l.rows, m, false)
			}
			f.pieces = append(f.pieces, tiles.calls)
		}
	}
}

// passBy adds what depth rows of B from row k on make to a block of the rows of C that are streams.
func (f *passWorker[T]) passBy(p *product[T, T], c matrix[T], s rowStream, k, depth int, b passBlock) {
	es, lanes, rows, args := sizeof[T](), lineElems[T](), c.rows, &f.args
	groups, tail := depth/passGroup, b.cols%lanes
	arrange(f.a, matrix[T]{p.a.at(0, k), rows, depth, p.a.stride}, passGroup)
	*args = asm.MatmulRows{
		ABytes: f.a.stride * es, C: pointer(c.data), CBytes: c.stride * es,
		Vectors: b.cols / lanes, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es],
	}
	// run takes groups of so many rows, step rows apart, of which A's elements lie together from at on.
	run := func(call func(*asm.MatmulRows), size, groups, at, step int) {
		args.AStep, args.ANext, args.BBytes, args.BNext = es, size*es, step*p.b.stride*es, p.b.stride*es
		most := max(streamBytes/(size*b.cols*es), 1) // groups in a call
		for next := 0; next < groups; next += most {
			args.Groups = min(groups-next, most)
			args.A, args.B = pointer(f.a.at(0, at+next*size)), pointer(p.b.at(k+at+next, b.col))
			call(args)
		}
	}
	run(s.soon.run, passGroup, groups, 0, groups)
	run(s.single, 1, depth-groups*passGroup, groups*passGroup, 1)
}
