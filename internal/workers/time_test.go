package workers

import (
	"testing"
	"time"
)

func TestElapsedIsFromTheFirstBeginToTheLastEnd(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(0, 0).Add(time.Duration(ms) * time.Millisecond) }
	job := timed{spans: []span{{begin: at(7), end: at(10)}, {begin: at(2), end: at(9)}, {begin: at(3), end: at(11)}}}
	if got := job.elapsed(); got != 9*time.Millisecond {
		t.Errorf("elapsed %v, want 9ms: from the first begin to the last end", got)
	}
}
