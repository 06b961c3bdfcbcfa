package kernels

import (
	"math"
	"testing"
)

// B comes from memory from 38 % of the last cache on; never where that is not known.
func TestFromMemory(t *testing.T) {
	for _, c := range []struct {
		last, bytes int
		want        bool
	}{
		{100e6, 37e6, false},
		{100e6, 39e6, true},
		{math.MaxInt, 1 << 40, false},
	} {
		if got := (caches{last: c.last}).fromMemory(c.bytes); got != c.want {
			t.Errorf("%d bytes, last cache of %d bytes: from memory %v", c.bytes, c.last, got)
		}
	}
}
