package cpu

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

const (
	clockWarmup  = 5 * time.Millisecond // in which the clock ramps up
	clockSamples = 100
	chainRounds  = 2000 // of addsPerRound additions: about 125 µs at 4 GHz, 1 ms at 0.5 GHz
	addsPerRound = 256
	lowestClock  = 1e8
	highestClock = 2e10
)

// CoreClock measures the clock of the core in Hz while it runs scalar code, by timing a chain of dependent additions,
// which take one cycle each. It takes about 20 ms. Interruptions only lengthen a sample, so it is the third best of many
// short ones that counts; two are given to chance, as the clock that times them may jump. A core that runs wide vectors
// may clock lower. The error is an *UnsupportedError on architectures without the chain.
func CoreClock() (hz float64, err error) {
	if runtime.GOARCH != "amd64" {
		return 0, &UnsupportedError{"core-clock", "the chain of additions is written for amd64, this is " + runtime.GOARCH}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for begin := time.Now(); time.Since(begin) < clockWarmup; {
		addChain(chainRounds)
	}
	samples := make([]time.Duration, clockSamples)
	for i := range samples {
		begin := time.Now()
		addChain(chainRounds)
		samples[i] = time.Since(begin)
	}
	slices.Sort(samples)
	hz = chainRounds * addsPerRound / samples[2].Seconds()
	if !(hz > lowestClock && hz < highestClock) {
		return 0, fmt.Errorf("measure core clock: %.3g Hz is impossible (the timer is broken)", hz)
	}
	return hz, nil
}

// UnsupportedError says that something cannot be done on this machine at all.
type UnsupportedError struct{ Feature, Cause string }

// Error names the feature and the cause.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s is not supported here: %s", e.Feature, e.Cause)
}

// Unsupported returns the feature, for tests that skip.
func (e *UnsupportedError) Unsupported() string { return e.Feature }

// Is makes errors.Is(err, errors.ErrUnsupported) true.
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }
