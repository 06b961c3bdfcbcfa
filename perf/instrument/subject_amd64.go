package instrument

import (
	"errors"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// team is a program with a thread for each worker of a workload.
type team struct {
	s       *Subject
	program *Program
	threads []*Thread
}

func (s *Subject) team(opt Options) (*team, error) {
	opt.ABI = blocks.GoABI0
	if c := s.Called; c != nil {
		opt.ABI, opt.Code, opt.Name, opt.Low, opt.High = blocks.SysV, c.Code, c.Name, c.Low, c.High
	}
	p, err := New(s.Functions, opt)
	if err != nil {
		return nil, err
	}
	t := &team{s: s, program: p}
	for range s.Workload.Workers() {
		th, err := p.NewThread()
		if err != nil {
			t.close()
			return nil, err
		}
		t.threads = append(t.threads, th)
	}
	return t, nil
}

func (t *team) close() {
	for _, th := range t.threads {
		th.Close()
	}
	t.program.Close()
}

// call runs one call of the workload on patched functions. done, if not nil, is called when a worker has finished.
func (t *team) call(done func(worker int)) error {
	if t.s.Called != nil {
		return t.callByAddress(done)
	}
	undo, err := t.program.Patch()
	if err != nil {
		return err
	}
	err = t.s.Workload.OnEach(func(worker int) error {
		if done != nil {
			defer done(worker)
		}
		return t.threads[worker].Run(func() { t.s.Workload.Part(worker) })
	})
	return errors.Join(err, undo())
}

// callByAddress runs one call of functions that are not patched.
func (t *team) callByAddress(done func(worker int)) error {
	c := t.s.Called
	err := t.s.Workload.OnEach(func(worker int) (err error) {
		if done != nil {
			defer done(worker)
		}
		th := t.threads[worker]
		runErr := th.Run(func() { err = c.Part(worker, th.Call) })
		return errors.Join(runErr, err)
	})
	if err != nil && c.Explain != nil {
		return c.Explain(err)
	}
	return err
}

// count counts one call.
func (s *Subject) count() (*Profile, error) {
	t, err := s.team(Options{Mode: rewrite.Count})
	if err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.call(nil); err != nil {
		return nil, err
	}
	sum := &Profile{}
	for _, th := range t.threads {
		p := th.Profile()
		sum.Workers = append(sum.Workers, p.instructions())
		sum.add(p)
	}
	sum.sort()
	sum.locate(s.Functions)
	if len(sum.Blocks) == 0 {
		return nil, errors.New("count instructions: no instrumented function was called")
	}
	return sum, nil
}

// Sizes of logs. Where several workers' logs take turns a piece is small, so that the caches they share see them mixed.
const (
	aloneLog  = 256 << 10
	sharedLog = 16 << 10
)

// Calls that warm the caches up: until what they have read from memory would fill the last cache twice, or one has read
// nothing, or next to nothing: a working set that just fits misses a few lines in each call for ever. A workload that works on
// another piece of memory in each call takes many; all that L1 takes in of such a piece comes from memory once.
const (
	mostCalls    = 512
	mostAccesses = 300e6
	strayShare   = 1e-3 // of what L1 takes in
)

// warming are the calls so far.
type warming struct {
	read, accesses uint64
	calls          int
}

// warm adds a call and says whether the caches are warm for the next one.
func (w *warming) warm(call sim.Summary, capacity uint64) bool {
	memory, inner := call.Levels[len(call.Levels)-1].Total.BytesInwards, call.Levels[1].Total.BytesInwards
	w.read += memory
	w.accesses += call.Levels[0].Total.Accesses
	w.calls++
	return float64(memory) <= strayShare*float64(inner) || w.read >= 2*capacity || w.calls > mostCalls || w.accesses >= mostAccesses
}

// simulate traces calls until the caches are warm, and counts what the next one does to them; kinds tells misses apart.
func (s *Subject) simulate(kinds kinds) (*traced, error) {
	config, _, err := sim.Machine(s.Workload.Workers())
	if err != nil {
		return nil, err
	}
	config.Classify, config.ClassifyTo = kinds != noKinds, kinds.to(config)
	system, err := sim.New(config)
	if err != nil {
		return nil, err
	}
	for _, a := range s.Arrays {
		if err := system.Register(a.Name, a.Addr, a.Bytes); err != nil {
			return nil, err
		}
	}
	log := aloneLog
	if s.Workload.Workers() > 1 {
		log = sharedLog
	}
	t, err := s.team(Options{Mode: rewrite.Trace, LogBytes: log})
	if err != nil {
		return nil, err
	}
	defer t.close()
	var calls warming
	for warm := false; ; {
		system.ResetCounts()
		if err := t.traceInto(system); err != nil {
			return nil, err
		}
		summary := system.Summary()
		if warm {
			return &traced{summary, arrayBytes(s.Arrays)}, nil
		}
		warm = calls.warm(summary, capacity(config))
	}
}

// capacity of all instances of the last cache.
func capacity(c sim.Config) uint64 {
	last := c.Levels[len(c.Levels)-1]
	instances := 1
	if last.Cores > 0 {
		instances = (max(c.Cores, 1) + last.Cores - 1) / last.Cores
	}
	return uint64(last.Bytes) * uint64(instances)
}

// traceInto runs one call and feeds the workers' logs to the cores of a system: a piece of each in turn, whatever the speed
// at which they arrive, so that the same call gives the same counts.
func (t *team) traceInto(system *sim.System) error {
	turns := make([]chan *Log, len(t.threads))
	replayed := make([]chan struct{}, len(t.threads))
	for i, th := range t.threads {
		turns[i], replayed[i] = make(chan *Log), make(chan struct{})
		th.SetSink(func(l *Log) {
			turns[i] <- l
			<-replayed[i]
		})
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for left := len(turns); left > 0; {
			for i := range turns {
				if turns[i] == nil {
					continue
				}
				l, ok := <-turns[i]
				if !ok {
					turns[i] = nil
					left--
					continue
				}
				l.Replay(system.Core(i))
				replayed[i] <- struct{}{}
			}
		}
	}()
	ends := append([]chan *Log(nil), turns...)
	err := t.call(func(worker int) { close(ends[worker]) })
	if err == nil {
		<-finished
	}
	return err
}
