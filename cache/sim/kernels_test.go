package sim

import "testing"

// Kernels on matrices of n × n doubles, row by row, with i outermost.

func naiveMatmul(c *Core, a, b, m, n uint64) {
	for i := range n {
		for j := range n {
			for k := range n {
				c.Load(a+8*(i*n+k), 8)
				c.Load(b+8*(k*n+j), 8)
			}
			c.Store(m+8*(i*n+j), 8)
		}
	}
}

func blockedMatmul(c *Core, a, b, m, n, bs uint64) {
	for ii := uint64(0); ii < n; ii += bs {
		for jj := uint64(0); jj < n; jj += bs {
			for kk := uint64(0); kk < n; kk += bs {
				for i := ii; i < ii+bs; i++ {
					for j := jj; j < jj+bs; j++ {
						c.Load(m+8*(i*n+j), 8)
						for k := kk; k < kk+bs; k++ {
							c.Load(a+8*(i*n+k), 8)
							c.Load(b+8*(k*n+j), 8)
						}
						c.Store(m+8*(i*n+j), 8)
					}
				}
			}
		}
	}
}

func transpose(c *Core, a, b, n, bs uint64) {
	for ii := uint64(0); ii < n; ii += bs {
		for jj := uint64(0); jj < n; jj += bs {
			for i := ii; i < ii+bs; i++ {
				for j := jj; j < jj+bs; j++ {
					c.Load(a+8*(i*n+j), 8)
					c.Store(b+8*(j*n+i), 8)
				}
			}
		}
	}
}

func matrices(t *testing.T, c Config) *System {
	t.Helper()
	s := machine(t, c)
	for i, name := range []string{"A", "B", "C"} {
		if err := s.Register(name, uint64(i+1)*mib, mib); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// array returns the part of one array in one level.
func array(t *testing.T, s *System, level int, name string) Counts {
	t.Helper()
	for _, a := range s.Summary().Levels[level].Arrays {
		if a.Array == name {
			return a.Counts
		}
	}
	t.Fatalf("level %d has no array %s", level, name)
	return Counts{}
}

func TestNaiveMatmul(t *testing.T) {
	// n = 64: a row is 8 lines. Between two uses of a line of B (the next j), of A (the next j) and of C (the next j) the
	// inner loop touches n lines of B and n/8 of A, 72 in all. Fewer lines than that keep none of them, so that per
	// (i, j) every B misses, each line of A once and C once.
	const n = 64
	s := matrices(t, full(32))
	naiveMatmul(s.Core(0), mib, 2*mib, 3*mib, n)
	want(t, "A, 32 lines", array(t, s, 0, "A").Misses, n*n*n/8)
	want(t, "B, 32 lines", array(t, s, 0, "B").Misses, n*n*n)
	want(t, "C, 32 lines", array(t, s, 0, "C").Misses, n*n)
	// The store dirties a line that is gone at the next j: all but the last are written back.
	want(t, "C write-backs", array(t, s, 0, "C").WriteBacks, n*n-1)

	// 128 lines keep the 72 + 1 over the eight j that share lines, but not the 512 lines of B until the next i: per i
	// all of B is read once, a row of A and a row of C.
	s = matrices(t, full(128))
	naiveMatmul(s.Core(0), mib, 2*mib, 3*mib, n)
	want(t, "A, 128 lines", array(t, s, 0, "A").Misses, n*n/8)
	want(t, "B, 128 lines", array(t, s, 0, "B").Misses, n*n*n/8)
	want(t, "C, 128 lines", array(t, s, 0, "C").Misses, n*n/8)
	b := array(t, s, 0, "B")
	want(t, "B compulsory", b.Kinds.Compulsory, n*n/8)
	want(t, "B capacity", b.Kinds.Capacity, n*n*n/8-n*n/8)

	// The same 128 lines as 16 sets of 8: a column of B (stride 8 lines) falls into 2 sets, 32 lines to each, and
	// always misses. Where the fully associative cache hits these are conflict misses: all but the above.
	s = matrices(t, Config{Levels: []Level{{Bytes: 128 * 64, Ways: 8}}, Classify: true})
	naiveMatmul(s.Core(0), mib, 2*mib, 3*mib, n)
	b = array(t, s, 0, "B")
	want(t, "B, 16 sets", b.Misses, n*n*n)
	want(t, "B, 16 sets, compulsory", b.Kinds.Compulsory, n*n/8)
	want(t, "B, 16 sets, capacity", b.Kinds.Capacity, n*n*n/8-n*n/8)
	want(t, "B, 16 sets, conflict", b.Kinds.Conflict, n*n*n-n*n*n/8)

}

func TestBlockedMatmul(t *testing.T) {
	// n = 64, blocks of 16 × 16 are 32 lines, two to a row. Between two uses of a line of C (the next kk) there are one block
	// of A, two of B and one of C, 128 lines: 256 keep them. Between two uses of a block of A (the next jj) there are at least
	// 3 other blocks of A and the rest of its own, 4 of B and one of C, 287 lines, and of B (the next ii) more: all gone. So
	// each of the 4³ steps reads a block of A and of B, each of the 4² tiles of C is read and written back once.
	const n, bs = 64, 16
	s := matrices(t, full(256))
	blockedMatmul(s.Core(0), mib, 2*mib, 3*mib, n, bs)
	want(t, "A", array(t, s, 0, "A").Misses, n*n*n/bs/8)
	want(t, "B", array(t, s, 0, "B").Misses, n*n*n/bs/8)
	want(t, "C", array(t, s, 0, "C").Misses, n*n/8)
	want(t, "accesses", s.Summary().Levels[0].Total.Accesses, 2*n*n*n+2*n*n*n/bs)
	for i := range uint64(256) { // push everything out
		s.Core(0).Load(8*mib+64*i, 8)
	}
	want(t, "C write-backs", array(t, s, 0, "C").WriteBacks, n*n/8)
	want(t, "other write-backs", s.Summary().Levels[0].Total.WriteBacks, n*n/8)
}

func TestTranspose(t *testing.T) {
	// n = 256: a row is 32 lines; in 64 sets × 8 a column falls into two sets, 128 lines to each, and every store misses. A
	// line of A is used eight times in a row with one store between: it stays. Fully associative, 512 lines keep the 256
	// + 32 between two stores to a line of B: the additional misses are conflicts.
	const n = 256
	l1 := []Level{{Bytes: 32 << 10, Ways: 8}}
	s := matrices(t, Config{Levels: l1, Classify: true})
	transpose(s.Core(0), mib, 2*mib, n, n)
	a, b := array(t, s, 0, "A"), array(t, s, 0, "B")
	want(t, "A", a.Misses, n*n/8)
	want(t, "B", b.Misses, n*n)
	want(t, "B compulsory", b.Kinds.Compulsory, n*n/8)
	want(t, "B conflict", b.Kinds.Conflict, n*n-n*n/8)
	want(t, "B capacity", b.Kinds.Capacity, 0)

	s = matrices(t, Config{Levels: []Level{{Bytes: 32 << 10}}})
	transpose(s.Core(0), mib, 2*mib, n, n)
	want(t, "fully associative", s.Summary().Levels[0].Total.Misses, 2*n*n/8)

	// In tiles of 8 × 8 both tiles have 4 lines in each of two sets: they fit the 8 ways even where the sets are the same.
	s = matrices(t, Config{Levels: l1, Classify: true})
	transpose(s.Core(0), mib, 2*mib, n, 8)
	want(t, "tiled", s.Summary().Levels[0].Total.Misses, 2*n*n/8)
}
