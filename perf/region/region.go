package region

// Region is one entry of a region, to be ended once. The zero Region, whose End does nothing, is what Start returns when
// the program does not run under roofline.
type Region struct {
	in     *thread
	serial uint64
}

// Start enters the region of this name and locks the goroutine to its thread until End. Regions may nest and recur.
func Start(name string) Region {
	if !active {
		return Region{}
	}
	return start(name)
}

// End leaves the region. It must be called on the goroutine that called Start. Regions that were started after it and not
// ended are ended with it.
func (r Region) End() {
	if r.in != nil {
		r.end()
	}
}

// Active says whether regions are counted.
func Active() bool { return active }

// Do runs f as an entry of the region. The region ends however f does.
func Do(name string, f func()) {
	defer Start(name).End()
	f()
}
