package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// A few rows of C are computed at once in runs along whole rows, their elements of A in registers and B in L1 beside them. Where they do not all fit,
// blocks of columns take up to shortBlock percent of it.
const shortBlock = 40

// Beyond shortRows rows, blocks whose part of B is in registers are as fast of up to shortWide vectors of columns if C stays in L1, or nearly, and of a
// depth beyond shortDeep of up to shortNarrow: these take longer to multiply than to store, and a run begins with many loads of A. Of shortDeepest
// elements more rows are as fast so, unless C is shortLarge times as large as L2: lines of whole rows then come faster than pieces. Where lines from L2
// hold up a processor they do from L2's size on.
const (
	shortRows    = 12
	shortWide    = 24
	shortNarrow  = 12
	shortDeep    = 3
	shortDeepest = 7
	shortLarge   = 4
)

// takesShort reports whether rows of k elements are multiplied in runs. It was measured on a Zen 5, and is for processors that multiply whole
// vectors at once: there C takes longer to store than to compute.
func (u inPlace) takesShort(m, n, k, lanes int) bool {
	if u.near == 0 || k < 2 || k-2 >= len(u.short) || n <= lanes {
		return false
	}
	vectors, most, large := (n+lanes-1)/lanes, len(u.short[k-2]), shortLarge
	if u.slowLines {
		large = 1
	}
	switch {
	case m <= most:
		return true
	case u.shallowBlocks(vectors, k) == 1: // all of B is in registers
		return k < shortDeepest && m == 2*(most-1) && vectors > 2
	case k >= shortDeepest:
		return m <= shortRows || u.l2 > 0 && m*n*64/lanes > large*u.l2
	}
	narrow := vectors <= shortNarrow && k > shortDeep || vectors <= shortWide && m*vectors*64 <= u.near*7/4
	return m <= shortRows || !narrow
}

// shortWhole reports whether runs are along whole rows though their part of B leaves L1: where C of so many bytes comes from a far last cache, long
// streams of it gain more.
func shortWhole(bytes int, c caches) bool { return c.farLast() && bytes > c.l2 }

// planShort plans rows from to to of columns col to end.
func planShort[T float](p *product[T, T], u inPlace, caches caches, from, to, col, end int) (calls []call[asm.MatmulShallow]) {
	if from == to || col == end {
		return nil
	}
	es, lanes, k := sizeof[T](), lineElems[T](), p.a.cols
	vectors, rows, most := (end-col+lanes-1)/lanes, to-from, len(u.short[k-2])
	blocks := 1
	switch line := 64 * (k + most); {
	case rows > most && vectors*line > caches.l1 && !shortWhole(p.c.rows*p.c.cols*es, caches):
		blocks = (vectors-1)/max(caches.l1*shortBlock/100/line, 1) + 1
	case vectors*line > streamBytes: // a call takes no longer than others then
		blocks = (vectors*line-1)/streamBytes + 1
	}
	panels := cutRows(rows, (rows+most-1)/most)
	for i := range blocks {
		first, last := share(vectors, 1, blocks, i)
		at, n := col+first*lanes, min(col+last*lanes, end)-col-first*lanes
		whole := (n - 1) / lanes
		row := from
		for _, s := range panels {
			most := max(int(inPlaceFLOPs/float64(2*n*k*s.rows)), 1)
			for s.panels > 0 {
				count := min(s.panels, most)
				calls = append(calls, call[asm.MatmulShallow]{u.short[k-2][s.rows-1], asm.MatmulShallow{
					A: pointer(p.a.at(row, 0)), ABytes: p.a.stride * es, B: pointer(p.b.at(0, at)), BBytes: p.b.stride * es,
					C: pointer(p.c.at(row, at)), CBytes: p.c.stride * es, Rows: count, Vectors: whole,
					Lanes: &tailLanes[len(tailLanes)/2-(n-whole*lanes)*es],
				}})
				row += count * s.rows
				s.panels -= count
			}
		}
	}
	return calls
}
