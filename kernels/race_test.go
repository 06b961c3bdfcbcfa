package kernels

import (
	"sync"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Parts of a call run at the same time, in two calls one after the other, with shapes whose workers share panels, columns and caches
// of keys. Every other test runs parts in turn: this one is for the race detector, which sees what Go code of the parts shares.
func TestPartsRunAtOnce(t *testing.T) {
	shapes := map[string][]shape.Shape{
		"matmul": {{M: 67, N: 129, K: 43}, {M: 5, N: 640, K: 96}, {M: 2, N: 9, K: 3000}, {M: 90, N: 270, K: 330}},
		"gemv":   {{M: 43, N: 700}}, "copy": {{N: 100003}}, "triad": {{N: 100003}}, "dot": {{N: 100003}},
		"attention": {{H: 2, Q: 37, KV: 61, D: 64}, {H: 1, Q: 70, KV: 200, D: 64, Causal: true}},
		"decode":    {{H: 3, Q: 1, KV: 211, D: 64}, {H: 1, Q: 1, KV: 9000, D: 64}},
	}
	for _, k := range All() {
		t.Run(k.ID(), func(t *testing.T) {
			for _, isa := range k.Needs {
				testkit.SkipUnsupported(t, cpu.Usable(isa))
			}
			for i, s := range shapes[whole(k.Op)] {
				if k.Check(s) != nil {
					continue
				}
				workers := 2 + i%2
				in, err := k.Build(s, workers)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					var all sync.WaitGroup
					for w := range workers {
						all.Go(func() { in.Part(w) })
					}
					all.Wait()
				}
				if v, err := in.Verify(); err != nil || !(v.MaxError <= v.Tolerance) {
					t.Errorf("%v, %d workers: %+v, %v", s, workers, v, err)
				}
			}
		})
	}
}
