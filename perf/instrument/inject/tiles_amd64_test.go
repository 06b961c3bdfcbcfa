package inject

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Tiles have the size that their thread has configured, in the function or before; with several sizes nothing is claimed.
func TestTiles(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXBF16))
	bin := build(t, "tiles.c", "-O2", "-mamx-tile", "-mamx-bf16")
	const want = 100 * 2 * 16 * 32 * (16 + 16 + 7) // a thread takes 7 rows
	for _, function := range []string{"outer", "inner"} {
		r, out := count(t, function, bin)
		if got := flops(t, r); got != want || r.Calls != 3 || !r.Exact() || out != "6400\n" {
			t.Errorf("%s: %d FLOPs in %d calls, exact %t, printed %q; want %d in 3", function, got, r.Calls, r.Exact(), out, want)
		}
	}
	for _, function := range []string{"outer", "inner", "twice"} {
		if r, out := count(t, function, bin, "twice"); r.Exact() || r.Tiles == 0 || out != "6400\n" {
			t.Errorf("%s with tiles of two sizes: exact %t, %d blocks, printed %q", function, r.Exact(), r.Tiles, out)
		}
	}
}
