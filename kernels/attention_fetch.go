package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// fetchMost is how many ranges of memory are fetched at most while a block of keys is used.
const fetchMost = 8

// fetchList is memory that the next blocks of queries and keys need: the assembly fetches it into L2 while it multiplies. The last
// range is empty.
type fetchList struct {
	ranges [fetchMost + 1]asm.FetchRange
	n      int
	bytes  int
}

// add appends rows of an operand.
func (l *fetchList) add(o *operand, from, to int) {
	if from >= to || l.n == fetchMost {
		return
	}
	bytes := (to - from) * o.stride()
	l.ranges[l.n] = asm.FetchRange{From: address(o.address(from)), Left: bytes}
	l.n++
	l.bytes += bytes
}

// address is a number: fetches go past the end, where pointers must not.
func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

// begin forgets what was left. any is some memory.
func (l *fetchList) begin(any *byte) {
	l.n, l.bytes = 0, 0
	l.ranges[0].From = address(any)
}

// lineBytes is what one fetch fetches.
const lineBytes = 64

// spread shares fetches among steps so that as many as slots take everything, or as much as they can of it: no more than one each. The assembly
// goes from range to range only after as many as tile.
func (l *fetchList) spread(slots, tile int) *asm.FetchRange {
	lines, turns := (l.bytes+lineBytes-1)/lineBytes, turnsOf[64]
	if slots -= l.n * tile; slots > 0 {
		turns = turnsOf[min((64*lines+slots-1)/slots, 64)]
	}
	for i := range l.ranges[:l.n] {
		l.ranges[i].Turns = turns
	}
	l.ranges[l.n] = asm.FetchRange{From: l.ranges[0].From}
	return &l.ranges[0]
}

// turnsOf[n] spreads n turns over 64 steps.
var turnsOf = func() (turns [65]uint64) {
	for n := range turns {
		for i := range 64 {
			if i*n/64 < (i+1)*n/64 {
				turns[n] |= 1 << i
			}
		}
	}
	return turns
}()

// fetchAhead lists what is fetched while a group of blocks uses the keys kh and values vh of the call from k0 on: the keys and values after them, and of
// the group's output and of what the next group begins with as large a share as of the group's products. last is the group's last key. It copies no
// operand: groups are short.
func (k *laneKernels) fetchAhead(p *attentionProblem, w *laneWorker, kh, vh *operand, blocks, next []headBlock, k0, call, last int) *asm.FetchRange {
	before, now, total := 0, 0, 0 // keys of all blocks
	for i, b := range blocks {
		done := w.blocks[i].done
		before += done
		now += max(k.end(p, b, k0, call)-done, 0)
		total += roundUp(p.attended(b.to-1), k.whole())
	}
	l := &w.fetch
	share := func(o *operand, from, to int) {
		n := to - from
		l.add(o, from+n*before/total, from+n*(before+now)/total)
	}
	l.begin(kh.address(k0))
	l.add(kh, k0+call, min(k0+2*call, last))
	l.add(vh, k0+call, min(k0+2*call, last))
	out, first := operand{ld: p.ldo, f32: p.o}, blocks[0].head*p.nq
	share(&out, first+blocks[0].from, first+blocks[len(blocks)-1].to)
	if len(next) > 0 {
		h, to := next[0].head, next[len(next)-1].to
		share(&p.q, h*p.nq+next[0].from, h*p.nq+to)
		keys, values, first, from := &p.k, &p.v, h*p.nkv, 0
		if h == blocks[0].head {
			keys, values, first, from = kh, vh, 0, last // what it shares with this group has been used
		}
		until := min(call, p.attended(to-1)) // of its first call
		share(keys, first+from, first+until)
		share(values, first+from, first+until)
	}
	// A fetch goes with each key, or pair of them, of each tile of half as many columns as a vector has lanes.
	keys, _ := k.cut(p.d, p.nkv)
	slots, tile := now*2*k.row(p.d)/k.lanes, min(call, keys)
	if k.dtype == BF16 {
		slots, tile = slots/2, tile/2
	}
	return l.spread(slots, tile)
}
