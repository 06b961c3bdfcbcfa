package workers

import (
	"os"
	"testing"
	"time"
)

func TestSecondNumber(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"139812 436262 2\n": 436262, "0 0 0\n": 0, "": 0, "12": 0, "12 34": 0, "12 x34 5": 34,
	} {
		if got := secondNumber([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// Who shares a CPU has to wait; who sleeps waits for nobody. Others may disturb either, so the clearest of a few tries counts.
func TestWaited(t *testing.T) {
	if _, err := os.Stat("/proc/thread-self/schedstat"); err != nil {
		t.Skip("this kernel does not tell how long threads wait: ", err)
	}
	const period = 60 * time.Millisecond
	p, rival := all(t), all(t)
	spin := func(int) {
		for begin := time.Now(); time.Since(begin) < period; {
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				rival.Time(1, spin)
			}
		}
	}()
	crowded := time.Duration(0)
	for range 5 {
		took := p.Time(1, spin)
		if p.Waited() > took {
			t.Errorf("waited %v of %v", p.Waited(), took)
		}
		crowded = max(crowded, p.Waited())
	}
	close(stop)
	<-stopped
	asleep := time.Hour
	for range 5 {
		p.Time(1, func(int) { time.Sleep(period) })
		asleep = min(asleep, p.Waited())
	}
	if crowded < period/10 || asleep > period/2 {
		t.Errorf("waited %v beside a rival, %v asleep, in %v each", crowded, asleep, period)
	}
}
