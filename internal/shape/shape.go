// Package shape names the problem size of a kernel run.
//
// Three families share one type, because results, tables and stores treat them alike:
//
//	matmul            m, n, k          C (m×n) = A (m×k) · B (k×n)
//	attention, decode h, q, kv, d      h heads, q queries and kv keys of d elements each, per head
//	gemv              m, n             y (m) = A (m×n) · x (n)
//	copy, triad, dot  n                vectors of n elements
package shape

// Shape is a problem size; fields that an operation does not use are 0 and are left out of JSON.
type Shape struct {
	M      int  `json:"m,omitempty"`
	N      int  `json:"n,omitempty"`
	K      int  `json:"k,omitempty"`
	H      int  `json:"h,omitempty"`
	Q      int  `json:"q,omitempty"`
	KV     int  `json:"kv,omitempty"`
	D      int  `json:"d,omitempty"`
	Causal bool `json:"causal,omitempty"`
}
