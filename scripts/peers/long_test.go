package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

// ticking runs iterations of 10 ns on a machine that takes 50 µs every millisecond.
func ticking() func(n int) time.Duration {
	at := time.Duration(0) // of work done
	return func(n int) time.Duration {
		begin := at
		at += time.Duration(n) * 10
		ticks := at/time.Millisecond - begin/time.Millisecond
		return at - begin + ticks*50*time.Microsecond
	}
}

// The best of short samples misses the ticks; long samples have them all, and in the median short ones have none.
func TestHeld(t *testing.T) {
	for _, c := range []struct {
		sample, want float64
	}{
		{1e-6, 1}, // taken as 100 µs
		{100e-6, 1},
		{2e-3, 2000. / 2100},
		{50e-3, 1000. / 1050},
		{20, 1000. / 1050}, // taken as 0.1 s
	} {
		if got := held(ticking(), 10e-9, c.sample); math.Abs(got-c.want) > 0.001 {
			t.Errorf("samples of %g s: %.4f, want %.4f", c.sample, got, c.want)
		}
	}
	if got := heldText([]string{"64³ 99.8 %", "2048³ 95.2 %"}); !strings.HasSuffix(got, "in the median: 64³ 99.8 %, 2048³ 95.2 %.\n") {
		t.Errorf("%q", got)
	}
	if heldText(nil) != "" {
		t.Error("a text about nothing")
	}
}
