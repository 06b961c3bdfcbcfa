package sim_test

import (
	"fmt"
	"os"

	"github.com/roofline-go/roofline/cache/sim"
)

// The column of a matrix whose row is 4 KiB long falls into one set of L1: its 64 lines displace each other although the
// cache has room for 512. A row that is longer by a line spreads them.
func Example() {
	for _, row := range []uint64{4096, 4096 + 64} {
		s, err := sim.New(sim.Config{
			Levels:   []sim.Level{{Bytes: 32 << 10, Ways: 8}},
			Classify: true,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := s.Register("A", 1<<20, 1<<20); err != nil {
			fmt.Println(err)
			return
		}
		column := func() {
			for i := range uint64(64) {
				s.Core(0).Load(1<<20+i*row, 8)
			}
		}
		column()        // cold
		s.ResetCounts() // what follows is what repeated calls see
		column()
		if err := s.Summary().Write(os.Stdout); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// LEVEL  ARRAY  ACCESSES  MISSES  RATE      WRITE-BACKS  BYTES  COMPULSORY  CAPACITY  CONFLICT  INVALIDATION
	// L1     all    64        64      100.00 %  0            512 B  0           0         64        0
	// DRAM   all    64        –       –         0            4 KiB  –           –         –         –
	// simulated: L1 32 KiB, 8 ways, LRU; no prefetcher
	// LEVEL  ARRAY  ACCESSES  MISSES  RATE    WRITE-BACKS  BYTES  COMPULSORY  CAPACITY  CONFLICT  INVALIDATION
	// L1     all    64        0       0.00 %  0            512 B  0           0         0         0
	// DRAM   all    0         –       –       0            0 B    –           –         –         –
	// simulated: L1 32 KiB, 8 ways, LRU; no prefetcher
}
