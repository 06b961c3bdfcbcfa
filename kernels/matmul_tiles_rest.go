package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// Rows of A that end within a step of AMX need no copies where they follow each other: what a tile loads behind the end of a row is the begin of the
// next ones, which meets the zeros that fill up B. Only the last panel is copied, behind which there is nothing. Zeros do not make up for infinities and
// NaNs of bfloat16: where there is one among what is loaded so, each panel is copied before it is multiplied.

// loadsRest says whether rows of A are loaded so.
func (u *microKernel) loadsRest(rows, depth, stride int) bool {
	panels := (rows + u.rows - 1) / u.rows
	if !u.tiles || u.copyRows == nil || u.copy == always || stride != depth || depth > u.depth || u.padded(depth) == depth || panels < 4 { // of few panels the last one is too large a part
		return false
	}
	return u.padded(depth)-depth <= rows/panels*depth // no more than the last panel lacks what is behind it
}

// restCopies is how many panels have room for copies then: the last one, and another one if it must be copied.
const restCopies = 2

// pointRest points the arguments at rows from … to−1 of A, or at the copy of the last ones.
func (t *tiled[I, O]) pointRest(to int) {
	t.args.K, t.args.Shift = t.u.steps(t.p.a.cols), 0
	if to == t.mine.rows {
		t.args.A, t.args.ABytes = pointer(t.copies.data), t.copies.stride*sizeof[I]()
	}
}

// lastPanel is where the last panel begins.
func (t *tiled[I, O]) lastPanel() int {
	panels := (t.mine.rows + t.u.rows - 1) / t.u.rows
	from, _ := t.panelRows(panels, panels-1)
	return from
}

// copyRest copies the last panel.
func (t *tiled[I, O]) copyRest() {
	from, es := t.lastPanel(), sizeof[I]()
	t.u.copyRows(pointer(t.copies.data), pointer(t.p.a.at(t.mine.row+from, 0)), t.copies.stride*es, t.p.a.stride*es, t.mine.rows-from, t.p.a.cols*es)
}

// restSpoils says whether what is loaded behind the other rows has an element that zeros do not make up for.
func (t *tiled[I, O]) restSpoils() bool {
	if t.u.spoils == nil {
		return false
	}
	a, es := t.p.a, sizeof[I]()
	rest := t.u.padded(a.cols) - a.cols
	for from, end := 0, t.lastPanel(); from < end; from += planRows {
		if t.u.spoils(pointer(a.at(t.mine.row+from+1, 0)), a.stride*es, min(planRows, end-from), rest) != 0 {
			return true
		}
	}
	return false
}

// runCopied makes a call panel by panel, each of which is copied first, unless it is of the last one.
func (t *tiled[I, O]) runCopied(c *call[asm.MatmulPanel]) {
	t.args = c.args
	if c.args.A == pointer(t.copies.data) {
		c.run(&t.args)
		return
	}
	es := sizeof[I]()
	at := pointer(t.copies.at(t.u.rows, 0))
	t.args.ABytes, t.args.Panels = t.copies.stride*es, 1
	for q := range c.args.Panels {
		t.args.A = at
		t.args.C = (*byte)(unsafe.Add(unsafe.Pointer(c.args.C), q*c.args.Across*c.args.CBytes))
		from := (*byte)(unsafe.Add(unsafe.Pointer(c.args.A), q*c.args.Across*c.args.ABytes))
		t.u.copyRows(at, from, t.copies.stride*es, t.p.a.stride*es, c.args.Rows, t.p.a.cols*es)
		c.run(&t.args)
	}
}
