package kernels

import (
	"math"
	"testing"
)

// B comes from memory from 38 % of the last cache on, of several rows of A from 19 %; never where the cache is not known.
func TestFromMemory(t *testing.T) {
	for _, c := range []struct {
		last, bytes, rows int
		want              bool
	}{
		{100e6, 37e6, 1, false},
		{100e6, 39e6, 1, true},
		{100e6, 18e6, 4, false},
		{100e6, 20e6, 4, true},
		{math.MaxInt, 1 << 40, 1, false},
		{math.MaxInt, 1 << 40, 8, false},
	} {
		if got := (caches{last: c.last}).fromMemory(c.bytes, c.rows); got != c.want {
			t.Errorf("%d bytes for %d rows, last cache of %d bytes: from memory %v", c.bytes, c.rows, c.last, got)
		}
	}
}
