package sim

import "testing"

// small is a three-level hierarchy with LRU and modulo indices, for which everything can be derived by hand:
// 16 sets × 4, 32 × 8, 64 × 16.
var small = []Level{
	{Bytes: 4 << 10, Ways: 4},
	{Bytes: 16 << 10, Ways: 8},
	{Bytes: 64 << 10, Ways: 16},
}

// full returns a single fully associative level of so many lines.
func full(lines int64) Config { return Config{Levels: []Level{{Bytes: 64 * lines}}, Classify: true} }

// want compares one number of the summary.
func want(t *testing.T, what string, got, want uint64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

const mib = 1 << 20

func TestTriad(t *testing.T) {
	s := machine(t, Config{Levels: small})
	const n = 1 * mib
	stream := func() {
		for i := uint64(0); i < n; i += 64 {
			s.Core(0).Load(2*mib+i, 64)
			s.Core(0).Load(3*mib+i, 64)
			s.Core(0).Store(1*mib+i, 64)
		}
	}
	stream()
	// Each line of the three arrays is touched once: all miss everywhere. The three lines of one step fall into the same set
	// of every level, so a set of w ways ends with the last w of … b c a b c a: ceil(w/3) lines of a. Those are the
	// ones that have not been written back: 2 in each of 16 sets, 3 in 32, 6 in 64.
	cold := s.Summary().Levels
	for i, left := range []uint64{16 * 2, 32 * 3, 64 * 6} {
		want(t, cold[i].Level+" misses", cold[i].Total.Misses, 3*n/64)
		want(t, cold[i].Level+" store misses", cold[i].Total.StoreMisses, n/64)
		want(t, cold[i].Level+" write-backs", cold[i].Total.WriteBacks, n/64-left)
	}
	want(t, "L1 bytes", cold[0].Total.Bytes, 3*n)
	want(t, "L2 bytes", cold[1].Total.Bytes, 3*n+n-64*16*2)
	want(t, "L3 bytes", cold[2].Total.Bytes, 3*n+n-64*32*3)
	want(t, "DRAM bytes", cold[3].Total.Bytes, 3*n+n-64*64*6)

	// Called again, what the call before left dirty is written back too: four arrays cross every boundary but the first.
	s.ResetCounts()
	stream()
	warm := s.Summary().Levels
	want(t, "warm L1 bytes", warm[0].Total.Bytes, 3*n)
	for _, l := range warm[1:] {
		want(t, "warm "+l.Level+" inwards", l.Total.BytesInwards, 3*n)
		want(t, "warm "+l.Level+" outwards", l.Total.BytesOutwards, n)
	}
}

func TestStoresPastTheCaches(t *testing.T) {
	s := machine(t, Config{Levels: small})
	const n = 1 * mib
	copyAll := func() {
		for i := uint64(0); i < n; i += 32 {
			s.Core(0).Load(2*mib+i, 32)
			s.Core(0).StorePast(1*mib+i, 32)
		}
	}
	copyAll()
	// n bytes are loaded through all levels, n bytes stored to memory; no line of the destination is read or kept.
	l := s.Summary().Levels
	want(t, "L1 bytes", l[0].Total.Bytes, 2*n)
	want(t, "L2 bytes", l[1].Total.Bytes, n)
	want(t, "L3 bytes", l[2].Total.Bytes, n)
	want(t, "DRAM inwards", l[3].Total.BytesInwards, n)
	want(t, "DRAM outwards", l[3].Total.BytesOutwards, n)
	want(t, "L1 misses", l[0].Total.Misses, n/64)

	// A line that is dirty in a cache is written back at each level and removed before the store goes past.
	s.Empty()
	s.ResetCounts()
	s.Core(0).Store(0, 8)
	s.Core(0).StorePast(8, 8)
	s.Core(0).Load(0, 8)
	l = s.Summary().Levels
	for _, l := range l[:3] {
		want(t, l.Level+" misses", l.Total.Misses, 2)
		want(t, l.Level+" write-backs", l.Total.WriteBacks, 1)
		want(t, l.Level+" invalidated", l.Total.Invalidated, 1)
	}
	want(t, "DRAM outwards", l[3].Total.BytesOutwards, 64+8)
}

func TestWriteBacks(t *testing.T) {
	s := machine(t, full(32))
	for i := range uint64(100) {
		s.Core(0).Store(i*64, 8)
	}
	// 100 lines are dirtied, the last 32 stay.
	want(t, "write-backs", s.Summary().Levels[0].Total.WriteBacks, 100-32)
	for i := range uint64(32) {
		s.Core(0).Load(1*mib+i*64, 8)
	}
	// 32 other lines displace them; clean lines never go back.
	for i := range uint64(32) {
		s.Core(0).Load(2*mib+i*64, 8)
	}
	l := s.Summary().Levels
	want(t, "write-backs", l[0].Total.WriteBacks, 100)
	want(t, "evictions", l[0].Total.Evictions, 100+32)
	want(t, "DRAM outwards", l[1].Total.BytesOutwards, 100*64)
	want(t, "L1 outwards", l[0].Total.BytesOutwards, 100*8)
}

// TestPowerOfTwoStride walks m lines r times with a stride of 4 KiB: in 64 sets all fall into one.
func TestPowerOfTwoStride(t *testing.T) {
	const r = 10
	for _, test := range []struct {
		name                            string
		stride                          uint64
		index                           Index
		m, misses, compulsory, conflict uint64
	}{
		{"fits the ways", 4096, Modulo, 8, 8, 8, 0},
		// Nine lines in the turn of LRU never hit in eight ways; 512 lines in all would hold them.
		{"one too many", 4096, Modulo, 9, 9 * r, 9, 9 * (r - 1)},
		{"many", 4096, Modulo, 64, 64 * r, 64, 64 * (r - 1)},
		// A line more of stride puts each into a set of its own.
		{"padded", 4096 + 64, Modulo, 64, 64, 64, 0},
		// line = 64i: the upper bits i are added to the lower ones 0, so line i goes to set i + (i>>6) + …, i < 64: all differ.
		{"hashed", 4096, Hashed, 64, 64, 64, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := machine(t, Config{Levels: []Level{{Bytes: 32 << 10, Ways: 8, Index: test.index}}, Classify: true})
			for range r {
				for i := range test.m {
					s.Core(0).Load(i*test.stride, 8)
				}
			}
			c := s.Summary().Levels[0].Total
			want(t, "misses", c.Misses, test.misses)
			want(t, "compulsory", c.Kinds.Compulsory, test.compulsory)
			want(t, "conflict", c.Kinds.Conflict, test.conflict)
			want(t, "capacity", c.Kinds.Capacity, 0)
		})
	}
}

