package kernels

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/kernels/asm"
)

// tileState is what a worker keeps for AMX.
type tileState struct {
	shapes tileShapes
	buffer []byte      // tileBuffer bytes
	plan   []tileBlock // when no panel is copied
	ask    bool        // the panel of A below the present one is prefetched into L2
	turns  bool        // panels walk whole slivers back and forth
	rowsC  int         // where steps are few and L1 does not hold C each step brings 8·rowsC rows of the block's there
	past   bool        // with rowsC and turns, B is loaded past L1, which does not hold it
	copied bool        // all rows of A are copied before the first is multiplied
	rest   bool        // rows are loaded with what follows them
	across int         // how many rows a panel begins below the one above where they overlap; 0: they do not
}

// tileShapes are the configurations of AMX tiles for whole tiles of C and for the last columns: 64 bytes each, as LDTILECFG
// takes them. tmm0-3 are C's 2×2 tiles, tmm4, 5 A's rows, tmm6, 7 B's columns.
type tileShapes struct {
	config [2][64]byte
	of     [2]int // rows, columns of the last tile
}

// set makes the shapes for panels of rows and a last tile of tail columns.
func (s *tileShapes) set(rows, tail int) {
	if s.of == [2]int{rows, tail} {
		return
	}
	s.of = [2]int{rows, tail}
	for i, cols := range [2]int{32, tail} {
		s.config[i] = [64]byte{0: 1} // palette
		for t, shape := range [8][2]int{
			{min(rows, 16), min(cols, 16)}, {min(rows, 16), cols - 16}, {rows - 16, min(cols, 16)}, {rows - 16, cols - 16},
			{min(rows, 16), 16}, {rows - 16, 16},
			{16, min(cols, 16)}, {16, cols - 16},
		} {
			if shape[0] > 0 && shape[1] > 0 {
				binary.LittleEndian.PutUint16(s.config[i][16+2*t:], uint16(4*shape[1]))
				s.config[i][48+t] = byte(shape[0])
			}
		}
	}
}

// callFLOPs bounds the work of one call of AMX code: a millisecond at 0.25 TFLOP/s, a quarter of what is the least to be
// expected, unless one panel is more.
const callFLOPs = 0.25e9

// bufferSteps is how many steps a block takes at least so that it goes to C through a buffer: in fewer there is no time to empty it.
const bufferSteps = 8

// buffersC says whether blocks of so many steps pass through a buffer, of a part of C of so many bytes, in rows so many bytes apart. Whole lines
// that L2 does not keep, or that come soon one after the other, are as well stored to C from the tiles.
func buffersC(steps, bytes, row int, c caches) bool {
	if row%lineBytes == 0 {
		return steps >= bufferSteps && bytes <= c.l2/2
	}
	return steps >= bufferSteps/2 || bytes > c.l1/2
}

// tileBuffer is the size of that buffer: a block of 32×32 elements.
const tileBuffer = 4096

// shape completes the arguments of a call from panel q on, and returns how many panels it takes: as many as have the same
// height, lie in A as they are and stay below callFLOPs and severalBytes.
func (t *tiled[I, O]) shape(q, rows, panels, j, cols, depth int) int {
	t.amx.shapes.set(rows, t.args.Tail)
	t.args.Shapes = &t.amx.shapes.config[0][0]
	n := 1
	if t.inPlan() {
		n, _ = t.alike(q, panels, t.mostPanels(callFLOPs, rows, cols, depth), func(_, to int) bool { return !t.amx.rest || to < t.mine.rows })
	}
	t.args.Rows, t.args.Panels, t.args.Across = rows, n, rows
	if t.amx.across > 0 {
		t.args.Across = t.amx.across
	}
	t.args.Turn = j/t.u.cols + t.args.Tiles // slivers count from the first of B: workers must agree
	t.args.Below, t.args.Buffer = 0, nil
	if t.amx.ask {
		t.args.Below = panels - q - 1
	}
	bytes, row := t.mine.rows*t.mine.cols*sizeof[O](), t.p.c.stride*sizeof[O]()
	if t.cut.chunks || t.u.buffer.choose(!t.amx.turns && buffersC(t.args.K, bytes, row, ownCaches())) {
		t.args.Buffer = pointer(t.amx.buffer)
	}
	t.args.Pace = t.amx.rowsC
	return n
}

// tileBlock is a block of B with all calls that multiply it.
type tileBlock struct {
	j, cols, k, depth int
	calls             []call[asm.MatmulPanel]
}

// copiesFirst says whether rows of A that do not fill steps are all copied before the first is multiplied: where they have room in L2.
func (t *tiled[I, O]) copiesFirst(c caches) bool {
	k := t.p.a.cols
	if t.cut.chunks {
		return t.copyA
	}
	return t.copyA && !t.amx.rest && t.u.padded(k) != k && k <= t.cut.depth && t.mine.rows*k*sizeof[I]() <= c.l2*planShare/100
}

// inPlan says whether calls are prepared: unless panels are copied one by one.
func (t *tiled[I, O]) inPlan() bool { return !t.copyA || t.amx.copied || t.amx.rest }

