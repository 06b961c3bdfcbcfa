package sim

import "math/bits"

// Sets whose order is a matter of bits are searched through signatures, a byte of each way's line in words of eight: one
// comparison of a word excludes nearly all ways that do not hold the line. Under LRU the entries themselves stand in the
// order of use, and are searched in it.
const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// signature returns the line's byte, eight times.
func signature(line uint64) uint64 { return line * 0x9e3779b97f4a7c15 >> 56 * lows }

// zeros marks bytes that are zero in their highest bit; above the lowest mark there may be false ones.
func zeros(x uint64) uint64 { return (x - lows) &^ x & highs }

// find returns where the line stands in tags, -1 where it does not.
func (k *instance) find(line uint64) int {
	set := k.set(line)
	base := set * k.ways
	if k.meta == nil {
		return k.scan(base, line)
	}
	at, want := set*2*k.words, signature(line)
	for _, s := range k.meta[at : at+k.words] {
		for z := zeros(s ^ want); z != 0; z &= z - 1 {
			// A false mark may be of a way behind the last: then it is of the next set, which cannot hold the line.
			if at := base + uint64(bits.TrailingZeros64(z))>>3; k.tags[at]>>tagShift == line {
				return int(at)
			}
		}
		base += 8
	}
	return -1
}

// scan looks through all ways of a set, four at a time.
func (k *instance) scan(base, line uint64) int {
	s := k.tags[base : base+k.ways]
	at := int(base)
	for ; len(s) >= 4; s = s[4:] {
		if s[0]>>tagShift == line {
			return at
		}
		if s[1]>>tagShift == line {
			return at + 1
		}
		if s[2]>>tagShift == line {
			return at + 2
		}
		if s[3]>>tagShift == line {
			return at + 3
		}
		at += 4
	}
	for i, e := range s {
		if e>>tagShift == line {
			return at + i
		}
	}
	return -1
}

// touch looks the line up as a use. On a hit the entry loses the flags of drop and gains those of add; on a miss an empty
// way or the policy's victim is replaced by fresh. It returns the place, and the entry that was there.
func (k *instance) touch(line, fresh, drop, add uint64) (at uint64, old uint64, hit bool) {
	if k.meta != nil {
		return k.touchInPlace(line, fresh, drop, add)
	}
	at = k.set(line) * k.ways
	s := k.tags[at : at+k.ways]
	old = s[0]
	if old>>tagShift == line {
		s[0] = old&^drop | add
		return at, old, true
	}
	// What comes before the line moves on by one, the line to the front; without it, what was last falls out.
	for i := 1; i < len(s); i++ {
		e := s[i]
		s[i] = old
		old = e
		if e>>tagShift == line {
			s[0] = e&^drop | add
			return at, e, true
		}
	}
	s[0] = fresh
	return at, old, false
}

func (k *instance) touchInPlace(line, fresh, drop, add uint64) (at uint64, old uint64, hit bool) {
	set := k.set(line)
	base, words := set*k.ways, k.words
	meta := k.meta[set*2*words:]
	meta = meta[:2*words]
	want := signature(line)
	for w := range words {
		for z := zeros(meta[w] ^ want); z != 0; z &= z - 1 {
			way := w*8 + uint64(bits.TrailingZeros64(z))>>3
			at = base + way
			if old = k.tags[at]; old>>tagShift == line {
				k.tags[at] = old&^drop | add
				k.use(set, meta[words:], way)
				return at, old, true
			}
		}
	}
	way := k.victim(set, meta[words:])
	at = base + way
	old = k.tags[at]
	k.tags[at] = fresh
	w, shift := way>>3, way&7*8
	meta[w] = meta[w]&^(0xff<<(shift&63)) | want&0xff<<(shift&63)
	return at, old, false
}

// use notes a hit of the way.
func (k *instance) use(set uint64, order []uint64, way uint64) {
	if k.policy == TreePLRU {
		k.shape.use(&k.tree[set], way)
	} else {
		k.policy.hit(order, k.full, way)
	}
}

// victim chooses the way to fill and notes its use. Empty ways come first.
func (k *instance) victim(set uint64, order []uint64) (way uint64) {
	switch {
	case k.holes[set] > 0:
		k.holes[set]--
		way = k.hole(set)
	case k.policy == TreePLRU:
		way = k.shape.victim(&k.tree[set])
	default:
		way = oldest(order)
	}
	if k.policy == TreePLRU {
		k.shape.use(&k.tree[set], way)
	} else {
		k.policy.age(order, k.full, way, 1)
	}
	return way
}

// hole returns an empty way: the first, or the last under R2.
func (k *instance) hole(set uint64) (way uint64) {
	for i, e := range k.tags[set*k.ways : (set+1)*k.ways] {
		if e>>tagShift == noLine {
			if way = uint64(i); k.policy != QLRUH00M1R2U1 {
				return way
			}
		}
	}
	return way
}

// remove takes the line out and returns its entry; empty where it was not there.
func (k *instance) remove(line uint64) (old uint64) {
	at := k.find(line)
	if at < 0 {
		return empty
	}
	return k.takeOut(at)
}

// takeOut is remove of the entry at a place.
func (k *instance) takeOut(at int) (old uint64) {
	old = k.tags[at]
	set := uint64(at) / k.ways
	if k.meta == nil { // the hole moves to the end
		end := int((set + 1) * k.ways)
		copy(k.tags[at:end-1], k.tags[at+1:end])
		at = end - 1
	} else {
		k.holes[set]++
		if k.policy.ages() {
			k.policy.age(k.order(set), k.full, uint64(at)-set*k.ways, 3)
		}
	}
	k.tags[at] = empty
	if k.innermost {
		k.forget(old >> tagShift)
	}
	return old
}

// forget makes the users look the line up again, although it was their last.
func (k *instance) forget(line uint64) {
	for _, c := range k.users {
		if c.last&lineMask == line {
			c.last, c.lastSole = none, none
		}
	}
}
