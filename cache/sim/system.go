package sim

import "math/bits"

// System is a machine: cores, their caches, and memory.
type System struct {
	config  Config
	cores   []*Core
	levels  [][]*instance // instances by level
	memory  []memory      // by array
	shift   uint          // a line is 1<<shift bytes
	names   []string      // of the arrays; 0: other
	extents []extent      // of the arrays in bytes, ascending
	lines   []extent      // the same in lines, each in one array only
}

// New returns a machine with empty caches. The error says which level cannot be simulated.
func New(config Config) (*System, error) {
	config, err := config.normal()
	if err != nil {
		return nil, err
	}
	s := &System{config: config, memory: make([]memory, 1), names: []string{Other}}
	s.shift = uint(bits.TrailingZeros(uint(config.Line)))
	for i := range config.Cores {
		s.cores = append(s.cores, newCore(s, i))
	}
	for depth, l := range config.Levels {
		var instances []*instance
		for first := 0; first < config.Cores; first += l.Cores {
			k := newInstance(l, config.Line, depth == 0)
			if config.Classify && (config.ClassifyTo == 0 || l.Level <= config.ClassifyTo) {
				k.kinds = newKinds(int(k.sets * k.ways))
			}
			k.system = s
			k.silent = l.Fill != Inclusive
			s.nest(k, depth, first, min(first+l.Cores, config.Cores))
			instances = append(instances, k)
		}
		s.levels = append(s.levels, instances)
	}
	return s, nil
}

// nest puts a new cache of cores first to end around the caches of these cores at the depth inside.
func (s *System) nest(k *instance, depth, first, end int) {
	if k.innermost {
		for _, c := range s.cores[first:end] {
			c.l1 = k
		}
		return
	}
	per := s.config.Levels[depth-1].Cores
	k.inside = s.levels[depth-1][first/per : (end+per-1)/per]
	k.simple = len(k.inside) == 1 && k.fill != Victim
	for _, i := range k.inside {
		i.outside, i.swaps = k, k.fill == Victim
		i.silent = !i.swaps && i.fill != Inclusive
	}
}

// outermost returns the instances of the last level.
func (s *System) outermost() []*instance { return s.levels[len(s.levels)-1] }

// Config returns the machine's description with all defaults filled in.
func (s *System) Config() Config { return s.config }

// Core returns core i, from 0.
func (s *System) Core(i int) *Core { return s.cores[i] }

// ResetCounts forgets all counts and keeps the caches: what is counted from now on starts warm.
func (s *System) ResetCounts() {
	s.each(func(k *instance) { clear(k.arrays) })
	clear(s.memory)
}

// Empty empties all caches and forgets the prefetchers' streams, so that what comes next starts cold. Dirty lines are
// dropped, not written back; the counts stay.
func (s *System) Empty() {
	s.each(func(k *instance) {
		k.clear()
		if k.kinds != nil {
			k.kinds = newKinds(int(k.sets * k.ways))
		}
	})
	for _, c := range s.cores {
		c.stream = newStreams(s.config)
	}
}

func (s *System) each(f func(*instance)) {
	for _, instances := range s.levels {
		for _, k := range instances {
			f(k)
		}
	}
}
