package sim

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The benchmarks report accesses per second of processor time, the best of all runs, cold start and all:
//
//	go test -run '^$' -bench . ./cache/sim

// intel and amd are two geometries of today.
var (
	intel = []Level{
		{Bytes: 48 << 10, Ways: 12, Cores: 1},
		{Bytes: 2 << 20, Ways: 16, Cores: 1},
		{Bytes: 30 << 20, Ways: 12, Index: Hashed, Fill: Victim},
	}
	amd = []Level{
		{Bytes: 32 << 10, Ways: 8, Cores: 1},
		{Bytes: 1 << 20, Ways: 8, Cores: 1, Fill: Inclusive},
		{Bytes: 32 << 20, Ways: 16, Index: Hashed, Fill: Victim},
	}
)

func withPolicies(levels []Level, policies ...Policy) []Level {
	out := append([]Level(nil), levels...)
	for i, p := range policies {
		out[i].Policy = p
	}
	return out
}

// sgemm issues the accesses of a packed 12×32 AVX-512 micro-kernel over n×n×n: per k two 64-byte loads of the sliver of B
// and twelve 4-byte broadcasts of A; then the tile of C is loaded and stored. It returns how many.
func sgemm(c *Core, n int) (accesses int) {
	a, b, m := uint64(1<<30), uint64(2<<30), uint64(3<<30)
	for j := 0; j < n; j += 32 {
		for i := 0; i < n; i += 12 {
			rows := min(12, n-i)
			pa, pb := a+uint64(i*n*4), b+uint64(j*n*4)
			for range n {
				c.Load(pb, 64)
				c.Load(pb+64, 64)
				for r := range rows {
					c.Load(pa+uint64(4*r), 4)
				}
				pa += uint64(4 * rows)
				pb += 128
			}
			for r := range rows {
				pm := m + uint64((i+r)*n+j)*4
				c.Load(pm, 64)
				c.Load(pm+64, 64)
				c.Store(pm, 64)
				c.Store(pm+64, 64)
			}
			accesses += n*(2+rows) + 4*rows
		}
	}
	return accesses
}

// triad issues a[i] = b[i] + s·c[i] by 64 bytes over arrays of so many bytes.
func triad(c *Core, bytes uint64) (accesses int) {
	for i := uint64(0); i < bytes; i += 64 {
		c.Load(2<<30+i, 64)
		c.Load(3<<30+i, 64)
		c.Store(1<<30+i, 64)
	}
	return int(bytes / 64 * 3)
}

func bench(b *testing.B, config Config, stream func(c *Core) int) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := 0.0
	for b.Loop() {
		s, err := New(config)
		if err != nil {
			b.Fatal(err)
		}
		for i, name := range []string{"A", "B", "C"} {
			if err := s.Register(name, uint64(i+1)<<30, 1<<30); err != nil {
				b.Fatal(err)
			}
		}
		begin := cpuTime(b)
		accesses := stream(s.Core(0))
		best = max(best, float64(accesses)/(cpuTime(b)-begin).Seconds()/1e6)
	}
	b.ReportMetric(best, "Maccess/s")
	b.ReportMetric(0, "ns/op") // with the setup: of no interest
}

// cpuTime returns the processor time of this thread, which other programs do not lengthen by taking turns.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

func BenchmarkSGEMM512(b *testing.B) {
	for _, r := range configs() {
		b.Run(r.name, func(b *testing.B) { bench(b, r.config, func(c *Core) int { return sgemm(c, 512) }) })
	}
}

// BenchmarkTriad misses every level: three arrays of 64 MiB.
func BenchmarkTriad(b *testing.B) {
	for _, r := range configs() {
		b.Run(r.name, func(b *testing.B) { bench(b, r.config, func(c *Core) int { return triad(c, 64<<20) }) })
	}
}

// BenchmarkRandom loads random lines of 256 MiB.
func BenchmarkRandom(b *testing.B) {
	for _, r := range configs() {
		b.Run(r.name, func(b *testing.B) {
			bench(b, r.config, func(c *Core) int {
				const n = 2 << 20
				for i, x := 0, uint64(1); i < n; i++ {
					x = x*6364136223846793005 + 1442695040888963407
					c.Load(1<<30+x>>36&^63, 8)
				}
				return n
			})
		})
	}
}

type named struct {
	name   string
	config Config
}

func configs() []named {
	return []named{
		{"amd", Config{Levels: amd}},
		{"intel", Config{Levels: withPolicies(intel, TreePLRU, QLRUH00M1R0U1, QLRUH00M1R0U1)}},
		{"prefetcher", Config{Levels: amd, Prefetcher: Prefetcher{On: true}}},
		{"classify", Config{Levels: amd, Classify: true}},
		{"two-cores", Config{Levels: amd, Cores: 2}},
	}
}
