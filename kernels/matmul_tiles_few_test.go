package kernels

import "testing"

// Which products vectors multiply in place of tiles: few rows, the fewer the smaller B is, few columns, and small depths of a large C.
func TestVectorShapes(t *testing.T) {
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	for _, tt := range []struct {
		m, n, k    int
		bf16, int8 bool
	}{
		{1, 1024, 1024, true, true},
		{8, 1024, 1024, true, true},
		{5, 512, 512, true, true},
		{6, 512, 512, false, true},
		{9, 1024, 1024, false, false},
		{12, 2000, 2000, false, true}, // B from beyond L2
		{13, 2000, 2000, false, false},
		{16, 4096, 4096, false, true}, // its rows compete for sets of L1
		{16, 8192, 512, false, false},
		{3, 64, 64, true, true}, // a small B
		{4, 64, 64, false, true},
		{6, 64, 64, false, false},
		{5, 31, 2048, true, false}, // less than a line of columns
		{6, 31, 2048, false, false},
		{300, 1, 2000, true, true},
		{300, 2, 2000, false, true},
		{300, 3, 2000, false, false},
		{1024, 1024, 6, true, true},
		{1024, 1024, 24, false, true},
		{64, 64, 6, false, false}, // C is small
		{67, 129, 43, false, false},
	} {
		if got := vectorsBF16.suits(tt.m, tt.n, tt.k, 2, c); got != tt.bf16 {
			t.Errorf("bf16 %d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.bf16)
		}
		if got := vectorsInt8.suits(tt.m, tt.n, tt.k, 1, c); got != tt.int8 {
			t.Errorf("int8 %d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.int8)
		}
	}
}

// Of the most rows of vectors tiles multiply those that take B in blocks.
func TestTilesOfFewRows(t *testing.T) {
	for _, tt := range []struct {
		m, n, k int
		blocks  bool
	}{{5, 500, 100, true}, {5, 512, 512, false}, {5, 64, 64, false}} {
		u := &microKernel{rows: 32, cols: 32, depth: 2048, tiles: true, step: 32}
		c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
		if got := u.blockOfFewRows(tt.m, tt.n, tt.k, 2, c) > 0; got != tt.blocks {
			t.Errorf("%dx%dx%d: blocks %v, want %v", tt.m, tt.n, tt.k, got, tt.blocks)
		}
	}
}
