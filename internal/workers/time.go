package workers

import "time"

// timed is the job of Time.
type timed struct {
	batch   int
	part    func(w int)
	elapsed time.Duration
}

// Time lets all workers run their part batch times and returns how long that took. After every call the workers wait for
// each other, spinning, so that a call ends when its last part does; that costs each call some 0.1 µs, and a single
// worker nothing. It allocates nothing. A panic in a part ends in a panic here, with the *PanicError.
func (p *Pool) Time(batch int, part func(w int)) time.Duration {
	p.timed = timed{batch: batch, part: part}
	p.barrier.reset()
	if err := p.Each(p.batchFn); err != nil {
		panic(err)
	}
	p.timed.part = nil
	return p.timed.elapsed
}

// runBatch is one worker's share of Time. Worker 0 reads the clock.
func (p *Pool) runBatch(w int) error {
	batch, part := p.timed.batch, p.timed.part
	if p.N() == 1 {
		begin := time.Now()
		for range batch {
			part(0)
		}
		p.timed.elapsed = time.Since(begin)
		return nil
	}
	defer p.barrier.leave() // a worker that panics must not leave the others waiting
	p.barrier.wait()
	begin := time.Now()
	for range batch {
		part(w)
		p.barrier.wait()
	}
	if w == 0 {
		p.timed.elapsed = time.Since(begin)
	}
	return nil
}
