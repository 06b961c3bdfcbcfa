package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/kernels/asm"
)

// Which products are in place: few rows unless B comes from memory, narrow ones, small ones.
func TestMatmulInPlaceSuits(t *testing.T) {
	u := inPlace{tiles: make([][]func(*asm.MatmulInPlace), 1), shallow: make([][]func(*asm.MatmulShallow), 4)}
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{4, 1024, 1024, true},
		{4, 2048, 4096, false}, // streamed
		{4, 400, 500, true},
		{4, 1000, 700, true}, // a little beyond L2
		{2, 1000, 700, false},
		{4, 3, 1 << 20, true}, // a line wide
		{1, 13, 9000, true},
		{3, 127, 1 << 14, true}, // eight lines
		{1, 131, 9000, false},
		{5, 1024, 1024, true},
		{8, 4096, 4096, false},
		{64, 64, 64, true},
		{67, 129, 43, true},
		{2048, 64, 2048, true},
		{200, 900, 500, true}, // A, B and C less than three times as large as L2
		{512, 512, 512, false},
		{2048, 2048, 32, false}, // C is large
		{2048, 2048, 3, true},   // and all there is
		{1024, 1024, 1024, false},
	} {
		if got := u.suits(tt.m, tt.n, tt.k, 4, c); got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
		if (inPlace{}).suits(tt.m, tt.n, tt.k, 4, c) {
			t.Errorf("%d×%d×%d in place without code for it", tt.m, tt.n, tt.k)
		}
	}
	c = caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 4 << 20, streams: true}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{1, 512, 20, true}, // B in L1
		{1, 512, 256, false},
		{1, 4000, 15, true}, // few rows of B
		{2, 320, 225, false},
		{2, 320, 40, true},
		{2, 2000, 200, false},
		{2, 2100, 100, false}, // streams, of a B in L2
		{2, 2100, 200, true},  // C and four rows of B leave L1
		{2, 2100, 990, true},
		{2, 2100, 1000, false}, // beyond 8 times L2
		{2, 3072, 200, false},  // whole pages
		{3, 500, 200, false},
		{3, 1700, 100, false},
		{3, 1800, 100, true}, // C and four rows of B leave L1
		{3, 600, 60, true},   // few rows of B
		{3, 600, 70, false},
		{4, 300, 300, false},
		{4, 300, 280, true}, // B less than a third of L2
		{4, 700, 150, false},
		{4, 700, 127, true},  // few rows of B
		{4, 1150, 150, true}, // rows of B leave too little of L1
		{5, 300, 300, true},
		{4, 2000, 1000, true},
		{4, 1800, 1800, true},
		{3, 1800, 1700, true},
		{3, 1800, 1800, false}, // streams
		{3, 2048, 1000, false}, // rows compete for sets of L1
		{2, 1800, 1800, false},
		{4, 2048, 1200, false}, // streams: rows compete for sets of L1
		{4, 2000, 2000, false},
		{6, 4096, 4096, true},  // one panel of tiles that take long pieces
		{7, 4096, 1000, true},  // one of two vectors
		{7, 4096, 4096, false}, // packed
		{16, 2000, 2000, true}, // two panels
		{17, 2000, 2000, false},
		{30, 1700, 1700, true}, // 11 times as large as L2
		{31, 1700, 1700, false},
		{48, 1200, 1200, true}, // 5.5 times
		{48, 1300, 1300, false},
		{49, 1200, 1200, false},
		{2000, 1000, 64, true}, // of few inner elements
		{2000, 1000, 65, false},
		{2000, 2100, 64, false}, // B beyond half of L2
		{2000, 1024, 50, false}, // rows of C a page apart
		{2000, 1020, 50, false},
	} {
		if got := u.suits(tt.m, tt.n, tt.k, 4, c); got != tt.want {
			t.Errorf("with streams from L2 %d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}

// Where L2 sends a line in every cycle streams come from memory only of a B much larger than it.
func TestStreamsFromMemory(t *testing.T) {
	near, far := caches{l2: 1 << 20, last: 4 << 20}, caches{l2: 1 << 20, last: 4 << 20, streams: true}
	for _, tt := range []struct {
		c            caches
		rows, row, k int
		want         bool
	}{
		{near, 1, 2 << 10, 1 << 10, true}, {near, 1, 1 << 10, 1 << 10, false}, {far, 4, 12 << 10, 1 << 10, false}, {far, 4, 13 << 10, 1 << 10, true},
		{far, 3, 13000, 2000, true}, {far, 2, 13000, 2000, false}, {far, 2, 16 << 10, 1 << 10, true}, {far, 1, 16 << 10, 1 << 10, true},
	} {
		if got := tt.c.streamsFromMemory(tt.rows, tt.row, tt.k); got != tt.want {
			t.Errorf("%+v: %d rows, %d×%d bytes: from memory %v", tt.c, tt.rows, tt.row, tt.k, got)
		}
	}
}

// Where the last cache is far, up to four rows meet B from beyond L2 as streams, and up to three where its rows would be loaded in two parts.
func TestStreamsFarLast(t *testing.T) {
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	for _, tt := range []struct {
		m, row, k int
		want      bool
	}{
		{1, 4096, 1024, true}, {4, 4096, 1024, true}, {4, 2800, 600, false}, {4, 2800, 700, true},
		{1, 1000, 250, true}, {1, 1000, 150, false}, {2, 2800, 200, true}, {3, 3600, 300, true}, {3, 3600, 40, false},
		{1, 2048, 512, true}, {1, 2048, 256, false}, {2, 2048, 512, false}, {2, 2048, 800, true}, {3, 2048, 800, false},
	} {
		if got := streamsFromL2(tt.m, tt.row, tt.k, c); got != tt.want {
			t.Errorf("%d rows, %d×%d bytes: %v", tt.m, tt.k, tt.row, got)
		}
	}
	for _, tt := range []struct {
		rows, row, k int
		want         bool
	}{{3, 4096, 2048, true}, {2, 4096, 2048, false}, {4, 4096, 1024, false}} {
		if got := c.streamsFromMemory(tt.rows, tt.row, tt.k); got != tt.want {
			t.Errorf("%d rows, %d×%d bytes: from memory %v", tt.rows, tt.k, tt.row, got)
		}
	}
	if suitsStreams[int8](9, 1000, 1000, c) || !suitsStreams[int8](8, 1000, 1000, c) || !suitsStreams[int8](16, 2048, 2048, c) {
		t.Error("more than 8 rows of int8 are packed, but where they compete for L1")
	}
}

// B that takes more than three tenths of a large L2 is packed, unless few rows meet it.
func TestMatmulInPlaceOnLargeL2(t *testing.T) {
	u := inPlace{tiles: make([][]func(*asm.MatmulInPlace), 1), shallow: make([][]func(*asm.MatmulShallow), 4)}
	for _, tt := range []struct {
		m, n, k int
		large   bool
		want    bool
	}{
		{512, 512, 512, true, false}, {512, 512, 512, false, true}, {400, 384, 400, true, true}, {416, 416, 416, true, false}, {512, 512, 496, false, true}, {128, 512, 512, true, true}, {129, 512, 512, true, false},
		{64, 1040, 130, true, true}, {64, 1041, 130, true, false}, {63, 1041, 130, true, true},
	} {
		c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, streams: !tt.large}
		if got := u.suits(tt.m, tt.n, tt.k, 4, c); got != tt.want {
			t.Errorf("large %v, %d×%d×%d: %v, want %v", tt.large, tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}
