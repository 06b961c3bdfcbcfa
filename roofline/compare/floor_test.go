package compare

import (
	"math"
	"os"
	"testing"

	"github.com/roofline-go/roofline/internal/cachedir"
)

func TestFloorStore(t *testing.T) {
	t.Setenv(cachedir.Env, t.TempDir())
	if _, ok, err := LoadFloor("m", OfKernels); ok || err != nil {
		t.Errorf("an empty store: %t, %v", ok, err)
	}
	want := Floor{Value: 0.01, Pairs: 10, Comparisons: 51, Time: "2026-01-02T03:04:05Z", Of: "triad"}
	for _, kind := range []Kind{OfKernels, OfCommands} {
		if err := SaveFloor("m", kind, want); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok, err := LoadFloor("m", OfKernels); !ok || err != nil || got != want {
		t.Errorf("%+v, %t, %v", got, ok, err)
	}
	path, _ := cachedir.File("floors", "m")
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadFloor("m", OfKernels); err == nil {
		t.Error("a damaged file was read")
	}
	if err := SaveFloor("m", OfKernels, want); err != nil {
		t.Errorf("a damaged file must be replaced: %v", err)
	}
}

func TestFloorOf(t *testing.T) {
	// The speed-up of every pair is 1 but of the last two, 1.1: of windows of 3 pairs only the last has 1.1 as its median.
	aa := Pair{Base: Side{Times: []float64{1, 1, 1, 1.1, 1.1}}, New: Side{Times: []float64{1, 1, 1, 1, 1}}}
	if v, n := FloorOf(aa, 3); math.Abs(v-0.1) > 1e-12 || n != 3 {
		t.Errorf("%g of %d, want 0.1 of 3", v, n)
	}
	if v, n := FloorOf(aa, 6); !math.IsNaN(v) || n != 0 {
		t.Errorf("too few pairs: %g, %d", v, n)
	}
}
