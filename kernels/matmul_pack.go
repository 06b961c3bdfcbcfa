package kernels

// packer copies the rows of tiles ≥ 1 full slivers, sliverBytes apart in dst, from rows of src that are srcBytes apart:
// groups of as many rows as one step of the micro-kernel takes.
type packer func(dst, src *byte, srcBytes, groups, tiles, sliverBytes int)

// fuseSteps is from how many steps along k on the first panel packs groups of rows: its tiles are not stored beside their products.
const fuseSteps = 8

// fuses says whether the first panel packs full slivers of a block.
func (t *tiled[I, O]) fuses(depth int) bool {
	group := t.u.group()
	return t.cut.fuse && (group == 1 || depth%group == 0 && depth >= fuseSteps*group)
}

// packB packs the slivers that no panel packs: the last, partial one, and without fuse all.
func (t *tiled[I, O]) packB(j, tiles, tail, k, depth int) {
	if t.u.group() > 1 {
		t.packGroups(j, tiles, tail, k, depth)
		return
	}
	width := t.u.cols
	if !t.fuses(depth) && tiles > 0 {
		es := sizeof[I]()
		t.u.pack(pointer(t.packed), pointer(t.p.b.at(k, j)), t.p.b.stride*es, depth, tiles, depth*width*es)
	}
	if tail == 0 {
		return
	}
	sliver, vectors := t.packed[tiles*width*depth:], 2
	if tail <= width/2 {
		width, vectors = width/2, 1
	}
	if t.u.packLast != nil {
		t.u.packLast(pointer(sliver), pointer(t.p.b.at(k, j+tiles*t.u.cols)), t.p.b.stride*sizeof[I](), depth, vectors, &tailLanes[len(tailLanes)/2-tail*sizeof[I]()])
		return
	}
	for q := range depth {
		row := sliver[q*width:][:width]
		clear(row[copy(row, t.p.b.at(k+q, j+tiles*t.u.cols)[:tail]):])
	}
}

// packGroups packs full and partial slivers of groups of rows. What does not fill a group or a sliver is filled up with zeros, by
// packEdge, or where there is none in t.edge, which it passes through.
func (t *tiled[I, O]) packGroups(j, tiles, tail, k, depth int) {
	u, b, es := t.u, t.p.b, sizeof[I]()
	group, width := u.group(), u.cols
	whole, rest := depth/group, depth%group
	sliver := u.padded(depth) * width // elements
	last := whole * group * width     // where a sliver's partial group begins
	if tiles > 0 && whole > 0 && !t.fuses(depth) {
		u.pack(pointer(t.packed), pointer(b.at(k, j)), b.stride*es, whole, tiles, sliver*es)
	}
	if u.packEdge != nil {
		for n := 0; n < tiles && rest > 0; n++ {
			u.packEdge(pointer(t.packed[n*sliver+last:]), pointer(b.at(k+whole*group, j+n*width)), b.stride*es, rest, width)
		}
		if tail > 0 {
			u.packEdge(pointer(t.packed[tiles*sliver:]), pointer(b.at(k, j+tiles*width)), b.stride*es, depth, tail)
		}
		return
	}
	if tiles > 0 && rest > 0 {
		cols := tiles * width
		t.fillEdge(k+whole*group, rest, j, cols, cols)
		u.pack(pointer(t.packed[last:]), pointer(t.edge), cols*es, 1, tiles, sliver*es)
	}
	if tail == 0 {
		return
	}
	to := t.packed[tiles*sliver:]
	for g := range u.steps(depth) {
		t.fillEdge(k+g*group, min(group, depth-g*group), j+tiles*width, tail, width)
		u.pack(pointer(to[g*group*width:]), pointer(t.edge), width*es, 1, 1, sliver*es)
	}
}

// fillEdge copies rows and cols of B from (k, j) on to rows of width elements, and fills a group of them up with zeros.
func (t *tiled[I, O]) fillEdge(k, rows, j, cols, width int) {
	for q := range t.u.group() {
		row := t.edge[q*width:][:width]
		if q < rows {
			row = row[copy(row, t.p.b.at(k+q, j)[:cols]):]
		}
		clear(row)
	}
}
