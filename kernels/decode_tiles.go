package kernels

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
