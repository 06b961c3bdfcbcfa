package instrument

import (
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Profile is what the thread's runs have executed so far, in count mode.
func (t *Thread) Profile() *Profile {
	t.settleTiles()
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	return ProfileOf(t.p.rw.Blocks, t.counters(), t.p.nameOf, func(b *rewrite.Block, c *BlockCount) {
		for _, tile := range t.tiles {
			if n := tile.counts[b.ID]; n > 0 {
				c.addTiles(TileCount{tile.config, n})
			}
		}
	})
}

// ProfileOf reads the counters of copied blocks. complete, if not nil, adds to a block what no counter has.
func ProfileOf(list []*rewrite.Block, counters []uint64, name func(addr uint64) string, complete func(*rewrite.Block, *BlockCount)) *Profile {
	p := &Profile{}
	for _, b := range list {
		if b.Counter < 0 || counters[b.Counter] == 0 {
			continue
		}
		c := BlockCount{Function: name(b.Addr), Addr: b.Addr, Code: b.Raw, Executions: counters[b.Counter], Lanes: map[int]uint64{}, Repeats: map[int]uint64{}}
		for _, d := range b.Dynamic {
			n := counters[d.Counter]
			if d.Minus >= 0 {
				n -= counters[d.Minus]
			}
			switch d.What {
			case rewrite.Lanes:
				c.Lanes[d.Inst] = n
			case rewrite.Repeats:
				c.Repeats[d.Inst] = n
			}
		}
		if complete != nil {
			complete(b, &c)
		}
		p.add(&Profile{Blocks: []BlockCount{c}}) // the same code may have two copies
	}
	p.sort()
	return p
}

// Reset forgets all counts.
func (t *Thread) Reset() {
	clear(t.counters())
	t.tiles = nil
}

func (p *Program) nameOf(addr uint64) string {
	for _, f := range p.functions {
		if addr-uint64(f.Entry) < uint64(f.Size) {
			return f.Name
		}
	}
	if p.opt.Name != nil {
		return p.opt.Name(addr)
	}
	return ""
}
