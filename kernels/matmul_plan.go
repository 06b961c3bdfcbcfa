package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// panelPlan is the calls of a worker's product of narrow elements that B is one block of, prepared: between calls of small panels plain
// Go would take a tenth of the time.
type panelPlan struct {
	fits  bool
	calls []plannedPanels
}

// plannedPanels is one call, and its arguments before it changes some.
type plannedPanels struct {
	call[asm.MatmulPanel]
	before asm.MatmulPanel
}

// planShare is the part of L2 in percent up to which a worker's rows of A are all copied, and added up, before the first is multiplied.
const planShare = 75

// planRows is how many rows one call copies or adds up: with a few lines for each, well under a millisecond.
const planRows = 1 << 14

// planPanels prepares all calls if B is one block, and A small. Panels that are copied because their rows compete for L1 are copied one
// by one: while the one above is multiplied.
func (t *tiled[I, O]) planPanels(c caches) {
	rows, depth, es := t.mine.rows, t.p.a.cols, sizeof[I]()
	switch {
	case depth > t.cut.depth, t.mine.cols > t.cut.cols, rows*depth*es > c.l2*planShare/100, t.copyA && t.u.padded(depth) == depth:
		return
	}
	if t.u.before {
		t.packed = t.blocks[0]
	}
	t.copies.done, t.plan.fits = t.copies.rows, true
	t.eachCall(t.mine.col, t.mine.cols, 0, depth, func(run func(*asm.MatmulPanel)) {
		t.plan.calls = append(t.plan.calls, plannedPanels{call[asm.MatmulPanel]{run, t.args}, t.args})
	})
	t.plan.calls = cloneApart(t.plan.calls)
}

// copyAllRows copies all rows of A that are copied.
func (t *tiled[I, O]) copyAllRows() {
	a := matrix[I]{t.p.a.at(t.mine.row, 0), t.mine.rows, t.p.a.cols, t.p.a.stride}
	t.copies.done = 0
	for to := 0; to < t.copies.rows; {
		to = min(to+planRows, t.copies.rows)
		t.copyUpTo(to, a)
	}
}

// runPanels packs B, copies A where it must, and multiplies.
func (t *tiled[I, O]) runPanels() {
	a, es := matrix[I]{t.p.a.at(t.mine.row, 0), t.mine.rows, t.p.a.cols, t.p.a.stride}, sizeof[I]()
	if !t.u.before {
		t.packB(t.mine.col, t.mine.cols/t.u.cols, t.mine.cols%t.u.cols, 0, a.cols)
	}
	t.copies.done = 0
	for from := 0; from < a.rows; from += planRows {
		to := min(from+planRows, a.rows)
		if t.copyA {
			t.copyUpTo(min(to, t.copies.rows), a)
		}
		if t.u.starts != nil {
			t.u.starts(&t.starts[from], pointer(a.at(from, 0)), a.stride*es, to-from, a.cols)
		}
	}
	for i := range t.plan.calls {
		c := &t.plan.calls[i]
		c.args = c.before
		c.run(&c.args)
	}
}
