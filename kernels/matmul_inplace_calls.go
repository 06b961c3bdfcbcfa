package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// addPiece appends a worker's calls for depth elements of K from at on: its columns of chained parts and of few rows, else its rows, step
// by step.
func (l *inPlacePlan[T]) addPiece(parts []columnPart, at, depth, step, workers, worker int, caches caches) {
	m, es, half := l.p.c.rows, sizeof[T](), lineElems[T]()/2
	fewRows := m < inPlaceRows*workers
	for _, part := range parts {
		if part.chained || fewRows {
			first, end := share(part.tiles, 1, workers, worker)
			part.col += first * part.halves * half
			part.tiles = end - first
			l.add(part, at, depth, 0, m, false)
		}
	}
	if fewRows {
		return
	}
	from, to := share(m, 1, workers, worker)
	for _, block := range columnBlocks(parts, caches.l2/2/(depth*es), half) { // which stay in L2 while all panels of A pass
		for row, end := from, 0; row < to; row = end {
			if end = row + step; to-end < inPlaceRows { // they would be a panel of other sums
				end = to
			}
			for i, part := range block {
				if !part.chained { // without padding panels lie one after the other
					l.add(part, at, depth, row, end, i == 0 && depth == l.p.a.stride)
				}
			}
		}
	}
}

// columnBlocks cuts the first of the parts into even blocks of about cols columns; the others are with the last.
func columnBlocks(parts []columnPart, cols, half int) (blocks [][]columnPart) {
	all := parts[0]
	width := all.halves * half
	pieces := (all.tiles*width-1)/max(cols, width) + 1
	for i := range pieces {
		first, end := share(all.tiles, 1, pieces, i)
		block := all
		block.col, block.tiles = all.col+first*width, end-first
		blocks = append(blocks, []columnPart{block})
	}
	blocks[pieces-1] = append(blocks[pieces-1], parts[1:]...)
	return blocks
}

// inPlaceFLOPs bounds the work of one call: a millisecond at 5 GFLOP/s, unless one tile is more.
const inPlaceFLOPs = 5e6

// add appends the calls for rows from to to of a part, with depth elements from k on. With ahead the panel that follows is
// prefetched.
func (l *inPlacePlan[T]) add(part columnPart, k, depth, from, to int, ahead bool) {
	if part.tiles == 0 || from == to {
		return
	}
	p, es := l.p, sizeof[T]()
	panels := l.u.panelsOf(part, to-from)
	perTile := float64((to - from + panels - 1) / panels * part.halves * lineElems[T]() * depth) // FLOPs of the highest panel
	if most := max(int(inPlaceFLOPs/perTile), 1); part.tiles > most {
		rest := part
		part.tiles, rest.tiles, rest.col = most, part.tiles-most, part.col+most*part.halves*lineElems[T]()/2
		l.add(part, k, depth, from, to, ahead)
		l.add(rest, k, depth, from, to, false)
		return
	}
	args := asm.MatmulInPlace{
		ABytes: p.a.stride * es, B: pointer(p.b.at(k, part.col)), BBytes: p.b.stride * es, CBytes: p.c.stride * es,
		K: depth, Tiles: part.tiles, Accumulate: k, BNext: part.halves * lineBytes / 2,
		Far: l.far * p.b.stride * es, Near: l.near,
	}
	if part.halves <= 2*inPlacePair {
		args.Near = l.narrow[vectorsOf(part.halves)-1]
	}
	if part.lanes > 0 {
		args.Lanes = &tailLanes[len(tailLanes)/2-part.lanes*es]
	}
	packed := l.packed.tiles != nil && part.halves == packedHalves && part.lanes == 0
	if packed && from == l.packed.from {
		args.A, args.C = pointer(p.a.at(from, k)), pointer(p.c.at(from, part.col))
		from += l.addPacking(args, part, depth, (to-from+panels-1)/panels)
		panels--
	}
	if packed {
		l.packed.point(&args, part, depth)
	}
	if panels == 0 {
		return
	}
	for _, s := range cutRows(to-from, panels) {
		most := max(int(inPlaceFLOPs/float64(s.rows*part.tiles*part.halves*lineElems[T]()*depth)), 1)
		for s.panels > 0 {
			args.A, args.C, args.Panels = pointer(p.a.at(from, k)), pointer(p.c.at(from, part.col)), min(s.panels, most)
			if ahead {
				args.Ahead = es * ((s.rows + part.tiles - 1) / part.tiles)
			}
			l.calls = append(l.calls, call[asm.MatmulInPlace]{l.u.code(part, s.rows), args})
			from += args.Panels * s.rows
			s.panels -= args.Panels
		}
	}
}
