package workers

import "time"

// timed is the job of Time.
type timed struct {
	batch int
	part  func(w int)
	spans []span // of each worker
}

// span is when a worker began its first part and ended its last one, on a cache line of its own.
type span struct {
	begin, end time.Time
	waited     time.Duration // for a CPU, in between
	_          [64 - 56]byte
}

// elapsed is the time from the first begin to the last end: a worker that loses its CPU just before it begins must not make
// the batch look short.
func (t *timed) elapsed() time.Duration {
	begin, end := t.spans[0].begin, t.spans[0].end
	for _, s := range t.spans[1:] {
		if s.begin.Before(begin) {
			begin = s.begin
		}
		if s.end.After(end) {
			end = s.end
		}
	}
	return end.Sub(begin)
}

// Time lets all workers run their part batch times and returns how long that took. After every call the workers wait for
// each other, spinning, so that a call ends when its last part does; that costs each call some 0.1 µs, and a single
// worker nothing. For how long a single worker had no CPU, because other processes had it, is not part of the time; where
// several work together, nobody knows how much one that waits holds up the others. It allocates nothing. A panic in a part
// ends in a panic here, with the *PanicError.
func (p *Pool) Time(batch int, part func(w int)) time.Duration {
	p.timed.batch, p.timed.part = batch, part
	p.barrier.reset()
	if err := p.Each(p.batchFn); err != nil {
		panic(err)
	}
	p.timed.part = nil
	took := p.timed.elapsed()
	if p.N() == 1 {
		took = max(took-p.Waited(), 1)
	}
	return took
}

// Waited is for how long of the last Time a single worker was ready to run while other processes had its CPU; of several
// workers, for how long the one that had to wait longest did, whoever had the CPU. It is 0 where the kernel does not tell.
func (p *Pool) Waited() (longest time.Duration) {
	for i := range p.timed.spans {
		longest = max(longest, p.timed.spans[i].waited)
	}
	return longest
}

// runBatch is one worker's share of Time.
func (p *Pool) runBatch(w int) error {
	batch, part, own := p.timed.batch, p.timed.part, &p.timed.spans[w]
	waits := &p.waits[w]
	waits.Mark()
	if p.N() == 1 {
		own.begin = time.Now()
		for range batch {
			part(0)
		}
		own.end = time.Now()
		own.waited = waits.ForOthers(own.begin, own.end)
		return nil
	}
	defer p.barrier.leave() // a worker that panics must not leave the others waiting
	p.barrier.wait()
	own.begin = time.Now()
	for i := range batch {
		part(w)
		if i == batch-1 {
			own.end = time.Now()
			own.waited = waits.Delayed(own.begin, own.end)
		}
		p.barrier.wait()
	}
	return nil
}
