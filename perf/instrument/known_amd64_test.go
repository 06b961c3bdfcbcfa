package instrument_test

import (
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/known"
)

// The kernels of known work state what they execute, from their generator's own tally: every count must be that.
func TestKnownWork(t *testing.T) {
	levels, err := cache.Topology()
	if err != nil {
		t.Skip(err)
	}
	cpus, err := workers.CPUs(1)
	if err != nil {
		t.Fatal(err)
	}
	set, err := known.Open(known.Options{Caches: levels, CPU: cpus[0], Memory: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	for _, k := range set.Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			counts, err := instrument.Source{}.Count(t.Context(), k, perf.Known)
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for q, want := range k.Expected() {
				c, ok := counts[q]
				if !ok || c.Quality == perf.Missing {
					continue
				}
				compared++
				if c.Value < want.Lo || c.Value > want.Hi {
					t.Errorf("%s: counted %g, want %g to %g", q, c.Value, want.Lo, want.Hi)
				}
			}
			if compared == 0 {
				t.Error("nothing was compared")
			}
			if k.DType != "" && counts[operations(k)].Quality != perf.Exact {
				t.Errorf("%s is not counted", operations(k))
			}
		})
	}
}

// operations is the quantity that counts the operations of a kernel.
func operations(k *known.Kernel) perf.Quantity {
	if k.DType == "int8" {
		return perf.IntOpsOf(k.DType, k.Width)
	}
	return perf.FLOPsOf(k.DType, k.Width)
}
