package cpu

import (
	"errors"
	"runtime"
	"time"
)

// errNoChain is the typed refusal on architectures without the chain.
var errNoChain = &UnavailableError{ISA: SSE, Cause: "the core clock is measured on amd64 only"}

const (
	clockSamples  = 60
	chainRounds   = 400 // × 256 additions: about 25 µs at 4 GHz
	addsPerRound  = 256
	clockMinValid = 1e8
	clockMaxValid = 2e10
)

// CoreClock measures the clock of the core in Hz while it runs scalar code, by timing a chain of dependent additions,
// which take one cycle each. Interruptions only lengthen a sample, so the fastest of many short ones counts.
// A processor under wide vector code may clock lower.
func CoreClock() (float64, error) {
	if !haveChain {
		return 0, errNoChain
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	addChain(chainRounds * 40) // let the clock ramp up
	best := time.Duration(1<<63 - 1)
	for range clockSamples {
		start := time.Now()
		addChain(chainRounds)
		best = min(best, time.Since(start))
	}
	hz := chainRounds * addsPerRound / best.Seconds()
	if hz < clockMinValid || hz > clockMaxValid {
		return 0, errors.New("measure core clock: the timer gave an impossible result")
	}
	return hz, nil
}
