// Package workers runs code on OS threads that are pinned to CPUs.
//
// A Pool is for one user at a time: Each and Time must not run concurrently with each other.
package workers

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a set of workers, each a goroutine locked to an OS thread that is pinned to a CPU of its own.
type Pool struct {
	cpus    []int
	jobs    []chan func(w int) error
	results chan error
	barrier barrier
	timed   timed
	batchFn func(w int) error // p.runBatch, made once so that Time allocates nothing
	once    sync.Once
}

// New starts one worker per CPU. The error is that of pinning.
func New(cpus []int) (*Pool, error) {
	if len(cpus) == 0 {
		return nil, errors.New("start workers: no CPU given")
	}
	p := &Pool{cpus: cpus, results: make(chan error, len(cpus))}
	p.batchFn = p.runBatch
	p.barrier.n = int32(len(cpus))
	for w, cpu := range cpus {
		jobs := make(chan func(int) error)
		p.jobs = append(p.jobs, jobs)
		go p.work(w, cpu, jobs)
	}
	var err error
	for range cpus {
		err = errors.Join(err, <-p.results)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// N returns the number of workers.
func (p *Pool) N() int { return len(p.cpus) }

// CPUs returns the CPU of every worker.
func (p *Pool) CPUs() []int { return p.cpus }

// Close ends the workers and their threads.
func (p *Pool) Close() {
	p.once.Do(func() {
		for _, jobs := range p.jobs {
			close(jobs)
		}
	})
}

// work is one worker. It never unlocks its thread, so that the thread ends with it; the main thread cannot end, so the
// pinning is undone all the same.
func (p *Pool) work(w, cpu int, jobs <-chan func(int) error) {
	runtime.LockOSThread()
	unpin, err := pin(cpu)
	p.results <- err
	for f := range jobs {
		p.results <- protect(w, f)
	}
	unpin()
}

// PanicError is a panic of a worker.
type PanicError struct {
	Worker int
	Value  any
	Stack  []byte
}

// Error names the worker and the panic's value.
func (e *PanicError) Error() string { return fmt.Sprintf("worker %d panicked: %v", e.Worker, e.Value) }

func protect(w int, f func(int) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{w, v, debug.Stack()}
		}
	}()
	return f(w)
}

// Each runs f once on every worker, concurrently, and returns an error of them when all are done. A panic is an error.
func (p *Pool) Each(f func(w int) error) (err error) {
	for _, jobs := range p.jobs {
		jobs <- f
	}
	for range p.jobs {
		if e := <-p.results; e != nil && err == nil {
			err = e
		}
	}
	return err
}

// timed is the job of Time.
type timed struct {
	batch   int
	part    func(w int)
	elapsed time.Duration
}

// Time lets all workers run their part batch times and returns how long that took. After every call the workers wait for
// each other, spinning, so that a call ends when its last part does. A panic of a part ends in a panic here.
func (p *Pool) Time(batch int, part func(w int)) time.Duration {
	p.timed = timed{batch: batch, part: part}
	p.barrier.reset()
	if err := p.Each(p.batchFn); err != nil {
		panic(err)
	}
	return p.timed.elapsed
}

func (p *Pool) runBatch(w int) error {
	t := &p.timed
	defer p.barrier.leave() // a worker that panics must not leave the others waiting
	if p.N() == 1 {
		start := time.Now()
		for range t.batch {
			t.part(0)
		}
		t.elapsed = time.Since(start)
		return nil
	}
	p.barrier.wait()
	start := time.Now()
	for range t.batch {
		t.part(w)
		p.barrier.wait()
	}
	if w == 0 {
		t.elapsed = time.Since(start)
	}
	return nil
}

// barrier makes n threads wait for each other by spinning. Once one has left, it holds nobody any more.
type barrier struct {
	n       int32
	arrived atomic.Int32
	phase   atomic.Uint32
	left    atomic.Bool
}

const spinsBeforeYield = 1 << 20 // about a millisecond: yielding sooner costs short calls more than it gives others

func (b *barrier) reset() { b.arrived.Store(0); b.left.Store(false) }

func (b *barrier) leave() { b.left.Store(true) }

func (b *barrier) wait() {
	phase := b.phase.Load()
	if b.arrived.Add(1) == b.n {
		b.arrived.Store(0)
		b.phase.Add(1)
		return
	}
	for spins := 0; b.phase.Load() == phase && !b.left.Load(); spins++ {
		if spins%spinsBeforeYield == spinsBeforeYield-1 {
			runtime.Gosched()
		}
	}
}
