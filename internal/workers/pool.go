// Package workers runs code on OS threads that are pinned to CPUs.
//
// A Pool is for one user at a time: Each and Time must not run concurrently with each other, nor inside a worker.
package workers

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// Pool is a set of workers, each a goroutine locked to an OS thread that is pinned to a CPU of its own.
type Pool struct {
	cpus    []int
	jobs    []chan func(w int) error
	results chan error
	barrier barrier
	timed   timed
	waits   []Waits           // of each worker
	batchFn func(w int) error // p.runBatch, made once so that Time allocates nothing
	once    sync.Once
}

// New starts one worker per CPU. It refuses a CPU that is named twice and more workers than GOMAXPROCS, which would wait
// for each other instead of running; otherwise the error is that of pinning.
func New(cpus []int) (*Pool, error) {
	if len(cpus) == 0 {
		return nil, errors.New("start workers: no CPU given")
	}
	if most := runtime.GOMAXPROCS(0); len(cpus) > most {
		return nil, fmt.Errorf("start %d workers: only %d goroutines can run at once (unset GOMAXPROCS or use %d threads)", len(cpus), most, most)
	}
	p := &Pool{cpus: slices.Clone(cpus), results: make(chan error, len(cpus))}
	p.batchFn = p.runBatch
	p.timed.spans, p.waits = make([]span, len(cpus)), make([]Waits, len(cpus))
	p.barrier.n = int32(len(cpus))
	for w, cpu := range cpus {
		if slices.Contains(cpus[:w], cpu) {
			p.Close()
			return nil, fmt.Errorf("start workers: CPU %d is named twice", cpu)
		}
		jobs := make(chan func(int) error, 1)
		p.jobs = append(p.jobs, jobs)
		go p.work(w, cpu, jobs)
	}
	if err := p.Each(func(int) error { return nil }); err != nil {
		p.Close()
		return nil, fmt.Errorf("start workers: %w", err)
	}
	return p, nil
}

// N returns the number of workers.
func (p *Pool) N() int { return len(p.cpus) }

// CPUs returns the CPU of every worker.
func (p *Pool) CPUs() []int { return slices.Clone(p.cpus) }

// Close ends the workers and their threads. The pool cannot be used any more.
func (p *Pool) Close() {
	p.once.Do(func() {
		for _, jobs := range p.jobs {
			close(jobs)
		}
	})
}

// Each runs f once on every worker, concurrently, and returns one of their errors when all are done.
// A panic in f is an error, a *PanicError; and so is the end of its goroutine, as by t.FailNow.
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
