package known_test

import (
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
	"github.com/roofline-go/roofline/perf/known"
)

// TestWorkIsWhatIsExecuted counts every kernel's call while it runs, in an instrumented copy, and compares that with what the
// kernel declares: trip counts, pieces and passes included, which a disassembly does not show.
func TestWorkIsWhatIsExecuted(t *testing.T) {
	cpus, err := cpu.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	set, err := known.Open(known.Options{CPU: cpus[0], Caches: []cache.Level{
		{Level: 1, Bytes: 32 << 10}, {Level: 2, Bytes: 512 << 10}, {Level: 3, Bytes: 16 << 20},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	p, err := instrument.New(instrument.Assembly("github.com/roofline-go/roofline/perf/known.known"), instrument.Options{Mode: rewrite.Count, ABI: blocks.GoABI0})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	undo, err := p.Patch()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := undo(); err != nil {
			t.Error(err)
		}
	}()
	for _, k := range set.Kernels() {
		var got *instrument.Totals
		err := k.OnEach(func(w int) error {
			th, err := p.NewThread()
			if err != nil {
				return err
			}
			defer th.Close()
			if err := th.Run(func() { k.Part(w) }); err != nil {
				return err
			}
			got, err = th.Profile().Totals()
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		want := k.Work()
		if k.Flushes { // whether a flush accesses memory is a matter of definition
			want.Loads, want.Stores, want.BytesLoaded, want.BytesStored = float64(got.Loads), float64(got.Stores), float64(got.BytesLoaded), float64(got.BytesStored)
		}
		have := known.Tally{
			Instructions: float64(got.Instructions), Loads: float64(got.Loads), Stores: float64(got.Stores),
			BytesLoaded: float64(got.BytesLoaded), BytesStored: float64(got.BytesStored), Ops: float64(got.FLOPs() + got.IntOps()),
		}
		if have != want {
			t.Errorf("%s: executed %+v, declared %+v", k.Name, have, want)
		}
	}
}
