package measure

import (
	"errors"
	"runtime"
	"time"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/perf/event"
)

// pool runs work on pinned threads; workers.Pool is the real one.
type pool interface {
	N() int
	// Each runs f once on every worker and returns when all are done.
	Each(f func(worker int) error) error
	// Time lets all workers run batch calls of part together and returns how long that took.
	Time(batch int, part func(worker int)) time.Duration
	// Waited is for how long of the last Time a worker was without a CPU.
	Waited() time.Duration
	Close()
}

// watcher counts what the operating system does to the workers between start and stop.
type watcher interface {
	start()
	stop() event.OSDelta
	whyNoMigrations() string
	close()
}

// host is what the pipeline needs of the machine it runs on; tests replace it.
type host struct {
	pool  func(threads int) (pool, error)
	watch func(pool) (watcher, error)
	steal func() (stop func() machine.Disturbance)
	now   func() time.Time
	loops func() []asm.Loop // that ceilings are measured with

	collect func() // garbage
}

// thisMachine is the host that measures.
var thisMachine = host{
	pool: func(threads int) (pool, error) {
		cpus, err := workers.CPUs(threads)
		if err != nil {
			return nil, err
		}
		return workers.New(cpus)
	},
	watch: watchWorkers,
	steal: machine.Watch,
	now:   time.Now,
	loops: asm.Loops,

	collect: runtime.GC,
}

// timerCost is the time between two readings of the clock: the smallest difference that shows, or the mean where the clock
// is coarser than that.
func (h host) timerCost() time.Duration {
	const readings = 1000
	begin := h.now()
	for range readings - 1 {
		h.now()
	}
	return h.now().Sub(begin) / readings
}

// osWatcher has one set of counters per worker, opened and read on the worker's own thread.
type osWatcher struct {
	pool     pool
	counters []*event.OSCounters
	deltas   []event.OSDelta
	on, off  func(worker int) error // made once: watching must not allocate per turn
}

func watchWorkers(p pool) (watcher, error) {
	w := &osWatcher{pool: p, counters: make([]*event.OSCounters, p.N()), deltas: make([]event.OSDelta, p.N())}
	w.on = func(i int) error { w.counters[i].Start(); return nil }
	w.off = func(i int) error { w.deltas[i] = w.counters[i].Stop(); return nil }
	err := p.Each(func(i int) (err error) {
		w.counters[i], err = event.OpenOS()
		return err
	})
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *osWatcher) start() { _ = w.pool.Each(w.on) }

// stop sums over the workers. What one worker could not count is not counted.
func (w *osWatcher) stop() (sum event.OSDelta) {
	_ = w.pool.Each(w.off)
	for _, d := range w.deltas {
		sum = add(sum, d)
	}
	return sum
}

func (w *osWatcher) whyNoMigrations() string {
	for _, c := range w.counters {
		if why := c.WhyNoMigrations(); why != "" {
			return why
		}
	}
	return ""
}

func (w *osWatcher) close() {
	_ = w.pool.Each(func(i int) error {
		if w.counters[i] == nil {
			return nil
		}
		return w.counters[i].Close()
	})
}

// add sums two periods or two threads; NotCounted in either makes the sum not counted.
func add(a, b event.OSDelta) event.OSDelta {
	plus := func(x, y int64) int64 {
		if x == event.NotCounted || y == event.NotCounted {
			return event.NotCounted
		}
		return x + y
	}
	return event.OSDelta{
		ContextSwitches: plus(a.ContextSwitches, b.ContextSwitches),
		Involuntary:     plus(a.Involuntary, b.Involuntary),
		Migrations:      plus(a.Migrations, b.Migrations),
		PageFaults:      plus(a.PageFaults, b.PageFaults),
	}
}

// unwatched stands in where the operating system's events cannot be counted at all.
type unwatched struct{ why error }

func (unwatched) start() {}
func (unwatched) stop() event.OSDelta {
	const no = event.NotCounted
	return event.OSDelta{ContextSwitches: no, Involuntary: no, Migrations: no, PageFaults: no}
}
func (u unwatched) whyNoMigrations() string { return u.why.Error() }
func (unwatched) close()                    {}

// open starts pool and watcher. A watcher that cannot be opened is no reason not to measure.
func (h host) open(threads int) (pool, watcher, error) {
	p, err := h.pool(threads)
	if err != nil {
		return nil, nil, err
	}
	w, err := h.watch(p)
	if err != nil {
		w = unwatched{errors.Join(err)}
	}
	return p, w, nil
}
