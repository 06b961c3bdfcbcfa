package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Working sets of the curve, in bytes: the largest shows caches of up to 32 MiB.
const (
	leastChase = 4 << 10
	mostChase  = 96 << 20

	fewestChase = 2 << 20 // whatever memory there is
)

// own is the curve of this process, which a file shares with others.
var own struct {
	sync.Mutex
	curve []hop
}

// measuredCurve takes it on a CPU, unless it is known.
func measuredCurve(on int) ([]hop, error) {
	own.Lock()
	defer own.Unlock()
	if own.curve == nil {
		of, err := processor()
		if err != nil {
			return nil, err
		}
		if own.curve, err = keptCurve(of, func() ([]hop, bool, error) { return chaseCurve(on, cpu.FreeMemory()) }); err != nil {
			return nil, err
		}
	}
	return own.curve, nil
}

// Forget makes the next Topology, of this process or another, measure again what nobody describes.
func Forget() error {
	own.Lock()
	defer own.Unlock()
	own.curve = nil
	of, err := processor()
	if err != nil {
		return err
	}
	path, err := curveFile(of)
	if err != nil {
		return nil // none to be kept in
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("forget measured caches: %w", err)
	}
	return nil
}

// enough is how many levels of cache are taken for all there are.
const enough = 3

// addMeasured appends what a latency curve tells of the levels that nobody describes: those beyond the described ones, up to L3. How they
// are shared nobody can tell: by all CPUs in the list, as a last cache mostly is; but L1 and L2 by none.
func addMeasured(levels []Level, curve []hop, cpus string) []Level {
	inner := int64(0)
	if len(levels) > 0 {
		inner = levels[len(levels)-1].Bytes
	}
	for i, bytes := range ends(curve) {
		if bytes <= inner || i < len(levels) || len(levels) >= enough {
			continue
		}
		l := Level{Level: 1, Type: "unified", Bytes: bytes, Line: lineBytes, Source: Measured}
		if len(levels) == 0 {
			l.Type = "data"
		} else {
			l.Level = levels[len(levels)-1].Level + 1
		}
		if l.Level > 2 {
			l.Shared = cpus
		}
		levels = append(levels, l)
	}
	return levels
}

// chaseCurve measures how long a load takes in working sets of half octaves, 4 KiB, 6 KiB, 8 KiB and so on, until memory is reached: the
// fastest of many chases each, taken in turns, because neighbours only slow them down. It takes less than a second, twice that
// where a load takes very long. The thread is moved to a CPU, where it can be. It touches at most a quarter of the memory that is free (0:
// not known), as a container with little of it demands. The curve is firm unless memory ended it, or other processes kept more than a quarter of a
// CPU busy meanwhile, who also had a part of the shared caches.
func chaseCurve(on int, free int64) (curve []hop, firm bool, err error) {
	const (
		turns    = 12
		beyond   = 5 // points that are as slow as memory
		patience = 700 * time.Millisecond
		others   = 0.25
	)
	most := int64(mostChase)
	if free > 0 {
		most = min(most, max(free/4, fewestChase))
	}
	mem, err := Map(most, Huge)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = Unmap(mem) }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unpin, err := cpu.Pin(on); err == nil {
		defer unpin()
	}

	begin, took := time.Now(), cpu.OthersTime()
	slow := func(i int) bool { return i >= 0 && curve[i].Seconds >= slowest*curve[0].Seconds }
	for size := int64(leastChase); size <= most && !slow(len(curve)-beyond) && time.Since(begin) < 2*patience; size = nextHalf(size) {
		h := hop{size, math.Inf(1)}
		if err := h.chase(mem); err != nil {
			return nil, false, err
		}
		curve = append(curve, h)
	}
	for range turns - 1 {
		for i := range curve {
			if slow(i-2) || time.Since(begin) > patience {
				break
			}
			if err := curve[i].chase(mem); err != nil {
				return nil, false, err
			}
		}
	}
	cut := most < mostChase && !slow(len(curve)-beyond)
	return curve, !cut && took().Seconds() < others*time.Since(begin).Seconds(), nil
}

// nextHalf goes from 2ⁿ to 3·2ⁿ⁻¹, and from there to 2ⁿ⁺¹.
func nextHalf(size int64) int64 {
	if size&(size-1) == 0 {
		return size / 2 * 3
	}
	return size / 3 * 4
}

// chase writes a chain of this working set into mem, which also warms the caches, follows it once around but not for long, and keeps the
// time of a load if it is the shortest.
func (h *hop) chase(mem []byte) error {
	const part, most = 8 << 10, 96 << 10 // loads timed at once, loads in all
	c, err := NewChase(mem, h.Bytes)
	if err != nil {
		return err
	}
	for followed := 0; followed < min(2*c.Lines(), most); followed += part {
		start := time.Now()
		c.Hop(part / HopsPerCall)
		h.Seconds = min(h.Seconds, time.Since(start).Seconds()/part)
	}
	return nil
}
