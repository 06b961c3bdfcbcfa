package sim

// Prefetcher is an optional stream prefetcher per core. It watches the misses of the innermost cache and fetches ahead into
// the next one. The defaults are those of Intel's "streamer" (Optimization Reference Manual, data prefetch to the L2: 32
// streams, one per 4 KiB page, two lines per lookup, up to 20 lines ahead).
type Prefetcher struct {
	On       bool `json:"on"`
	Streams  int  `json:"streams"`  // pages that are followed; 0: 32
	Trigger  int  `json:"trigger"`  // steps in one direction before it starts; 0: 2
	Degree   int  `json:"degree"`   // lines per miss; 0: 2
	Distance int  `json:"distance"` // lines ahead at most; 0: 20
}

func (p Prefetcher) normal() Prefetcher {
	if !p.On {
		return Prefetcher{}
	}
	for _, f := range []struct {
		v *int
		d int
	}{{&p.Streams, 32}, {&p.Trigger, 2}, {&p.Degree, 2}, {&p.Distance, 20}} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return p
}

const pageBytes = 4096

// streams is the state of one prefetcher.
type streams struct {
	Prefetcher
	pages  []uint64 // followed, with those of tracks
	tracks []track
	recent int // of the last miss
	next   int // to be given up for a new page
	lines  uint64
}

type track struct{ last, ahead, run, step uint64 } // step is 1 or -1

func newStreams(c Config) *streams {
	if !c.Prefetcher.On {
		return nil
	}
	p := &streams{Prefetcher: c.Prefetcher, lines: max(1, pageBytes/uint64(c.Line))}
	p.pages, p.tracks = make([]uint64, p.Streams), make([]track, p.Streams)
	for i := range p.pages {
		p.pages[i] = none
	}
	return p
}

// follow returns the track of the page, a new one if need be.
func (p *streams) follow(page, line uint64) *track {
	if p.pages[p.recent] == page {
		return &p.tracks[p.recent]
	}
	for i, q := range p.pages {
		if q == page {
			p.recent = i
			return &p.tracks[i]
		}
	}
	p.recent = p.next
	p.next = (p.next + 1) % len(p.pages)
	p.pages[p.recent] = page
	p.tracks[p.recent] = track{last: line}
	return &p.tracks[p.recent]
}

// observe tells the prefetcher of a demand miss.
func (c *Core) observe(line uint64) {
	p := c.stream
	t := p.follow(line/p.lines, line)
	switch step := line - t.last; {
	case step == 0:
		return
	case (step == 1 || step == none) && step == t.step:
		t.run++
	case step == 1 || step == none:
		t.step, t.run, t.ahead = step, 1, line
	default:
		t.run, t.step = 0, 0
	}
	t.last = line
	if t.run < uint64(p.Trigger) {
		return
	}
	if int64((t.ahead-line)*t.step) < 0 { // it was overtaken
		t.ahead = line
	}
	for range p.Degree {
		ahead := t.ahead + t.step
		if ahead/p.lines != line/p.lines || int64((ahead-line)*t.step) > int64(p.Distance) {
			return
		}
		t.ahead = ahead
		c.prefetch(ahead)
	}
}

// prefetch fetches ahead: into the second level, or the first where there is no other to fill.
func (c *Core) prefetch(line uint64) {
	k := c.level(1)
	if k.find(line) >= 0 {
		return
	}
	k.prefetch(line)
}

// Prefetch fetches the line of the address into the given level (1: innermost) and the ones outside of it, as a prefetch
// instruction does: level 1 for PREFETCHT0, PREFETCHNTA and PREFETCHW, 2 for T1 and T2. A victim level is never filled so:
// the next level inside is.
func (c *Core) Prefetch(addr uint64, level int) {
	c.level(level - 1).prefetch(addr >> c.shift & lineMask)
}

// level returns the core's cache at the depth, or the next one inside that prefetches may fill.
func (c *Core) level(depth int) *instance {
	k := c.l1
	for next := k.outside; depth > 0 && next != nil; depth, next = depth-1, next.outside {
		if next.fill != Victim {
			k = next
		}
	}
	return k
}

func (k *instance) prefetch(line uint64) {
	k.recent = none
	k.fetch(line, k.system.array(line), prefetch, nil)
}
