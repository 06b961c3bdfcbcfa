package region

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/region/board"
)

// thread is the state of one OS thread. Only that thread touches it.
type thread struct {
	tid      int
	counters counters
	regions  map[string]*totals
	frames   []frame // the stack of open entries
	depth    int
	serial   uint64 // of the newest entry
	now      []uint64
	last     []uint64 // the reading at the latest Start or End
	next     *thread  // of the same bucket
}

// frame is an open entry.
type frame struct {
	region *totals
	serial uint64
	begin  []uint64 // the reading at its start
}

// totals is what a region has counted in one thread.
type totals struct {
	slot        *board.Writer // nil when the board is full
	calls, open uint64
	first, last uint64
	total, self []uint64
}

// threads finds the state of a thread by its number. Threads of a Go program stay, so that nothing is ever removed.
var threads struct {
	buckets [1024]atomic.Pointer[thread]
	adding  sync.Mutex
}

// current returns the state of the calling, locked thread.
func current() *thread {
	tid := unix.Gettid()
	bucket := &threads.buckets[tid%len(threads.buckets)]
	for t := bucket.Load(); t != nil; t = t.next {
		if t.tid == tid {
			return t
		}
	}
	threads.adding.Lock()
	defer threads.adding.Unlock()
	t := newThread(tid)
	t.next = bucket.Load()
	bucket.Store(t)
	return t
}

func newThread(tid int) *thread {
	n := onto.ValueWords()
	t := &thread{tid: tid, counters: openCounters(onto.EventList, onto.Groups), regions: map[string]*totals{},
		frames: make([]frame, board.MaxDepth), now: make([]uint64, n), last: make([]uint64, n)}
	for i := range t.frames {
		t.frames[i].begin = make([]uint64, n)
	}
	return t
}

// add makes the totals of a region that the thread enters for the first time.
func (t *thread) add(name string) *totals {
	name = strings.Clone(name) // it may be a part of something large, or of memory that C frees
	n := len(t.now)
	r := &totals{total: make([]uint64, n), self: make([]uint64, n)}
	c := &t.counters
	r.slot = onto.Claim(name, pid, t.tid, c.opened, c.errno, c.refused)
	t.regions[name] = r
	return r
}

// readAtStart takes a reading of everything. The clock comes last and the counters just before it, so that the region
// contains as little of the reading as possible.
func (t *thread) readAtStart() {
	t.counters.readUsage(t.now[1:])
	t.counters.readGroups(t.now[1:])
	t.now[0] = uint64(time.Since(epoch))
}

// readAtEnd is readAtStart in the opposite order.
func (t *thread) readAtEnd() {
	t.now[0] = uint64(time.Since(epoch))
	t.counters.readGroups(t.now[1:])
	t.counters.readUsage(t.now[1:])
}

// attribute gives what happened since the latest Start or End to the entry that was the innermost one meanwhile.
func (t *thread) attribute(frame int) {
	if frame >= 0 {
		self := t.frames[frame].region.self
		for i, v := range t.now {
			self[i] += v - t.last[i]
		}
	}
	copy(t.last, t.now)
}

// pop ends the innermost entry at the reading taken last.
func (t *thread) pop() {
	t.attribute(t.depth - 1)
	t.depth--
	f := &t.frames[t.depth]
	r := f.region
	r.open--
	r.calls++
	if r.open == 0 {
		for i, v := range t.now {
			r.total[i] += v - f.begin[i]
		}
		if r.first == 0 {
			r.first = f.begin[0]
		}
		r.last = t.now[0]
		r.slot.Publish(r.calls, r.first, r.last, r.total, r.self)
	} // else the totals do not have yet what self has
	r.slot.Open(r.open)
}

// tooDeep says whether the entry of this serial number was one that found no frame: it is newer than the newest frame.
func (t *thread) tooDeep(serial uint64) bool {
	return t.depth == board.MaxDepth && serial > t.frames[t.depth-1].serial
}
