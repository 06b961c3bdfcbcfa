package sim

import "math/bits"

// Where entries keep their places a set is searched through signatures, a byte of each way's line in words of eight: one
// comparison of a word excludes nearly all ways that do not hold the line. A use then changes the order alone. LRU sets of
// the outer levels are kept in the order of use instead, and searched in it: that takes the least memory. In the innermost
// level, which is hit most often, a use only notes its time.
const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// signature returns the line's byte, eight times.
func signature(line uint64) uint64 { return line * 0x9e3779b97f4a7c15 >> 56 * lows }

// zeros marks bytes that are zero in their highest bit; above the lowest mark there may be false ones.
func zeros(x uint64) uint64 { return (x - lows) &^ x & highs }

// matches marks bytes of two words that are equal to those of want, at bit 8i for byte i of the first word and 8i+1 for the
// second one; above the lowest mark of a word there may be false ones.
func matches(word []uint64, want uint64) uint64 {
	return zeros(word[0]^want)>>7 | zeros(word[1]^want)>>6
}

// marked is the way of the lowest mark.
func marked(z uint64) uint64 {
	at := uint64(bits.TrailingZeros64(z))
	return at>>3 + at&1*8
}

// find returns where the line stands in tags, -1 where it does not.
func (k *instance) find(line uint64) int {
	if k.meta == nil {
		return k.scan(k.set(line)*k.room, line)
	}
	return int(k.seek(k.set(line), line))
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
	at = k.set(line) * k.room
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
	base, meta, want := set*k.room, set<<(k.pace&63), signature(line)
	if k.words == 2 {
		for z := matches(k.meta[meta:meta+2], want); z != 0; z &= z - 1 {
			way := marked(z)
			if old = k.tags[base+way]; old>>tagShift == line {
				k.tags[base+way] = old&^drop | add
				if k.full == 0 || k.meta[meta+2+way>>3]>>(way&7*8)&0xff != 0 { // an age of 0 stays
					k.useWay(set, way)
				}
				return base + way, old, true
			}
		}
		at, old = k.replace(set, line, fresh)
		return at, old, false
	}
	for w, end := meta, meta+k.words; w < end; w++ {
		for z := zeros(k.meta[w] ^ want); z != 0; z &= z - 1 {
			at = base + (w-meta)*8 + uint64(bits.TrailingZeros64(z))>>3
			if old = k.tags[at]; old>>tagShift == line {
				k.tags[at] = old&^drop | add
				k.useWay(set, at-base)
				return at, old, true
			}
		}
	}
	at, old = k.replace(set, line, fresh)
	return at, old, false
}

// seek is find in a set whose entries keep their places; none: the line is not there.
func (k *instance) seek(set, line uint64) uint64 {
	base, at, want := set*k.room, set<<(k.pace&63), signature(line)
	if k.words == 2 {
		for z := matches(k.meta[at:at+2], want); z != 0; z &= z - 1 {
			if place := base + marked(z); k.tags[place]>>tagShift == line {
				return place
			}
		}
		return none
	}
	for end := at + k.words; at < end; at++ {
		for z := zeros(k.meta[at] ^ want); z != 0; z &= z - 1 {
			// A false mark may be of a way behind the last: then it is of the next set, which cannot hold the line.
			if place := base + uint64(bits.TrailingZeros64(z))>>3; k.tags[place]>>tagShift == line {
				return place
			}
		}
		base += 8
	}
	return none
}

// replace puts a line that is not in its set in the place of the policy's victim, and returns the place and what was there.
func (k *instance) replace(set, line, fresh uint64) (at, old uint64) {
	base := set * k.room
	if k.stamps == nil {
		switch {
		case k.vacant > 0:
			at = base + k.victim(set)
		case k.tree != nil:
			at = base + k.shape.victim(&k.tree[set])
		default:
			at = base + k.policy.displace(k.order(set), k.full)
		}
	} else {
		s := k.stamps[base : base+8]
		oldest := earlier(earlier(earlier(s[0], s[1]), earlier(s[2], s[3])), earlier(earlier(s[4], s[5]), earlier(s[6], s[7])))
		if k.room > 8 {
			s = k.stamps[base+8 : base+16]
			oldest = earlier(oldest, earlier(earlier(earlier(s[0], s[1]), earlier(s[2], s[3])), earlier(earlier(s[4], s[5]), earlier(s[6], s[7]))))
		}
		at = oldest & (k.step - 1)
		k.clock += k.step
		k.stamps[at] = k.clock | at
	}
	old = k.tags[at]
	k.tags[at] = fresh
	word, shift := &k.meta[set<<(k.pace&63)+(at-base)>>3], (at-base)&7*8
	*word ^= (*word>>(shift&63) ^ signature(line)) & 0xff << (shift & 63)
	return at, old
}

// use notes a hit of the entry at a place of an innermost cache.
func (k *instance) use(at uint64) { k.useWay(at>>(k.slots&63), at&(k.room-1)) }

func (k *instance) useWay(set, way uint64) {
	if k.stamps != nil {
		k.clock += k.step
		k.stamps[set*k.room+way] = k.clock | set*k.room + way
	} else if k.tree != nil {
		k.shape.use(&k.tree[set], way)
	} else {
		k.policy.hit(k.order(set), k.full, way)
	}
}

// earlier is the minimum of two stamps, without a branch: nobody could foretell it.
func earlier(a, b uint64) uint64 {
	d := int64(a - b)
	return b + uint64(d&(d>>63))
}

// victim chooses the way to fill and notes its use, not under LRU. Empty ways come first.
func (k *instance) victim(set uint64) (way uint64) {
	hole := k.vacant > 0 && k.holes[set] > 0
	if hole {
		k.holes[set]--
		k.vacant--
		way = k.hole(set)
	}
	switch {
	case k.tree != nil && hole:
		k.shape.use(&k.tree[set], way)
	case k.tree != nil:
		way = k.shape.victim(&k.tree[set])
	case hole:
		k.policy.age(k.order(set), k.full, way, 1)
	default:
		way = k.policy.displace(k.order(set), k.full)
	}
	return way
}

// hole returns an empty way: the first, or the last under R2.
func (k *instance) hole(set uint64) (way uint64) {
	base := set * k.room
	for i, e := range k.tags[base : base+k.ways] {
		if e>>tagShift == noLine {
			if way = uint64(i); k.policy != QLRUH00M1R2U1 {
				return way
			}
		}
	}
	return way
}

// foresee reads the set of a line that is soon looked up, so that the host fetches it meanwhile.
func (k *instance) foresee(line uint64) {
	set := k.set(line)
	k.seen = k.tags[set*k.room] ^ k.tags[set*k.room+k.room/2]
	if k.meta != nil {
		k.seen ^= k.meta[set<<(k.pace&63)]
	}
}

// remove takes the line out and returns its entry; empty where it was not there.
func (k *instance) remove(line uint64) (old uint64) {
	at := k.find(line)
	if at < 0 {
		return empty
	}
	return k.takeOut(uint64(at))
}

// takeOut is remove of the entry at a place.
func (k *instance) takeOut(at uint64) (old uint64) {
	old = k.tags[at]
	if k.meta == nil { // the hole moves to the end
		end := (at/k.room + 1) * k.room
		copy(k.tags[at:end-1], k.tags[at+1:end])
		k.tags[end-1] = empty
		return old
	}
	k.tags[at] = empty
	if k.stamps != nil {
		k.stamps[at] = at
		return old
	}
	set := at / k.room
	k.holes[set]++
	k.vacant++
	if k.policy.ages() {
		k.policy.age(k.order(set), k.full, at%k.room, 3)
	}
	return old
}
