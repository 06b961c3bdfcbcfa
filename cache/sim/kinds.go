package sim

// The kinds of misses.
const (
	compulsory = iota
	capacity
	conflict
	invalidation
)

// kinds tells the misses of one cache apart, each by the state at its moment: a line never held before is a compulsory
// miss; one that was taken away from outside an invalidation miss; one that a fully associative LRU cache of the same
// capacity, fed with the same lines, still holds is a conflict miss; the rest are capacity misses.
// M. D. Hill and A. J. Smith, "Evaluating Associativity in CPU Caches", IEEE Trans. Computers 38(12), 1989.
type kinds struct {
	shadow *shadow
	held   bool                // the shadow held the line of the last touch or take
	seen   map[uint64]*page    // lines ever held, by number / linesPerPage
	recent *page               // the last one looked at
	number uint64              // of recent
	lost   map[uint64]struct{} // lines taken away from outside and not back yet
}

func newKinds(lines int) *kinds {
	return &kinds{shadow: newShadow(lines), seen: map[uint64]*page{}, number: none, lost: map[uint64]struct{}{}}
}

func (k *kinds) touch(line uint64) { k.held = k.shadow.touch(line) }
func (k *kinds) take(line uint64)  { k.held = k.shadow.take(line) }

// page is a bit for each of many neighbouring lines.
type page [64]uint64

const linesPerPage = 64 * 64

// see notes the line as held, and says whether it was before.
func (k *kinds) see(line uint64) (before bool) {
	if n := line / linesPerPage; n != k.number {
		p := k.seen[n]
		if p == nil {
			p = new(page)
			k.seen[n] = p
		}
		k.recent, k.number = p, n
	}
	word, bit := &k.recent[line%linesPerPage/64], uint64(1)<<(line%64)
	before = *word&bit != 0
	*word |= bit
	return before
}

func (k *kinds) lose(line uint64) {
	k.shadow.take(line)
	k.lost[line] = struct{}{}
}

// missed counts a demand miss of the line just touched or taken.
func (k *kinds) missed(line uint64, counts *counts) {
	kind := capacity
	switch before, lost := k.see(line), k.found(line); {
	case !before:
		kind = compulsory
	case lost:
		kind = invalidation
	case k.held:
		kind = conflict
	}
	counts.kinds[kind]++
}

// filled notes a line that a prefetch or the level inside has brought.
func (k *kinds) filled(line uint64) {
	k.see(line)
	k.found(line)
}

// found takes the line from the lost ones and says whether it was one.
func (k *kinds) found(line uint64) bool {
	if len(k.lost) == 0 {
		return false
	}
	_, lost := k.lost[line]
	delete(k.lost, line)
	return lost
}

// missed tells the kind of a miss; lines that a prefetch misses are only noted.
func (k *instance) missed(line uint64, kind kind, counts *counts) {
	if kind == prefetch {
		k.kinds.filled(line)
	} else {
		k.kinds.missed(line, counts)
	}
}
