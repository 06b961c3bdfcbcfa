package instrument

import (
	"testing"

	"github.com/roofline-go/roofline/cache/sim"
)

// A transposition whose operands just fit into the last cache misses a few lines of it in each call, for ever: two calls are enough.
// A workload that goes on to another piece in each call is not warm before it has been through all, and begins again.
func TestWarming(t *testing.T) {
	config := sim.Config{Levels: []sim.Level{{Bytes: 48 << 10, Ways: 12}, {Bytes: 1 << 20, Ways: 8}, {Bytes: 4 << 20, Ways: 16, Index: sim.Hashed}}}
	const n = 512
	transposition := func(c *sim.Core, _ int) {
		for i := range uint64(n) {
			for j := range uint64(n) {
				c.Load(1<<30+8*(i*n+j), 8)
				c.Store(1<<31+8*(j*n+i), 8)
			}
		}
		c.Load(1<<20, 8) // beside the operands, which fill the cache
	}
	const piece, pieces = 64 << 10, 16
	walk := func(c *sim.Core, call int) {
		for range 3 {
			for i := range uint64(piece / 64) {
				c.Load(1<<30+uint64(call%pieces)*piece+64*i, 8)
			}
		}
	}
	for _, tt := range []struct {
		name        string
		call        func(*sim.Core, int)
		least, most int
	}{
		{"transposition", transposition, 2, 4},
		{"pieces", walk, pieces + 1, pieces + 2},
	} {
		s, err := sim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		var w warming
		for warm := false; !warm && w.calls <= tt.most; {
			s.ResetCounts()
			tt.call(s.Core(0), w.calls)
			warm = w.warm(s.Summary(), capacity(s.Config()))
		}
		if w.calls < tt.least || w.calls > tt.most {
			t.Errorf("%s: warm after %d calls, want %d to %d", tt.name, w.calls, tt.least, tt.most)
		}
	}
}
