//go:build !amd64

package board

import "sync/atomic"

// store writes a word of the copy that is not valid yet, in order with the stores around it.
func store(p *uint64, v uint64) { atomic.StoreUint64(p, v) }