// planTiles prepares all calls, so that small products do not wait for Go: for panels that lie in A, or in copies that are made before, as they are.
func (t *tiled[I, O]) planTiles() {
	if t.cut.beside {
		t.planLines()
		return
	}
	if t.amx.copied {
		t.copies.done = t.copies.rows
	}
	n := 0
	t.eachBlock(func(j, cols, k, depth int) {
		if t.u.before {
			t.packed = t.blocks[n]
			n++
		}
		b := tileBlock{j: j, cols: cols, k: k, depth: depth}
		add := func(panels func(*asm.MatmulPanel)) {
			c, shapes := call[asm.MatmulPanel]{panels, t.args}, t.amx.shapes // which the next call may change
			c.args.Shapes = &shapes.config[0][0]
			b.calls = append(b.calls, c)
		}
		// All panels take the last columns after the others: the configuration of tiles changes once. Where A does not stay in L2 that would bring it
		// there once more.
		tail, packed := cols%t.u.cols, t.packed
		if t.amx.ask && !t.amx.turns { // where panels are walked back and forth they are not prefetched
			tail = 0
		}
		if tail < cols {
			t.eachCall(j, cols-tail, k, depth, add)
		}
		if tail > 0 {
			t.packed = packed[(cols-tail)*t.u.padded(depth):]
			t.eachCall(j+cols-tail, tail, k, depth, add)
			t.packed = packed
		}
		b.calls = cloneApart(b.calls) // AMX writes into its arguments
		t.amx.plan = append(t.amx.plan, b)
	})
}

// planLines prepares calls of as many lines as stay below callFLOPs, of which the first is packed by itself.
func (t *tiled[I, O]) planLines() {
	cols, depth := t.cut.cols, t.cut.depth
	end, lines := t.mine.col+t.mine.cols, t.mine.cols/cols
	calls := int(2*float64(t.mine.rows*t.mine.cols*depth)/callFLOPs) + 1
	each := (lines + calls - 1) / calls
	for j := t.mine.col; j < end; j += each * cols {
		n := min(each, (end-j)/cols)
		b := tileBlock{j: j, cols: cols, depth: depth}
		t.eachCall(j, cols, 0, depth, func(func(*asm.MatmulPanel)) {
			if len(b.calls) > 0 {
				return // the first takes all panels
			}
			c := call[asm.MatmulPanel]{t.u.lines, t.args}
			c.args.Panels, c.args.Below, c.args.Turn = (t.mine.rows+t.u.rows-1)/t.u.rows, n, j/t.u.cols+n*c.args.Tiles
			if n > 1 {
				c.args.Raw = pointer(t.p.b.at(0, j+cols))
			}
			b.calls = append(b.calls, c)
		})
		b.calls = cloneApart(b.calls)
		t.amx.plan = append(t.amx.plan, b)
	}
}

// runPlan copies A where it must, packs each block, unless that was done before, and multiplies it.
func (t *tiled[I, O]) runPlan() {
	spoils := false
	switch {
	case t.amx.copied && !t.cut.chunks:
		t.copyAllRows()
	case t.amx.rest:
		t.copyRest()
		spoils = t.restSpoils()
	}
	for i := range t.amx.plan {
		b := &t.amx.plan[i]
		if t.cut.chunks && b.j == t.mine.col {
			t.copyChunks(b.k, b.depth)
		}
		if !t.u.before {
			t.packB(b.j, b.cols/t.u.cols, b.cols%t.u.cols, b.k, b.depth)
		}
		for c := range b.calls {
			if spoils {
				t.runCopied(&b.calls[c])
			} else {
				b.calls[c].run(&b.calls[c].args)
			}
		}
	}
}

// panelInL1 says whether a panel of A stays in L1 while slivers pass by: it may fill two thirds.
func (u *microKernel) panelInL1(depth, es int, c caches) bool { return u.rows*depth*es <= c.l1*2/3 }

// asks says whether panels of A are prefetched into L2, each while the one above is multiplied, where they do not stream by: when L2 does not keep
// a worker's part of all matrices. Near its size it does not, as other data pass by.
func asks(g blocking, m, n, k, es int, c caches) bool {
	return !g.line && (m+n)*k*es+4*m*n > c.l2*3/4
}

// nearRows is how many rows of C a step brings into L1, or some times as many, so that a block's steps bring all of its rows, and as many below as a
// panel has fewer than 32: in more than fewSteps they would take more of those, which may be another worker's.
const (
	nearRows = 8
	fewSteps = 4
)

// paceC is how many times nearRows a step brings into L1 of the rows of C, row bytes apart, that its block goes to; 0: none. L1 does not hold a
// worker's part of C then, but L2 does: what comes from beyond is as fast without. Where steps also pack one sliver at a time, rows that compete
// for sets of L1 would take the place of what is packed.
func (u *microKernel) paceC(g blocking, m, n, row, es int, c caches) int {
	steps, own := u.steps(g.depth), 4*m*n
	if steps > fewSteps || own <= c.l1/2 || own > c.l2/2 || g.beside && u.lineCols(es) == u.cols && u.collidesC(row, c) {
		return 0
	}
	return fewSteps / steps
}

