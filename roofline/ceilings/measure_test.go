package ceilings

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// few is a choice of ceilings of every kind that is quick to measure.
var few = []string{"compute.fma.*.f32", "bandwidth.load.L1", "bandwidth.triad.L2", "latency.L1"}

func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for some seconds")
	}
	steps, last := 0, 0
	list, _, err := Measure(context.Background(), Options{Mode: Quick, Only: few, Progress: func(done, total int, what string) {
		steps++
		if done < 0 || done > total || what == "" {
			t.Errorf("progress %d of %d: %q", done, total, what)
		}
		last = total - done
	}})
	if err != nil {
		t.Fatal(err)
	}
	if steps == 0 || last > plans[Quick].maxRounds {
		t.Errorf("%d steps of progress, the last %d before the end", steps, last)
	}
	check(t, list)
	threads := map[string][]int{}
	for _, c := range list {
		threads[c.ID] = append(threads[c.ID], c.Threads)
		if c.Value.N < stats.MinSamples || !c.Value.Known() {
			t.Errorf("%s: %d rounds, want an interval", c.ID, c.Value.N)
		}
	}
	for _, c := range list {
		checkSweep(t, c)
	}
	both := slices.Compact([]int{1, workers.Usable()})
	for _, e := range Catalog() {
		want := both
		if e.Kind == "latency" {
			want = []int{1}
		}
		if e.Unavailable != nil || !(Options{Only: few}).wants(e.ID) {
			want = nil
		}
		if got := threads[e.ID]; !slices.Equal(got, want) {
			t.Errorf("%s was measured for %v threads, want %v", e.ID, got, want)
		}
	}
}

// checkSweep wants the curves of load and latency with one thread, and no other.
func checkSweep(t *testing.T, c roofline.Ceiling) {
	t.Helper()
	if want := c.Threads == 1 && (strings.HasPrefix(c.ID, "bandwidth.load.") || c.Kind == "latency"); !want {
		if c.Sweep != nil {
			t.Errorf("%s for %d threads has a sweep", c.ID, c.Threads)
		}
		return
	}
	if c.Sweep == nil || len(c.Sweep.Points) < 2 {
		t.Errorf("%s has no sweep", c.ID)
		return
	}
	for i, p := range c.Sweep.Points {
		if i > 0 && p.Bytes <= c.Sweep.Points[i-1].Bytes {
			t.Errorf("%s: working set %d follows %d", c.ID, p.Bytes, c.Sweep.Points[i-1].Bytes)
		}
		if !(p.Value > 0) {
			t.Errorf("%s: %g with %d bytes", c.ID, p.Value, p.Bytes)
		}
	}
}

// check validates ceilings as a result document does, and against the theory that they carry.
func check(t *testing.T, list []roofline.Ceiling) {
	t.Helper()
	res := roofline.NewResult(roofline.Machine{})
	res.Ceilings = list
	if err := res.Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range list {
		if c.Theory > 0 && c.Value.Median > exceeds*c.Theory {
			t.Errorf("%s: %g is above the theoretical %g", c.ID, c.Value.Median, c.Theory)
		}
		if c.Kind == "compute" && c.Note == "" {
			t.Errorf("%s says nothing about its theoretical line", c.ID)
		}
	}
}

// TestMeasureCancelled ends the measurement in its third round and expects what was measured so far.
func TestMeasureCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	only := []string{"compute.fma.scalar.f32", "compute.fma.scalar.f64"}
	list, _, err := Measure(ctx, Options{Mode: Quick, Threads: []int{1}, Only: only, Progress: func(done, total int, what string) {
		if strings.HasPrefix(what, "round") && done == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if len(list) != 2 {
		t.Fatalf("%d ceilings, want 2", len(list))
	}
	check(t, list)
	for _, c := range list {
		if c.Value.N != 3 || c.Value.Known() {
			t.Errorf("%s: %d rounds with interval %v, want 3 without", c.ID, c.Value.N, c.Value.Known())
		}
	}
}

func TestMeasureCancelledAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	list, _, err := Measure(ctx, Options{Mode: Quick, Threads: []int{1}, Only: few})
	if !errors.Is(err, context.Canceled) || len(list) != 0 {
		t.Errorf("%d ceilings, error %v", len(list), err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"pattern": {Only: []string{"compute.["}},
		"threads": {Threads: []int{1 << 20}},
	} {
		if list, _, err := Measure(context.Background(), o); err == nil || len(list) > 0 {
			t.Errorf("bad %s: %d ceilings, error %v", name, len(list), err)
		}
	}
}

func TestMeter(t *testing.T) {
	for _, id := range []string{"compute.fma.scalar.f64", "bandwidth.copy.L1"} {
		m, err := NewMeter(id, 8<<10)
		if err != nil {
			t.Fatal(err)
		}
		if c := m.Ceiling(); c.ID != id || c.Kind == "bandwidth" && !strings.Contains(c.Note, "8 KiB") {
			t.Errorf("%s measures %+v", id, c)
		}
		if v := m.Round(); !(v > 0) {
			t.Errorf("%s: a round of %g", id, v)
		}
		m.Close()
	}
	for _, id := range []string{"compute.fma.scalar.f128", "latency.L1", "bandwidth.load.L9"} {
		if _, err := NewMeter(id, 8<<10); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("%s: %v, want an error that names it", id, err)
		}
	}
}
