package kernels

// parts cuts n columns: tiles as wide as is best for the m rows and the depth k, one for what is left, and dot products for the
// last columns, of which it returns the number. Tiles have at least narrowest half vectors. Without parts and dot products all is shallow, flat or in runs.
func (u inPlace) parts(m, n, k, half, narrowest int) (parts []columnPart, columns int) {
	if u.takesShort(m, n, k, 2*half) {
		return nil, 0
	}
	const halfBytes = 32 // half a vector
	b, widest, long := bRows{crossing: n%(2*half) != 0, short: n <= 4*half, line: n <= 2*half}, len(u.tiles), narrowest == inPlaceLong
	b.far = n*k*halfBytes/half > u.near
	if long && u.oncePerTile(m) && besidePage(n*halfBytes/half) >= inPlaceBeside {
		narrowest, widest = inPlaceLong-2, inPlaceLong-2
	}
	b.all = true
	parts, least := u.tileParts(m, n, k, half, narrowest, widest, b)
	b.all = false
	for c := 1; c <= min(n, columnsGroups*len(u.columns)); c++ {
		some, cycles := u.tileParts(m, n-c, k, half, narrowest, widest, b)
		for i, group := range u.groupsOf(c) {
			cycles += u.columnsCycles(m, group, k, 2*half, i > 0, c == n, long && b.short)
		}
		again := len(u.groupsOf(c)) - 1
		if !u.slowLines { // else by rounds
			again += min(n-c, 1)
		}
		cycles += float64(again) * u.againCycles(m*k*halfBytes/half)
		if cycles < least {
			parts, columns, least = some, c, cycles
		}
	}
	if k <= len(u.shallow) && min(u.shallowCycles(m, n, k, 2*half), u.flatCycles(m, n, k, 2*half)) < least {
		return nil, 0
	}
	return parts, columns
}

// narrowestTile is how many half vectors tiles have at least. Where pieces of B's rows come from L2, each from a page of its own, and begin within
// lines, single vectors take longer than is estimated.
func (u inPlace) narrowestTile(m, n, k, es int, c caches) int {
	switch b := n * k * es; {
	case u.near > 0 && b <= c.l2, c.streams && (b <= 4*c.l2 || b <= c.piecesComeFrom() && m > inPlaceLongPanel): // estimated
		return 2
	case c.piecesFarLast(b) && c.collide(n*es, inPlaceFar):
		return inPlaceLong - 2
	case b > c.l2/2:
		return inPlaceLong
	case b > c.l2/5 && n*es > page && n*es%64 != 0:
		return inPlaceLong - 2
	}
	return 2
}

// bRows says of B's rows what its loads depend on.
type bRows struct {
	crossing bool // they do not begin at lines, so that most loads take two
	short    bool // they are up to two lines long, one after the other
	line     bool // they are up to a line long
	all      bool // tiles read all of them, not dot products the last columns
	far      bool // they do not stay in L1
}

// tileParts is parts without dot products; cycles estimates what the tiles take.
func (u inPlace) tileParts(m, n, k, half, narrowest, widest int, b bRows) (best []columnPart, least float64) {
	if n == 0 {
		return nil, 0
	}
	for w := narrowest; w <= widest; w += 2 {
		full, left := n/(w*half), n%(w*half)
		var parts []columnPart
		cycles := 0.0
		add := func(p columnPart) {
			p.chained = m*vectorsOf(p.halves) < chainedBelow
			parts = append(parts, p)
			cycles += float64(p.tiles) * u.cycles(p, m, k, b)
		}
		if full > 0 {
			add(columnPart{tiles: full, halves: w})
		}
		if left > 0 {
			halves := (left + half - 1) / half
			p := columnPart{col: n - left, tiles: 1, halves: halves, lanes: left - (vectorsOf(halves)-1)*2*half}
			if halves%2 == 0 && p.lanes == 2*half {
				p.lanes = 0
			}
			add(p)
		}
		if best == nil || cycles < least {
			best, least = parts, cycles
		}
	}
	return best, least
}