// collidesC says whether three blocks' rows of C compete for sets of L1.
func (u *microKernel) collidesC(row int, c caches) bool { return c.collide(row, 3*u.rows) }

// prepareTiles allocates what AMX needs, and decides by the size of a worker's part of the matrices.
func (t *tiled[I, O]) prepareTiles(c caches) {
	t.amx.ask = asks(t.cut, t.mine.rows, t.mine.cols, t.p.a.cols, sizeof[I](), c)
	t.amx.turns = t.u.walksBack(t.cut, sizeof[I](), c)
	t.amx.rest = t.copyA && !t.cut.chunks && t.u.loadsRest(t.mine.rows, t.p.a.cols, t.p.a.stride)
	t.amx.copied = t.copiesFirst(c)
	t.amx.across = t.overlap()
	t.amx.rowsC = t.u.paceC(t.cut, t.mine.rows, t.mine.cols, t.p.c.stride*sizeof[O](), sizeof[I](), c)
	t.amx.past = t.amx.rowsC > 0 && t.cut.cols*t.cut.depth*sizeof[I]() > c.l1*2/3
	t.amx.buffer = alloc[byte](tileBuffer)
}

// linePanels is how many panels pass a block of a line's columns at least where it is packed before, or B takes
// no more than a sixth of L1: few cost more in calls than they save.
const linePanels = 4

// byLines says whether AMX packs B by the columns of a line, and multiplies them by all of A: packed where they are used, in L1,
// they cost half of what a block in L2 does. Panels of A then stream by from L2, where all operands must have room, and lie as
// they are. They also do when B was packed before and all of it stays in L1.
func (u *microKernel) byLines(m, n, k, es int, c caches) bool {
	if !u.tiles || u.passing == nil || u.copy == always || k > u.depth || u.padded(k) != k {
		return false
	}
	if u.line == byCaches && !u.before && u.steps(k) <= fewSteps && u.lineCols(es) == u.cols && u.collidesC(4*n, c) {
		return false // panels bring C's rows into L1 where they walk all slivers
	}
	fits := u.lineInL1(n, k, es, c) && (m*k+k*n)*es+4*m*n <= c.l2
	return u.line.choose(fits && (m >= linePanels*u.rows || n*k*es > c.l1/6 && u.packsBeside(m, n, k, es)))
}

// nearLines says whether, in place of one line's columns of B, as many as fill two thirds of L1 are packed there, which panels of A walk
// back and forth: where a panel takes a sixth of L1 at most. A comes from L2 fewer times then.
func (u *microKernel) nearLines(k, es int, c caches) bool {
	return u.near != nil && u.turns.choose(u.rows*k*es <= c.l1/6)
}

// packsBeside says whether the next line's columns are packed beside products: where lines are whole, and panels of A are equal.
func (u *microKernel) packsBeside(m, n, k, es int) bool {
	panels, line := (m+u.rows-1)/u.rows, u.lineCols(es)
	if m == 0 || u.before || u.lines == nil || m%panels != 0 || m/panels <= u.rows/2 || n%line != 0 || n < 2*line {
		return false
	}
	return u.beside != never
}

// lineInL1 says whether a line's columns of B, or of B packed before all n, may stay in L1: they may fill two thirds.
func (u *microKernel) lineInL1(n, k, es int, c caches) bool {
	cols := u.lineCols(es)
	if u.before {
		cols = (n + u.cols - 1) / u.cols * u.cols
	}
	return cols*k*es <= c.l1*2/3
}

// code is what multiplies panels, where A streams by or where B does.
func (u *microKernel) code(streamsA bool) []func(*asm.MatmulPanel) {
	if streamsA {
		return u.passing
	}
	return u.panels
}

// panelCode is what multiplies panels by so many whole slivers and a last one of tail columns.
func (t *tiled[I, O]) panelCode(tiles, tail int) []func(*asm.MatmulPanel) {
	if t.amx.turns && tiles > 1 && tail == 0 {
		if t.amx.past {
			return t.u.nearPast
		}
		return t.u.near
	}
	if t.cut.chunks {
		return t.u.chunked
	}
	return t.u.code(t.cut.line)
}

// walksBack says whether panels of A walk the slivers of B back and forth.
func (u *microKernel) walksBack(g blocking, es int, c caches) bool {
	return u.near != nil && !g.line && u.turns.choose(u.turnsPay(g, es, c))
}

// turnsPay says whether a third of L1 holds a panel, which then finds slivers there that the panel above has used last, and whether there are more
// of B than it always has: a sixth of it, or that much if it was packed before.
func (u *microKernel) turnsPay(g blocking, es int, c caches) bool {
	b := g.cols * g.depth * es
	return u.rows*g.depth*es <= c.l1/3 && (b > c.l1/6 || u.before && b == c.l1/6)
}

// lineCols is how many columns of B share a line of memory, in whole slivers.
func (u *microKernel) lineCols(es int) int { return max(u.cols, 64/es) }
