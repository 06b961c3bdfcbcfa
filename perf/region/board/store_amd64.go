package board

// store writes a word of the copy that is not valid yet. amd64 keeps the order of stores, and the store of the sequence
// number after it is atomic.
func store(p *uint64, v uint64) { *p = v }
