package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// Where B's rows do not begin at lines, processors that wait for lines which are loaded in two parts find them aligned and together in the panels below
// the first, which packs them as it multiplies. Its stores take time, so packingRows rows are to use what they store.
const (
	packingRows  = 56
	packedHalves = 2 * inPlacePair
)

// inPlacePacked is where the whole tiles of a piece of B are, those of the first part, one after the other.
type inPlacePacked[T float] struct {
	tiles []T
	part  columnPart
	from  int // the row of the panel that packs them
}

// packsTiles reports whether the tiles of a part are packed by a worker of so many rows.
func (u inPlace) packsTiles(rows, n, lanes int, part columnPart) bool {
	return u.slowLines && rows >= packingRows && n%lanes != 0 && part.halves == packedHalves && part.lanes == 0 && !part.chained
}

// packedElements is how many elements they take, of a piece of K of so many.
func packedElements(part columnPart, depth, lanes int) int {
	return part.tiles * packedHalves / 2 * lanes * depth
}

// pack has tiles of a part packed by the panel that begins with row from, in pieces of K of up to depth elements.
func (l *inPlacePlan[T]) pack(part columnPart, depth, from int) {
	l.packed = inPlacePacked[T]{allocApart[T](packedElements(part, depth, lineElems[T]())), part, from}
	keep(&l.p.scratch, "packed tiles of B", l.packed.tiles)
}

// at is where the tiles of the packed part from a column on are, of a piece of K of depth elements.
func (t *inPlacePacked[T]) at(col, depth int) *byte {
	return pointer(t.tiles[(col-t.part.col)*depth:])
}

// addPacking appends the call of the panel that packs, of so many rows, which it returns.
func (l *inPlacePlan[T]) addPacking(args asm.MatmulInPlace, part columnPart, depth, rows int) int {
	args.Panels, args.Pack = 1, l.packed.at(part.col, depth)
	l.calls = append(l.calls, call[asm.MatmulInPlace]{l.u.packing[rows-1], args})
	return rows
}

// point points a call at packed tiles.
func (t *inPlacePacked[T]) point(args *asm.MatmulInPlace, part columnPart, depth int) {
	args.B, args.BBytes, args.BNext = t.at(part.col, depth), packedHalves/2*lineBytes, packedHalves/2*lineBytes*depth
	args.Near = 0 // they are one stream
}
