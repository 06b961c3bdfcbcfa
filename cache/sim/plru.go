package sim

import "math/bits"

// plru is the state of one set under TreePLRU: the bits of all its trees, and the trees from the most to the least
// recently used, four bits each.
type plru struct{ bits, order uint64 }

const inOrder = 0xfedcba9876543210

// forest is the shape of all sets of a cache under TreePLRU: trees of 2^levels leaves.
type forest struct {
	levels uint
	trees  uint64
	path   []path // by way
	steps  []step // by the bits of a tree; nil where these are many
	width  uint   // bits of a tree
	order  uint64 // the part of plru.order that names trees
}

// step is what displacing does to a tree: the leaf, and the bits afterwards.
type step struct{ leaf, bits uint8 }

// path is the bits from a way's root to its leaf: all of them, and those that a use sets to point away from it.
type path struct{ all, away uint64 }

func newForest(ways int) *forest {
	f := &forest{levels: uint(bits.TrailingZeros(uint(ways)))}
	f.trees = uint64(ways >> f.levels)
	f.width = 1<<f.levels - 1
	f.order = ^uint64(0) >> (64 - 4*f.trees)
	for way := range ways {
		var p path
		node := 1
		for l := int(f.levels) - 1; l >= 0; l-- {
			right, bit := way>>l&1, uint64(1)<<(f.base(uint64(way>>f.levels))+uint64(node)-1)
			p.all |= bit
			if right == 0 {
				p.away |= bit
			}
			node = 2*node + right
		}
		f.path = append(f.path, p)
	}
	if f.width > 7 {
		return f
	}
	for bits := range uint64(1) << f.width {
		tree := plru{bits: bits} // the first one, which is the most recent, too
		leaf := f.leaf(0, &tree)
		f.use(&tree, leaf)
		f.steps = append(f.steps, step{uint8(leaf), uint8(tree.bits)})
	}
	return f
}

// base returns the place of a tree's root among the bits: a tree of 2^k leaves has 2^k - 1 of them.
func (f *forest) base(tree uint64) uint64 { return tree * uint64(f.width) }

// use points the bits on the way's path away from it and moves its tree to the front.
func (f *forest) use(p *plru, way uint64) {
	path := &f.path[way]
	p.bits = p.bits&^path.all | path.away
	if tree := way >> (f.levels & 63); p.order&15 != tree {
		p.front(tree)
	}
}

// front moves the tree to the front of the order.
func (p *plru) front(tree uint64) {
	const ones, tops = 0x1111111111111111, 0x8888888888888888
	x := p.order ^ tree*ones
	at := uint(bits.TrailingZeros64((x-ones)&^x&tops)) &^ 3 // the lowest mark is of a zero
	below := p.order & (1<<(at&63) - 1)
	above := p.order &^ (16<<(at&63) - 1)
	p.order = above | below<<4 | tree
}

// victim follows the bits of the least recently used tree to a way, and uses it.
func (f *forest) victim(p *plru) (way uint64) {
	tree := p.order & f.order >> (4 * (f.trees - 1) & 63)
	if f.steps == nil {
		way = f.leaf(tree, p)
		f.use(p, way)
		return way
	}
	shift := uint(tree) * f.width
	s := f.steps[p.bits>>(shift&63)&uint64(len(f.steps)-1)]
	p.bits ^= (p.bits>>(shift&63) ^ uint64(s.bits)) & uint64(len(f.steps)-1) << (shift & 63)
	p.order ^= (p.order ^ (p.order<<4 | tree)) & f.order
	return tree<<(f.levels&63) | uint64(s.leaf)
}

// leaf follows the bits of a tree to a way.
func (f *forest) leaf(tree uint64, p *plru) uint64 {
	bits := p.bits >> (f.base(tree) & 63)
	node := uint64(1)
	for range f.levels {
		node = 2*node + bits>>((node-1)&63)&1
	}
	return tree<<f.levels + node - 1<<f.levels
}
