package region

import (
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/region/board"
)

var (
	active bool
	onto   *board.View // the board; nil when not active
	pid    int
	epoch  time.Time // the zero of CLOCK_MONOTONIC, as near as two clocks can be read
)

// A command that is measured finds the board in its environment. Without one, or with one that cannot be used, nothing is
// counted: the tool then says that nobody came.
func init() {
	if env := os.Getenv(board.Env); env != "" {
		_ = attach(env)
	}
}

func attach(env string) error {
	v, err := board.Attach(env)
	if err != nil {
		return err
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return err
	}
	epoch = time.Now().Add(-time.Duration(ts.Nano()))
	onto, pid, active = v, os.Getpid(), true
	return nil
}

// start is Start when regions are counted.
func start(name string) Region {
	runtime.LockOSThread()
	t := current()
	t.serial++
	r := Region{t, t.serial}
	if t.depth == board.MaxDepth {
		onto.Deep()
		return r
	}
	region := t.regions[name]
	if region == nil {
		region = t.add(name)
	}
	region.open++
	region.slot.Open(region.open)
	f := &t.frames[t.depth]
	f.region, f.serial = region, r.serial
	t.depth++
	t.readAtStart()
	t.attribute(t.depth - 2)
	if region.open == 1 {
		copy(f.begin, t.now)
	}
	return r
}

// end is End when regions are counted.
func (r Region) end() {
	t := r.in
	if unix.Gettid() != t.tid {
		onto.Misused()
		return
	}
	if t.tooDeep(r.serial) {
		runtime.UnlockOSThread()
		return
	}
	t.readAtEnd()
	at := t.depth - 1
	for at >= 0 && t.frames[at].serial != r.serial {
		at--
	}
	if at < 0 { // ended before
		onto.Misused()
		return
	}
	for t.depth > at {
		if t.depth-1 > at {
			onto.Misused()
		}
		t.pop()
		runtime.UnlockOSThread()
	}
}