// oncePerTile reports whether tiles a vector narrower than inPlaceLong hold all m rows of A, so that B passes once, and those would not.
func (u inPlace) oncePerTile(m int) bool {
	return m > len(u.tiles[inPlaceLong-1]) && m <= len(u.tiles[inPlaceLong-3])
}

// panelsOf is into how many panels a part's tiles cut so many rows.
func (u inPlace) panelsOf(p columnPart, rows int) int {
	if p.halves > len(u.tiles) {
		return 1 // as wide as C, and as high
	}
	most := u.mostRows(p)
	return (rows + most - 1) / most
}

// mostRows is how many rows a panel of a part's tiles has at most.
func (u inPlace) mostRows(p columnPart) int {
	if u.permutes(p) {
		return len(u.permuted[p.halves-1])
	}
	return len(u.tiles[p.halves-1])
}

// permutes reports whether a part's tiles are permuted.
func (u inPlace) permutes(p columnPart) bool { return p.halves <= len(u.permuted) }

// cycles estimates what one column of tiles takes, of panels as planned, on a processor that begins one multiply-add of a whole vector,
// one load of it or two of single elements in a cycle.
// What is not plain counting was fitted to a Zen 4: there, tiles of one vector are stored while the next is multiplied, and half a vector
// beside whole ones costs a third more than half of their time.
func (u inPlace) cycles(p columnPart, m, k int, b bRows) float64 {
	of := p.cycles
	if u.near > 0 {
		of = func(r, k int, b bRows) float64 { return u.wholeCycles(p, r, k, b) }
	}
	cut := cutRows(m, u.panelsOf(p, m))
	return float64(cut[0].panels)*of(cut[0].rows, k, b) + float64(cut[1].panels)*of(cut[1].rows, k, b)
}

// samePanels are panels of as many rows each.
type samePanels struct{ rows, panels int }

// cutRows cuts rows into panels of nearly the same height: first those that have a row more than the others.
func cutRows(rows, panels int) [2]samePanels {
	low, high := rows/panels, rows%panels
	return [2]samePanels{{low + 1, high}, {low, panels - high}}
}

// cycles estimates what a tile of so many rows takes.
func (p columnPart) cycles(r, k int, b bRows) float64 {
	const latency = 4
	rows, width, vectors := float64(r), float64(p.halves)/2, float64(vectorsOf(p.halves))
	loads, hidden := rows/2+width, 2.0
	if b.crossing {
		loads, hidden = loads+width, 5
	}
	step := max(rows*width, loads)
	switch {
	case p.halves == 1:
		step = 0.56*rows + width
	case p.halves%2 == 1:
		step += 0.18 * rows
	}
	if !p.chained {
		step = max(step, latency)
	}
	behindLoads := 0.08*loads + max(0, hidden/(rows*vectors)-0.4) // what multiply-adds do not hide
	if b.short {
		behindLoads = min(behindLoads, 0.12*step)
	}
	if b.short && p.col == 0 && p.lanes > 0 { // one tile reads them whole
		behindLoads = min(behindLoads, 0.07*step)
		if b.all {
			behindLoads = min(behindLoads, 0.01*step)
		}
	}
	step += behindLoads
	tile := float64(k) * step
	store, behind := 1.75, 0.25*tile/rows // the latter is what the next tile hides of a store, if both are of one vector
	switch {
	case p.halves <= 2 && p.chained:
		store = max(0, 2.2-behind)
	case p.halves%2 == 1:
		store = 1.05
	}
	if p.lanes > 0 {
		store += 0.9 / vectors
	}
	if p.chained {
		store++
	}
	if b.crossing {
		store += max(1.1/vectors, 2/(vectors*vectors))
		if rows*vectors > 20 {
			store++ // more than wait beside the next tile
		}
	}
	if p.halves <= 2 && !p.chained {
		store = max(0, store+0.4-behind)
	}
	return tile + rows*vectors*store
}
