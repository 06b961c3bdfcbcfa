package workers

import (
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// barrier makes n threads wait for each other by spinning. Once one has left, it holds nobody any more.
// Each field that is written has a cache line of its own.
type barrier struct {
	n       int32
	_       [64]byte
	arrived atomic.Int32
	_       [64]byte
	phase   atomic.Uint32 // counts how often all have arrived
	left    atomic.Bool
	_       [64]byte
}

const (
	spinsPerYield = 1 << 15 // about a millisecond: yielding sooner costs short calls more than it gives others
	spinsPerSched = 1 << 19 // the other worker can hardly be running: perhaps GOMAXPROCS was lowered
)

func (b *barrier) reset() { b.arrived.Store(0); b.left.Store(false) }

func (b *barrier) leave() { b.left.Store(true) }

func (b *barrier) wait() {
	phase := b.phase.Load()
	if b.arrived.Add(1) == b.n {
		b.arrived.Store(0)
		b.phase.Add(1)
		return
	}
	for spins := 1; b.phase.Load() == phase && !b.left.Load(); spins++ {
		switch {
		case spins%spinsPerSched == 0:
			runtime.Gosched()
		case spins%spinsPerYield == 0:
			_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		default:
			pause()
		}
	}
}
