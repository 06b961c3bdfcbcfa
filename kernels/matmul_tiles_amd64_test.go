package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// Rows of C are brought into L1 where it does not hold C, L2 does, and blocks have up to four steps: 8 rows in each of four, 32 in one.
func TestTilesBringRowsOfC(t *testing.T) {
	before := *amxInt8
	before.before = true
	for _, tt := range []struct {
		u           *microKernel
		m, n, k     int
		rows        int
		past, walks bool // B is more than L1 holds beside what passes; panels walk back and forth
	}{
		{amxInt8, 64, 64, 64, 0, false, false},     // L1 holds C
		{amxInt8, 128, 128, 128, 16, false, false}, // two steps
		{&before, 256, 256, 256, 8, true, true},    // B has 64 KiB
		{&before, 256, 256, 64, 32, false, true},   // one step
		{&before, 256, 256, 1024, 0, false, false}, // 16 steps
		{&before, 1024, 1024, 64, 0, false, true},  // C has 4 MiB
	} {
		s := shape.Shape{M: tt.m, N: tt.n, K: tt.k}
		x := newTiled(newProduct[int8, int32](s), tt.u, block{0, tt.m, 0, tt.n}, largeCore)
		if got := x.amx.rowsC * nearRows; got != tt.rows || x.amx.past != tt.past || x.amx.turns != tt.walks {
			t.Errorf("%dx%dx%d: %d rows, past %v, turns %v, want %d, %v, %v", tt.m, tt.n, tt.k, got, x.amx.past, x.amx.turns, tt.rows, tt.past, tt.walks)
		}
		code := x.panelCode(2, 0)
		want := x.u.code(x.cut.line)
		switch {
		case tt.walks && tt.past:
			want = x.u.nearPast
		case tt.walks:
			want = x.u.near
		}
		if &code[0] != &want[0] {
			t.Errorf("%dx%dx%d: other code", tt.m, tt.n, tt.k)
		}
	}
}
