package sim

// notes are a number for each line, 0 at first: those of neighbouring lines are a page.
type notes struct {
	pages  map[uint64]*page // by number / linesPerPage
	recent [64]recentPage   // some of them
}

type page [linesPerPage]uint32

type recentPage struct {
	number uint64
	page   *page // nil: none yet
}

const linesPerPage = 1024

// note is the place of a line's number.
func (n *notes) note(line uint64) *uint32 {
	number := line / linesPerPage
	r := &n.recent[number*0x9e3779b97f4a7c15>>58]
	if r.number != number || r.page == nil {
		p := n.pages[number]
		if p == nil {
			p = new(page)
			n.pages[number] = p
		}
		r.number, r.page = number, p
	}
	return &r.page[line%linesPerPage]
}

// forget makes all numbers 1 that are more.
func (n *notes) forget() {
	for _, p := range n.pages {
		for i := range p {
			p[i] = min(p[i], seen)
		}
	}
}
