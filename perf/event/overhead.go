package event

import "slices"

// overheadRuns is how often an empty period is counted to find its cost.
const overheadRuns = 33

// Overhead measures what the counters count in an empty period, from Start to Stop, on the calling thread: the median of
// many. It leaves the counters enabled.
func (c *Counters) Overhead() (Snapshot, error) {
	if err := c.Start(); err != nil {
		return Snapshot{}, err
	}
	s, cost := c.NewSnapshot(), c.NewSnapshot()
	seen := make([][][]uint64, len(c.groups))
	for range overheadRuns {
		if err := c.Start(); err != nil {
			return Snapshot{}, err
		}
		if err := c.Stop(&s); err != nil {
			return Snapshot{}, err
		}
		for i, r := range s.readings {
			if seen[i] == nil {
				seen[i] = make([][]uint64, len(r.Values))
			}
			for k, v := range r.Values {
				seen[i][k] = append(seen[i][k], v)
			}
		}
	}
	for i := range seen {
		for k, all := range seen[i] {
			slices.Sort(all)
			cost.readings[i].Values[k] = all[len(all)/2]
		}
	}
	return cost, nil
}

// trusted is how many times what it costs to count a period has to contain to be trusted.
const trusted = 100

// Less takes off what counting so many periods cost, never below 0, and says whether what was counted is too small to be
// trusted: an event of which the cost is more than 1 %. Such a region should be counted over many of its calls at once.
func (s *Snapshot) Less(cost Snapshot, periods int) (small bool) {
	for i := range s.readings {
		for k, v := range s.readings[i].Values {
			if i >= len(cost.readings) || k >= len(cost.readings[i].Values) {
				continue
			}
			off := cost.readings[i].Values[k] * uint64(periods)
			small = small || off > 0 && v < trusted*off
			s.readings[i].Values[k] = less(v, off)
		}
	}
	return small
}

// lower is the one of two snapshots, group by group, in which less was counted.
func (s Snapshot) lower(other Snapshot) Snapshot {
	d := Snapshot{readings: slices.Clone(s.readings)}
	for i := range d.readings {
		var a, b uint64
		for k := range d.readings[i].Values {
			a += s.readings[i].Values[k]
			b += other.readings[i].Values[k]
		}
		if b < a {
			d.readings[i] = other.readings[i]
		}
	}
	return d
}

// overhead measures the cost of a period on the calling thread, with counters of its own. Where all cores are alike it is
// measured once.
func (p *Plan) overhead(pass int) (Snapshot, error) {
	measure := func() (Snapshot, error) {
		c, err := p.Open(pass, ThisThread())
		if err != nil {
			return Snapshot{}, err
		}
		defer c.Close()
		return c.Overhead()
	}
	if len(p.machine.cores) > 1 {
		return measure()
	}
	return p.memory.cost(&p.Passes[pass], measure)
}

// Fail notes that a pass could not be counted on the cores, or on the system, so that its quantities are missing for that reason.
func (p *Plan) Fail(pass int, uncore bool, err error) {
	for _, s := range p.Passes[pass].Sets {
		if s.unit == nil || s.Uncore != uncore {
			continue
		}
		for _, all := range p.chosen {
			for i := range all {
				if all[i].unit == s.unit && all[i].why == "" {
					all[i].why = whyRefused(s.PMU, err)
				}
			}
		}
	}
}

// hasSystem says whether a pass counts what no thread owns.
func (p *Plan) hasSystem(pass int) bool {
	return slices.ContainsFunc(p.Passes[pass].Sets, func(s Set) bool { return s.Uncore })
}
