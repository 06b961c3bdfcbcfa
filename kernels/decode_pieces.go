package kernels

import (
	"math"
	"sync"
)

// decodePieces shares the caches of all heads among workers. A long cache is cut into pieces, at the same keys for any number of workers,
// and the parts of the output that they make are put together in the order of keys: so the bits do not depend on who computed what.
type decodePieces struct {
	p      *attentionProblem
	pieces []span   // of the keys of every head
	shares []span   // of each worker, of the pieces of all heads
	heads  []joined // where there is more than one piece
}

// joined is a head of several pieces. Workers that share it take turns.
type joined struct {
	sync.Mutex
	parts []decodePart // order is nil before one was first computed
}

// decodePart is what some keys make of the output of a head: Σ wⱼ·vⱼ and Σ wⱼ, where weights are relative to a score.
type decodePart struct {
	top, total float32
	o          []float32 // [outputWidth(d)]
	order      []int     // where o has each column
}

// write writes the output, if there is no other part.
func (part decodePart) write(o []float32) {
	inverse := 1 / part.total
	for c, x := range part.order {
		o[c] = part.o[x] * inverse
	}
}

// pieceBytes is the least size of a piece, keys and values.
const pieceBytes = 1 << 20

// decodeSpans cuts the keys of a head into a power of two of pieces: 2 from 2 MiB on, 4 from 8 MiB on, 8 from 32 MiB on. A piece costs
// about 1000 cycles, at which memory begins anew: so pieces grow with their number.
func decodeSpans(p *attentionProblem) (pieces []span) {
	n := 1
	for 2*n*n*pieceBytes <= 2*p.nkv*p.d*elementBytes[p.k.dtype()] {
		n *= 2
	}
	each := roundUp((p.nkv+n-1)/n, decodeStep)
	for from := 0; from < p.nkv; from += each {
		pieces = append(pieces, span{from, min(from+each, p.nkv)})
	}
	return pieces
}

func newDecodePieces(p *attentionProblem, workers int) *decodePieces {
	s := &decodePieces{p: p, pieces: decodeSpans(p)}
	n := len(s.pieces)
	s.shares = splitByCost(p.heads*n, workers, func(u int) int { return s.pieces[u%n].to - s.pieces[u%n].from })
	if n > 1 {
		s.heads = make([]joined, p.heads)
		parts := alloc[float32](p.heads * n * outputWidth(p.d))
		keep(&p.scratch, "parts of the output", parts)
		room := slicer(parts)
		for h := range s.heads {
			s.heads[h].parts = make([]decodePart, n)
			for i := range n {
				s.heads[h].parts[i].o = room(outputWidth(p.d))
			}
		}
	}
	return s
}

// each calls f for the pieces of a worker and writes the output of its heads. When a head is a single piece f may write its output.
func (s *decodePieces) each(worker int, f func(h int, keys span, out *float32) decodePart) {
	n := len(s.pieces)
	for u := s.shares[worker].from; u < s.shares[worker].to; u++ {
		h := u / n
		o := s.p.oHead(h)[:s.p.d]
		if n == 1 {
			f(h, s.pieces[0], &o[0]).write(o)
			continue
		}
		last := u%n == n-1 || u == s.shares[worker].to-1
		s.heads[h].add(u%n, f(h, s.pieces[u%n], nil), last, o)
	}
}

// add keeps part i and, after the last of a worker, writes the output if all parts are there. The last worker to come here
// writes what counts: parts of a call before it are replaced by then.
func (j *joined) add(i int, part decodePart, last bool, o []float32) {
	j.Lock()
	defer j.Unlock()
	kept := &j.parts[i]
	copy(kept.o, part.o)
	kept.top, kept.total, kept.order = part.top, part.total, part.order
	if !last {
		return
	}
	top := float32(-math.MaxFloat32)
	for _, part := range j.parts {
		if part.order == nil {
			return
		}
		top = max(top, part.top)
	}
	var total float32
	clear(o)
	for i := range j.parts {
		part := &j.parts[i]
		factor := exp2f(part.top - top)
		total += factor * part.total
		for c, x := range part.order {
			o[c] += factor * part.o[x]
		}
	}
	for c := range o {
		o[c] /= total
	}
}
