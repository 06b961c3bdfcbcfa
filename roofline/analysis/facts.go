package analysis

import (
	"maps"
	"slices"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// Context is what a run is judged against.
type Context struct {
	Machine  roofline.Machine
	Ceilings []roofline.Ceiling
	Floor    float64 // the machine's noise floor, a relative difference (roofline compare --aa); 0: not known
}

// work is what was executed of one class of instructions.
type work struct {
	class, width, dtype string
	instructions        float64
	flops               float64 // by lanes that were on
	full                float64 // by all lanes
	ceiling             string  // that it is compared with; "": found by class, width and type
}

// phase is code that runs alone.
type phase struct {
	name                        string
	work                        []work
	instructions                float64
	bytes, loads, stores        float64 // between core and L1: bytes of both, and instructions
	iterations, cycles, chained float64 // of its loop: executions, cycles of the chain and loads in it for each
	chain                       []string
}

// facts are what a bound is made of. A what-if changes them.
type facts struct {
	dtype, roof string
	threads     int
	algorithmic float64            // operations of the algorithm; 0: not known
	compulsory  map[string]float64 // bytes by level
	traffic     map[string]float64 // bytes by level, beyond L1
	loaded      float64            // bytes between core and L1
	stored      float64
	phases      []phase
	busiest     float64 // work of the busiest thread over the mean; 1: balanced, or not known
	clock       float64 // Hz; 0: not known
	thp         string  // transparent huge pages: always | madvise | never
	hop         float64 // seconds of a load in a chain; 0: not known
}

// clone copies what findings and what-ifs change.
func (f facts) clone() facts {
	f.traffic, f.compulsory = maps.Clone(f.traffic), maps.Clone(f.compulsory)
	f.phases = slices.Clone(f.phases)
	for i := range f.phases {
		f.phases[i].work = slices.Clone(f.phases[i].work)
	}
	return f
}

// factsOf gathers the facts of a run.
func factsOf(run *roofline.Run, c Context) facts {
	f := facts{
		dtype: run.DType, roof: run.Roof, threads: run.Threads, busiest: 1, clock: c.Machine.CPU.CoreHz,
		compulsory: map[string]float64{}, traffic: map[string]float64{},
		thp: c.Machine.Environment.THP, loaded: value(run, perf.BytesLoaded), stored: value(run, perf.BytesStored),
	}
	f.algorithmic = declared(run, perf.FLOPs)
	for _, level := range roofline.Levels {
		if b := value(run, roofline.Bytes(level)); b > 0 && level != "L1" {
			f.traffic[level] = b
		}
		if b := declared(run, roofline.Bytes(level)); b > 0 {
			f.compulsory[level] = b
		}
	}
	f.phases = phasesOf(run)
	if a := run.Analysis; a != nil && len(a.Workers) > 1 {
		if mean := sum(a.Workers) / float64(len(a.Workers)); mean > 0 {
			f.busiest = slices.Max(a.Workers) / mean
		}
	}
	f.hop = hop(run, f, c.Ceilings)
	return f
}

// value is the count that the points use; 0 where there is none.
func value(run *roofline.Run, q perf.Quantity) float64 {
	c, _ := run.Count(q)
	return c.Value
}

// declared is what the shape says; 0 where it does not.
func declared(run *roofline.Run, q perf.Quantity) float64 {
	for _, c := range run.Counts[q] {
		if c.Source == perf.SourceAnalytic && c.Quality == perf.Analytic {
			return c.Value
		}
	}
	return 0
}

func sum(list []float64) (s float64) {
	for _, v := range list {
		s += v
	}
	return s
}
