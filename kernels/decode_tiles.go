package kernels

import (
	"math"
	"unsafe"
)

// decodeLeast is the least cache of a head.
type decodeLeast struct{ keys, bytes int }

// fromHead is from where on AMX takes less time than other code: to configure tiles, and for the first product of a query, it waits some 500 cycles.
// The time of other code ÷ that of AMX was 0.7 at 32 keys of d = 64; at 128 keys in bf16 1.04, in int8 0.9, at d = 128 1.14 in both (a Xeon).
var fromHead = decodeLeast{keys: 128, bytes: 32 << 10}

// suits says whether k takes no longer than other code would, where so many bytes of keys and values are read until the same ones are again. From L3 and
// memory int8 takes as long in both, or up to 7 % longer in AMX, bf16 as long.
func (k *decodeLanes) suits(p *attentionProblem, bytes int, c caches) bool {
	if p.nkv < k.takesFrom.keys || 2*p.nkv*p.d*elementBytes[k.dtype] < k.takesFrom.bytes {
		return false
	}
	return !k.inL2 || bytes < 2*c.l2
}

// mend computes again what w has of a piece. In a tile of bf16 an infinity or a NaN reaches the column beside its own, too: so the piece is taken once with
// zeros for such values, and once by other code, from which columns come that are infinite or no number. Of others no bit depends on them.
func (r *decodeRun) mend(w *decodeScratch, h int, keys span, out *float32) decodePart {
	before := min(keys.from, decodeStep) // which a last step may take again
	clean := r.withoutInfinities(h, span{keys.from - before, keys.to})
	clean.begin(w)
	clean.wholeRows(w, 0, span{before, before + keys.to - keys.from}, out)
	was := r.part(w)
	if out != nil {
		copy(w.row, unsafe.Slice(out, r.p.d))
	} else {
		for c, x := range was.order {
			w.row[c] = was.o[x]
		}
	}
	part := r.infinite.piece(w, h, keys, out)
	if out != nil {
		columns := unsafe.Slice(out, r.p.d)
		for c, x := range columns {
			if finite(x) {
				columns[c] = w.row[c]
			}
		}
		return part
	}
	for c, x := range part.order {
		if finite(part.o[x]) {
			part.o[x] = w.row[c]
		}
	}
	part.top, part.total = was.top, was.total
	return part
}

// finite says that x is a number.
func finite(x float32) bool { return !math.IsInf(float64(x), 0) && x == x }

// withoutInfinities is r for some keys alone, with zeros for values that are infinite or no number. It allocates.
func (r *decodeRun) withoutInfinities(h int, keys span) *decodeRun {
	run, n, row := *r, keys.to-keys.from, h*r.p.nkv+keys.from
	values := newOperand(r.p.v.dtype(), n, r.p.d)
	values.copyRows(r.p.v.from(row), n, r.p.d)
	const exponent = 0x7f80
	for i, x := range values.bf16 {
		if x&exponent == exponent {
			values.bf16[i] = 0
		}
	}
	run.p = &attentionProblem{heads: 1, nq: 1, nkv: n, d: r.p.d, q: r.p.q.from(h * r.p.nq), k: r.p.k.from(row), v: values}
	return &run
}