// TestCapacityMisses goes round more lines than the cache has, fully associative: all misses but the first are for capacity.
func TestCapacityMisses(t *testing.T) {
	s := machine(t, full(64))
	for range 5 {
		for i := range uint64(65) {
			s.Core(0).Load(i*64, 8)
		}
	}
	c := s.Summary().Levels[0].Total
	want(t, "misses", c.Misses, 5*65)
	want(t, "compulsory", c.Kinds.Compulsory, 65)
	want(t, "capacity", c.Kinds.Capacity, 4*65)
	want(t, "conflict", c.Kinds.Conflict, 0)
}

func TestReferencesAcrossLines(t *testing.T) {
	s := machine(t, full(8))
	c := s.Core(0)
	c.Load(60, 8)      // 4 + 4 bytes in two lines
	c.Load(60, 8)      // both are there
	c.Store(32, 160)   // 32 + 64 + 64 bytes in three lines, the last two new… of which line 1 is known
	c.Load(191, 1)     // the last of these bytes
	c.Load(0, 0)       // nothing
	c.StorePast(60, 8) // takes lines 0 and 1 away
	l := s.Summary().Levels
	want(t, "accesses", l[0].Total.Accesses, 2+2+3+1)
	want(t, "misses", l[0].Total.Misses, 3)
	want(t, "loaded", l[0].Total.BytesInwards, 8+8+1)
	want(t, "stored", l[0].Total.BytesOutwards, 160+8)
	want(t, "write-backs", l[0].Total.WriteBacks, 2)
	want(t, "DRAM outwards", l[1].Total.BytesOutwards, 2*64+8)
}
