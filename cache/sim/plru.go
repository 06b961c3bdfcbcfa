package sim

import "math/bits"

// plru is the state of one set under TreePLRU: the bits of all its trees, and the trees from the most to the least
// recently used, four bits each.
type plru struct{ bits, order uint64 }

const inOrder = 0xfedcba9876543210

// use points the bits on the way's path away from it and moves its tree to the front.
func (p *plru) use(way, ways int) {
	levels := bits.TrailingZeros(uint(ways))
	tree, leaf := way>>levels, way&(1<<levels-1)
	base := tree * (1<<levels - 1) // a tree of 2^k leaves has 2^k - 1 bits
	node := 1
	for l := levels - 1; l >= 0; l-- {
		b := leaf >> l & 1
		at := uint(base + node - 1)
		p.bits = p.bits&^(1<<at) | uint64(1-b)<<at
		node = 2*node + b
	}
	if ways>>levels > 1 {
		p.front(uint64(tree))
	}
}

func (p *plru) front(tree uint64) {
	at := uint(0)
	for p.order>>at&15 != tree {
		at += 4
	}
	below := p.order & (1<<at - 1)
	above := p.order &^ (1<<(at+4) - 1)
	p.order = above | below<<4 | tree
}

// victim follows the bits of the least recently used tree.
func (p *plru) victim(ways int) int {
	levels := bits.TrailingZeros(uint(ways))
	trees := ways >> levels
	tree := int(p.order >> (4 * (trees - 1)) & 15)
	base := tree * (1<<levels - 1)
	node := 1
	for range levels {
		node = 2*node + int(p.bits>>uint(base+node-1)&1)
	}
	return tree<<levels | node&^(1<<levels)
}
